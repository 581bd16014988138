r"""Text from outside, made safe to show: nothing in it can steer a terminal, a page or the direction of reading."""

from __future__ import annotations

import shlex
import unicodedata
from collections.abc import Iterable
from typing import Final

__all__ = ["ascii_text", "shell_line", "shown"]

_TAB: Final = " " * 4
_NO_WAY_BACK: Final = {"\r\n": "\n", "\r": "\n"}


def shown(text: object, *, lines: bool = False, longest: int | None = None) -> str:
    r"""Return a text in which every character that is not seen stands written out, as in ``\x1b`` and ``\u202e``.

    Written out are control characters, marks of direction and of zero width, ends of lines and paragraphs, halves of
    a character, and what is no character. Nothing is left out, and what is written out comes out of a second call as
    it was.

    Parameters
    ----------
    text
        Anything; what is no string is shown as `str` gives it.
    lines
        Whether line feeds stay; a tab is four spaces then, and every other kind of line end a line feed.
    longest
        Characters of which the end is shown, behind an ellipsis; all of them where it is None.
    """
    said = str(text)
    if lines:
        for written, kept in _NO_WAY_BACK.items():
            said = said.replace(written, kept)
        said = said.replace("\t", _TAB)
    if longest is not None and len(said) > longest:
        said = "…" + said[1 - longest :]
    if lines:  # line by line: nearly all of a long text is printable, which is seen at once
        return "\n".join(map(_seen, said.split("\n")))
    return _seen(said)


def _seen(line: str) -> str:
    """Return a line in which every character that is not seen stands written out."""
    if line.isprintable():
        return line
    return "".join(each if each.isprintable() or _is_space(each) else _written_out(each) for each in line)


def ascii_text(text: object) -> str:
    """Return what `shown` does in one line of nothing but printable ASCII: as a comment of a script."""
    return "".join(each if each.isascii() else _written_out(each) for each in shown(text))


def shell_line(words: Iterable[str], *, only_ascii: bool = False) -> str:
    r"""Return a command as a line for a shell: one line, of which a person sees every character.

    A word with characters that are not seen stands as ``$'...'``, which bash, zsh and POSIX since 2024 understand;
    with `only_ascii`, so does one with any other than those of ASCII.
    """
    return " ".join(
        shlex.quote(word) if word.isprintable() and (word.isascii() or not only_ascii) else _ansi_quoted(word)
        for word in words
    )


def _ansi_quoted(word: str) -> str:
    # A byte of a path that is no UTF-8 stands in a text of Python as a half of a character.
    data = word.encode("utf-8", "surrogateescape" if _has_foreign_bytes(word) else "surrogatepass")
    seen = (chr(byte) if 0x20 <= byte < 0x7F and chr(byte) not in "'\\" else f"\\x{byte:02x}" for byte in data)
    return f"$'{''.join(seen)}'"


def _has_foreign_bytes(word: str) -> bool:
    halves = [each for each in word if "\ud800" <= each <= "\udfff"]
    return all("\udc80" <= each <= "\udcff" for each in halves)


def _is_space(character: str) -> bool:
    """Tell whether it is one of the spaces of which a person sees at least the room."""
    return unicodedata.category(character) == "Zs"


def _written_out(character: str) -> str:
    short = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}.get(character)
    code = ord(character)
    if short is not None:
        return short
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
