"""Files that nobody but this user, or root, can have written.

What the cache holds is unpickled and run. A checksum does not say who wrote it; the system does. So, as ssh asks of
keys, every folder on the way from the root, the folder itself and each file must belong to this user or to root, and
nobody else may write to them; a folder on the way may be open to all where it is sticky, as /tmp is. The folder and
the file are asked for what they are after they were opened: a path may lead elsewhere at the next moment.

A secret key for the checksum would add nothing: it would have to lie in such a folder too, and who can write there can
read it. Windows has no owners that Python can tell: there the folder that ``NUMBA_CACHE_DIR`` names is trusted as
Numba trusts it, and the others are the user's own unless they were shared on purpose.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

__all__ = ["HAS_OWNERS", "NotOwn", "made_folder", "open_to_write", "read_file"]

HAS_OWNERS: Final = hasattr(os, "geteuid")
"""Whether the system tells who owns a file."""
_WRITABLE_BY_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH


class NotOwn(OSError):
    """A file or folder that somebody else could have written."""


def made_folder(path: Path) -> Path:
    """Return a folder as a path without links, made for this user alone where it is missing.

    Raises
    ------
    OSError
        Where it cannot be made or written to; `NotOwn` where somebody else could write to it, or put another in its
        place.
    """
    for missing in [each for each in reversed(path.parents) if not each.exists()]:
        missing.mkdir(mode=0o700, exist_ok=True)  # whatever the umask is
    folder = path.parent.resolve(strict=True) / path.name
    if HAS_OWNERS:
        for above in folder.parents:
            _check(str(above), above.lstat(), sticky=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    with _opened_folder(folder):
        return folder


def read_file(path: Path) -> bytes:
    """Return the content of a file.

    Raises
    ------
    OSError
        Where it cannot be read; `NotOwn` where somebody else could have written it, or where it is a link.
    """
    if not HAS_OWNERS:
        return path.read_bytes()
    with _opened_folder(path.parent) as folder:
        file = os.open(path.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        with os.fdopen(file, "rb") as opened:
            found = os.fstat(file)
            if not stat.S_ISREG(found.st_mode):
                raise NotOwn(f"{path} is no file")
            _check(str(path), found)
            return opened.read()


@contextmanager
def open_to_write(path: Path) -> Iterator[IO[bytes]]:
    """Open a new file that nobody else can write to, whatever the umask is.

    Raises
    ------
    OSError
        Where it is there already, or cannot be made.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        yield file


@contextmanager
def _opened_folder(folder: Path) -> Iterator[int]:
    """Yield a descriptor of a folder that is no link and is this user's."""
    if not HAS_OWNERS:
        yield -1
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _check(str(folder), os.fstat(descriptor))
        yield descriptor
    finally:
        os.close(descriptor)


def _check(name: str, found: os.stat_result, *, sticky: bool = False) -> None:
    if found.st_uid not in (0, os.geteuid()):
        raise NotOwn(f"{name} belongs to another user")
    if found.st_mode & _WRITABLE_BY_OTHERS and not (sticky and found.st_mode & stat.S_ISVTX):
        raise NotOwn(f"others can write to {name}")
