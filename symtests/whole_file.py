"""Files that are written whole or not at all, and never through a symbolic link."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from symtests.validation import InvalidValue

__all__ = ["is_shortage", "make_folder", "remove_leftovers", "require_folder", "require_writable", "write_whole"]

_SHORTAGES = frozenset(
    getattr(errno, name)
    for name in (
        "EACCES", "EDQUOT", "EFBIG", "EIO", "EISDIR", "ELOOP", "EMFILE", "ENAMETOOLONG", "ENFILE", "ENODEV", "ENOENT",
        "ENOLCK", "ENOSPC", "ENOTDIR", "EPERM", "EROFS", "ESTALE",
    )
    if hasattr(errno, name)
)  # fmt: skip

_TEMPORARY: Final = re.compile(r"\..+\.[0-9a-f]{12}\.symtests-tmp", re.DOTALL)
"""What a temporary file is called, and nothing that a person would write."""


def write_whole(path: Path, content: str | bytes) -> None:
    r"""Write a file: whoever opens `path` finds the old content or the new one, whatever happens in between.

    The content goes into a temporary file of the same folder, to the disk, and then takes the place of what is at
    `path`. A symbolic link there is replaced and not followed; a link on the way to the folder is followed. The file
    gets the permissions of a new file. What is no file, as a device, a pipe or a link to one, stays as it is.

    Parameters
    ----------
    path
        The file; its folder must exist.
    content
        What it holds; text is written in UTF-8 with its line ends as they are, and halves of surrogate pairs, which
        UTF-8 cannot hold, as in ``\udc80``.

    Raises
    ------
    OSError
        Where it cannot be written; `path` is as it was then, and the temporary file is gone.
    """
    if _is_special(path):
        raise OSError(errno.ENODEV, "it is a device or a pipe and no file", str(path))
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}.symtests-tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    _keep_name(path.parent)


def _is_special(path: Path) -> bool:
    """Tell whether there is something that is neither a file nor a folder: nobody means to have it replaced by one."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # there is nothing, or a link that leads nowhere
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _keep_name(folder: Path) -> None:
    """Bring the name of a file to the disk too, on systems that can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder inside one of ours; a symbolic link in its place is removed and not followed.

    Raises
    ------
    OSError
        Where it cannot be made.
    """
    if folder.is_symlink():
        folder.unlink()
    folder.mkdir(exist_ok=True)


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files that a writer left in a folder when it was killed.

    Parameters
    ----------
    folder
        It need not exist, and nobody else may be writing there; a symbolic link to a folder is not followed.
    """
    if folder.is_symlink():
        return
    with suppress(OSError):
        for path in folder.iterdir():
            if _TEMPORARY.fullmatch(path.name) and stat.S_ISREG(path.lstat().st_mode):
                path.unlink()


def is_shortage(error: BaseException) -> bool:
    """Tell whether an error says that a file system is full, read-only, gone or forbidden: no fault of a program."""
    return isinstance(error, OSError) and error.errno in _SHORTAGES


def require_folder(name: str, folder: Path) -> None:
    """See that files can be written to a folder, which need not exist yet; nothing is made.

    Parameters
    ----------
    name
        The argument, for the sentence.
    folder
        The folder.

    Raises
    ------
    InvalidValue
        Where it is something else, or what is there is read-only.
    """
    try:
        with suppress(FileNotFoundError, NotADirectoryError):
            folder.lstat()  # raises for a name that no folder can have
        standing = next(parent for parent in (folder, *folder.absolute().parents) if os.path.lexists(parent))
        usable, writable = standing.is_dir(), os.access(standing, os.W_OK | os.X_OK)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidValue(f"{name}={str(folder)!r}: cannot be used ({reason}); name another folder") from None
    if not usable:
        what = "is no folder" if standing == folder else f"cannot be made, as {str(standing)!r} is no folder"
        raise InvalidValue(f"{name}={str(folder)!r}: {what}; name another one")
    if not writable:
        raise InvalidValue(f"{name}={str(folder)!r}: cannot be written to; name another folder, or change its rights")


def require_writable(name: str, path: Path) -> None:
    """See that a file can be written, before what it is to hold has cost time; nothing is made.

    Raises
    ------
    InvalidValue
        Where it is a folder, a device or a pipe, or its folder cannot be written to.
    """
    if _is_special(path):
        raise InvalidValue(f"{name}={str(path)!r}: is a device or a pipe; name a file")
    try:
        is_folder = path.is_dir() and not path.is_symlink()
    except (OSError, ValueError):
        is_folder = False
    if is_folder:
        raise InvalidValue(f"{name}={str(path)!r}: is a folder; name a file in it")
    try:
        require_folder(name, path.parent)
    except InvalidValue:
        raise InvalidValue(
            f"{name}={str(path)!r}: its folder is none, or cannot be written to; name another file"
        ) from None
