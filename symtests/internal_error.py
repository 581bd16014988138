"""What is left of an internal error: a file with the traceback, and a sentence that says where it is."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Final

from symtests.whole_file import is_shortage, write_whole

__all__ = ["FILE", "told"]

FILE: Final = "internal_error.txt"
"""Name of the file in the folder of a run."""
_LONGEST: Final = 300


def told(error: BaseException, folder: Path | None, at_work: str = "") -> str:
    """Keep the traceback of an error; return what a person should know of it, in one or two sentences.

    A full disk and the like are no fault of symtests; then nothing is kept, and the sentence says what is wrong.

    Parameters
    ----------
    error
        What was raised.
    folder
        Where to keep the traceback; a temporary file takes its place where that cannot be written, or is None.
    at_work
        What was done, as in "GRAD1 of net.py:Net in float32 was being judged".
    """
    if isinstance(error, OSError) and is_shortage(error):
        named = f" {error.filename!r}" if error.filename is not None else ""
        doing = f" while {at_work}" if at_work else ""
        return f"cannot write or read{named} ({error.strerror}){doing}; make room or name another folder, and run again"
    kind, message = type(error).__name__, " ".join(_text_of(error).split())
    said = f"{kind}: {message}" if message else kind
    said = said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"
    doing = f" while {at_work}" if at_work else ""
    kept = _keep(error, folder, doing.strip())
    where = f"the traceback is in {str(kept)!r}; please report it" if kept else "its traceback could not be kept"
    return f"internal error{doing}: {said}; {where}"


def _keep(error: BaseException, folder: Path | None, doing: str) -> Path | None:
    """Write the traceback to a file; return the file, or None where there is no room anywhere."""
    text = _report(error, doing)
    if folder is not None:
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(folder / FILE, text)
            return folder / FILE
    with suppress(OSError):
        descriptor, name = tempfile.mkstemp(prefix="symtests-internal-error-", suffix=".txt", text=True)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        return Path(name)
    return None


def _report(error: BaseException, doing: str) -> str:
    from symtests import __version__

    try:
        trace = "".join(traceback.format_exception(error))
    except Exception as another:  # an exception whose text cannot be made
        trace = "".join(traceback.format_tb(error.__traceback__)) + f"{type(error).__name__} ({type(another).__name__})"
    command = " ".join(map(repr, sys.argv[1:]))
    return (
        "An internal error of symtests: this is no fault of the implementation that was checked.\n"
        "Please report it with this file and, if you can, the implementation.\n\n"
        f"symtests {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"arguments: {command}\n{doing}\n\n{trace}"
    )


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return ""
