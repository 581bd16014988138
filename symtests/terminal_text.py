"""What reaches a terminal: text from outside, of which a person sees every character, and no markup is read in it."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterable
from typing import IO, Any, Final

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.segment import Segment
from rich.text import Text

from symtests.shown_text import shell_line, shown

__all__ = ["line_of", "line_to_type", "lines_of", "terminal", "typed"]

_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_TRAILING: Final = re.compile(rf"(?:[ \t]|{_COLOUR.pattern})+(?=\n)")
"""Blanks at the end of a line, with the colours between them."""


def line_of(text: object, style: str = "") -> Text:
    """Return a text as one line for a terminal, whatever is in it."""
    return Text(shown(text), style=style)


def lines_of(text: object, style: str = "") -> Text:
    """Return a text for a terminal with its lines kept, whatever else is in it."""
    return Text(shown(text, lines=True), style=style)


def line_to_type(text: object, style: str = "") -> RenderableType:
    """Return a line that a person may copy: it is not broken, however narrow the terminal is.

    What prints it must not crop it: ``console.print(..., crop=False)``.
    """
    # In a group, as a console joins texts to a new one, which would be broken.
    return Group(Text(shown(text), style=style, no_wrap=True, overflow="ignore"))


def typed(command: str, encoding: str) -> str:
    r"""Return a line for a shell in characters that a terminal can show; words that it cannot are ``$'...'``."""
    try:
        command.encode(encoding)
        return command
    except (UnicodeError, LookupError):
        # A word that is quoted so already is none that shlex could read.
        return command if "$'" in command else shell_line(shlex.split(command), only_ascii=True)


def terminal(*, stderr: bool = False) -> Console:
    """Return what writes to standard output, or to standard error: strings are printed as they are, without markup."""
    stream = sys.stderr if stderr else sys.stdout
    if stream is None or stream.isatty():
        return _Console(stderr=stderr, markup=False, emoji=False, highlight=False)
    file: Any = _WithoutTrailingBlanks(stream)
    return _Console(file=file, markup=False, emoji=False, highlight=False)


class _Console(Console):
    """A console by which no character reaches a terminal that was not meant to: the last place to see to it."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render as any console does; what is text is shown, what moves the cursor is rich's own."""
        for segment in super().render(renderable, options):
            text, style, control = segment
            yield segment if control else Segment(shown(text, lines=True), style)


class _WithoutTrailingBlanks:
    """A stream that is no terminal: what fills the lines of a table and of a paragraph does not reach it.

    Parameters
    ----------
    stream
        Where to write. All else that is asked is asked of it.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write whole lines, as a console does."""
        self._stream.write(_TRAILING.sub(lambda found: "".join(_COLOUR.findall(found[0])), text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
