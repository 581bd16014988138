"""The folder of a run while it is written: no other run writes there, and what helps the run lies in a folder of it."""

from __future__ import annotations

import importlib
import importlib.util
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NoReturn

from symtests.checking.results.scripts import COUNTEREXAMPLES
from symtests.validation import InvalidValue
from symtests.whole_file import make_folder, remove_leftovers, require_folder

fcntl: Any = importlib.import_module("fcntl") if importlib.util.find_spec("fcntl") else None  # Windows has none

__all__ = ["RunFolder", "own_folder", "require_free"]

_OWN: Final = ".symtests"
_LOCK: Final = "lock"
_TRIES: Final = 10


class RunFolder:
    """The folder of a run, which it has to itself until it is closed, or its process ends.

    Parameters
    ----------
    folder
        It is made where it is missing; it may be a symbolic link to a folder.
    name
        The argument, for sentences.

    Attributes
    ----------
    own
        A folder in it for what is of no use to a person.

    Raises
    ------
    InvalidValue
        Where another run has it, or it cannot be written to.
    """

    def __init__(self, folder: Path, name: str = "out") -> None:
        self.folder, self._name = folder, name
        self.own = own_folder(folder)
        self._descriptor: int | None = None
        self._lock()

    def hold_again(self) -> None:
        """See that the folder is still this run's; it may have been removed, and made again by another run.

        Raises
        ------
        InvalidValue
            Where another run has it now, or it cannot be written to.
        """
        if self._descriptor is None or not _is_named(self._descriptor, self.own / _LOCK):
            self.close()
            self._lock()

    def close(self) -> None:
        """Let other runs have the folder."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        ours = _is_named(descriptor, self.own / _LOCK)
        os.close(descriptor)
        if fcntl is None and ours:
            with suppress(OSError):
                (self.own / _LOCK).unlink()

    def _lock(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            make_folder(self.own)
            self._descriptor = _locked(self.own / _LOCK)
        except OSError as error:
            raise InvalidValue(
                f"{self._name}={str(self.folder)!r}: cannot be written to ({error.strerror}); name another folder"
            ) from None
        if self._descriptor is None:
            _refuse(self._name, self.folder)
        for folder in (self.folder.resolve(), self.own, self.folder / COUNTEREXAMPLES):
            remove_leftovers(folder)


def own_folder(folder: Path) -> Path:
    """Return the folder for what is of no use to a person, in the folder of a run; it need not exist."""
    return folder / _OWN


def require_free(name: str, folder: Path) -> None:
    """See that a run can be written to a folder, before it costs time; nothing is made.

    Raises
    ------
    InvalidValue
        Where it is no folder, cannot be written to, or another run has it.
    """
    require_folder(name, folder)
    lock = own_folder(folder) / _LOCK
    if fcntl is None:
        if os.path.lexists(lock):
            _refuse(name, folder)
    elif lock.is_file():
        with suppress(OSError):  # what is wrong with it is told when the run begins
            descriptor = _locked(lock)
            if descriptor is None:
                _refuse(name, folder)
            os.close(descriptor)


def _locked(path: Path) -> int | None:
    """Return the descriptor of a file that is locked for this process, or None where another process has it."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    if fcntl is None:
        try:
            return os.open(path, flags | os.O_EXCL, 0o666)
        except FileExistsError:
            return None
    for _ in range(_TRIES):
        descriptor = os.open(path, flags, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        except OSError:  # a file system without locks: better no lock than no run
            return descriptor
        if _is_named(descriptor, path):
            return descriptor
        os.close(descriptor)  # another run has removed it in between
    return None


def _is_named(descriptor: int, path: Path) -> bool:
    """Tell whether the open file is the one at a path."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except OSError:
        return False


def _refuse(name: str, folder: Path) -> NoReturn:
    advice = "" if fcntl is not None else f"; if none is under way, delete {str(own_folder(folder) / _LOCK)!r}"
    raise InvalidValue(
        f"{name}={str(folder)!r}: another run is writing there; wait for its end, or name another folder{advice}"
    )
