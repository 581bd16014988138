"""The files of an implementation's own that go along to the machines where it is checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from symtests.implementations import BUILT_IN
from symtests.implementations.command_name import is_command, words_of
from symtests.validation import InvalidValue

__all__ = ["Luggage", "luggage_of"]

_MOST_BYTES: Final = 32 * 2**20
"""Bytes of all files together; what is larger belongs on the machines themselves."""
_MOST_FILES: Final = 2000
_SKIPPED: Final = frozenset({"__pycache__", "node_modules", ".git", ".venv", "venv"})


@dataclass(frozen=True)
class Luggage:
    """Files by their paths below the current folder, each with its permissions."""

    files: tuple[tuple[str, int, bytes], ...]

    def unpack(self, folder: Path) -> None:
        """Write the files below a folder.

        Raises
        ------
        OSError
            Where one cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for name, mode, content in self.files:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(mode)


def luggage_of(names: Iterable[str], folder: Path, more: Iterable[Path] = ()) -> Luggage:
    """Return the files that implementations and properties of one's own need.

    Of ``file.py:object`` that is the file with the Python files beside it; of ``package.module:object`` the package, if
    it lies in the folder; of a command the files among its words, with those beside them of the same suffix. What lies
    elsewhere does not go along, and must be installed on each machine.

    Parameters
    ----------
    names
        What `symtests.implementations.find` takes, and properties as ``package.module:object``.
    folder
        The current folder: paths are seen from there.
    more
        Further files and folders.

    Raises
    ------
    InvalidValue
        Where a file lies outside of the folder, or they are too many or too large.
    """
    folder = folder.resolve()
    found: dict[str, Path] = {}
    for name in names:
        for path in _files_of(name, folder):
            found[_below(path, folder, name)] = path
    for given in more:
        if not (folder / given).exists():
            raise InvalidValue(f"send={str(given)!r}: there is no such file or folder")
        for path in _all_below(folder / given):
            found[_below(path, folder, str(given))] = path
    size = sum(path.stat().st_size for path in found.values())
    if size > _MOST_BYTES or len(found) > _MOST_FILES:
        raise InvalidValue(
            f"scheduler: {len(found)} files of {size / 2**20:.0f} MiB would have to go along, of {_MOST_FILES} and "
            f"{_MOST_BYTES // 2**20} MiB at most; install the implementation on the workers"
        )
    return Luggage(
        tuple((name, path.stat().st_mode & 0o777, path.read_bytes()) for name, path in sorted(found.items()))
    )


def _files_of(name: str, folder: Path) -> Iterator[Path]:
    if is_command(name):
        for word in words_of(name):
            path = folder / word
            if not Path(word).is_absolute() and path.is_file():
                yield path
                yield from path.parent.glob(f"*{path.suffix}") if path.suffix else ()
        return
    place = name.rpartition(":")[0]
    if name in BUILT_IN or not place:
        return
    if place.endswith(".py"):
        path = folder / place
        if path.is_file():
            yield path
            yield from path.parent.glob("*.py")
        return
    top = folder / place.split(".")[0]
    if top.is_dir():
        yield from _all_below(top)
    elif top.with_suffix(".py").is_file():
        yield from folder.glob("*.py")


def _all_below(path: Path) -> Iterator[Path]:
    """Give a file, or the files below a folder."""
    if path.is_dir():
        for each in sorted(path.iterdir()):
            if each.name not in _SKIPPED and not (each.is_symlink() and each.is_dir()):
                yield from _all_below(each)
    elif path.is_file():
        yield path


def _below(path: Path, folder: Path, name: str) -> str:
    """Return the path of a file as seen from the folder."""
    resolved = path.parent.resolve() / path.name
    if not resolved.is_relative_to(folder):
        raise InvalidValue(
            f"scheduler: {str(path)!r} of {name!r} lies outside of the current folder, and does not go along; start "
            "in a folder that holds it, or install it on the workers"
        )
    return resolved.relative_to(folder).as_posix()
