"""A results file while it grows: each line is on disk when it is told, and a full disk costs no line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from symtests.checking.results.plain import plain
from symtests.whole_file import write_whole

__all__ = ["GrowingFile"]


class GrowingFile:
    """A results file that is being written; what has been added is on disk whatever happens next.

    A line that cannot be written is kept, and tried again with the next one and at the end; then the whole file is
    written anew where it has vanished.

    Parameters
    ----------
    path
        Where it is; its folder is made. What is there is replaced.
    records
        The lines with which it starts.

    Raises
    ------
    OSError
        Where it cannot be written.
    """

    def __init__(self, path: Path, records: Iterable[Mapping[str, Any]]) -> None:
        self._path = path
        self._lines = [_line(record) for record in records]
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, b"".join(self._lines))
        flags = os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        self._file = open(os.open(path, flags), "wb", buffering=0)  # noqa: PTH123, SIM115 - closed by `close`
        self._written = self._file.seek(0, os.SEEK_END)
        self._told = len(self._lines)

    @property
    def lines(self) -> int:
        """How many lines there are, those included that could not be written yet."""
        return len(self._lines)

    def add(self, record: Mapping[str, Any]) -> None:
        """Add one line.

        Raises
        ------
        OSError
            Where it could not be written; it is kept for the next time.
        """
        self._lines.append(_line(record))
        self._write()

    def end(self, record: Mapping[str, Any]) -> None:
        """Add the last line, and see that all lines are on disk, under the name of the file.

        Raises
        ------
        OSError
            Where they cannot be.
        """
        self._lines.append(_line(record))
        self._complete()

    def close(self) -> None:
        """Close the file; what could not be written before is tried once more."""
        with suppress(OSError):
            self._complete()
        with suppress(OSError):
            self._file.close()

    def _complete(self) -> None:
        try:
            self._write()
            os.fsync(self._file.fileno())
            here, named = os.fstat(self._file.fileno()), self._path.lstat()
            if (here.st_dev, here.st_ino, here.st_size) == (named.st_dev, named.st_ino, named.st_size):
                return
        except OSError:
            pass
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self._path, b"".join(self._lines))

    def _write(self) -> None:
        """Write the lines that are not on disk yet, over whatever part of them is."""
        waiting = b"".join(self._lines[self._told :])
        if not waiting:
            return
        self._file.seek(self._written)
        self._file.truncate()
        done = 0
        while done < len(waiting):
            done += self._file.write(waiting[done:]) or 0
        self._written += len(waiting)
        self._told = len(self._lines)


def _line(record: Mapping[str, Any]) -> bytes:
    return json.dumps(plain(record), allow_nan=False, ensure_ascii=False).encode() + b"\n"
