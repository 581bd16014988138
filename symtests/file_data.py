"""Files of data from outside: read as a whole, in the version of the format that this symtests knows, or refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from symtests.validation import InvalidValue

__all__ = ["json_of", "require_version", "text_of"]


def text_of(name: str, path: Path, advice: str) -> str:
    """Return the text of a file.

    Parameters
    ----------
    name
        What the file is given as, as in ``known``.
    path
        The file.
    advice
        What to do where it cannot be read, as in ``write it with symtests vectors export``.

    Raises
    ------
    InvalidValue
        Where it cannot be read, or is no UTF-8 text.
    """
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a path with a null byte
        reason = getattr(error, "strerror", None) or error
        raise InvalidValue(f"{name}={str(path)!r}: cannot be read ({reason}); {advice}") from None
    try:
        return content.decode("utf-8-sig")  # some editors begin a text with a mark of its encoding
    except UnicodeDecodeError as error:
        raise InvalidValue(
            f"{name}={str(path)!r}: is no UTF-8 text ({error.reason} at byte {error.start}); {advice}"
        ) from None


def json_of(text: str | bytes) -> Any:
    """Return what a text of JSON says; a bare NaN or infinity is none.

    Raises
    ------
    ValueError
        Where it is none, or is nested too deeply, or holds a number of thousands of digits.
    """
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def require_version(place: str, found: object, known: int) -> None:
    """Refuse another version of a format than the one that is read.

    Parameters
    ----------
    place
        The file, and the line where that helps.
    found, known
        The version that the file names, whatever that is, and the one that this symtests reads.

    Raises
    ------
    InvalidValue
        Where they differ.
    """
    if isinstance(found, int) and not isinstance(found, bool):
        if found == known:
            return
        if found > known:
            raise InvalidValue(
                f"{place}: schema={_short(found)}: is of a later symtests, and this one reads version {known} of the "
                "format; install a newer symtests, or write the file with this one"
            )
    raise InvalidValue(f"{place}: schema={_short(found)}: must be {known}; write the file with this symtests")


def _short(value: object) -> str:
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # nested almost too deeply, or a number of thousands of digits
        return f"<{type(value).__name__}>"
    return text if len(text) <= 40 else text[:40] + "…"


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} must stand as the string {json.dumps(word)}")
