"""Text as Markdown that says just that text: on GitHub, in a table or out of it."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["Markdown", "code", "fenced", "plain"]

_SPECIAL: Final = re.compile(r"([\\`*_\[\]|~#])")
_BEGINS_A_BLOCK: Final = re.compile(r"^(\d{0,9})((?<!\d)(?:[-+](?![\d.])|=(?==*$))|(?<=\d)[.)](?=\s|$))")
"""What makes a list, a rule or a heading of a line that begins with it."""
_ENTITIES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;", "@": "&#64;"})


class Markdown(str):
    """Text that is Markdown already, so that it is not escaped again."""

    __slots__ = ()


def plain(value: object) -> Markdown:
    """Return a value as Markdown that shows its text on one line, whatever characters it has."""
    if isinstance(value, Markdown):
        return value
    line = _SPECIAL.sub(r"\\\1", " ".join(str(value).split())).translate(_ENTITIES)
    return Markdown(_BEGINS_A_BLOCK.sub(r"\1\\\2", line))


def code(value: object) -> Markdown:
    """Return a value as code within a line, which may be a cell of a table."""
    # Backticks would not do: in a table, a backslash within them is sometimes text and sometimes not.
    return Markdown(f"<code>{plain(value)}</code>")


def fenced(value: object, language: str = "") -> Markdown:
    """Return lines as a block of code that nothing within can end."""
    text = str(value).rstrip("\n")
    fence = "`" * max(3, _longest_run(text) + 1)
    return Markdown(f"{fence}{language}\n{text}\n{fence}")


def _longest_run(text: str) -> int:
    """Return the length of the longest run of backticks."""
    return max((len(run) for run in re.findall("`+", text)), default=0)
