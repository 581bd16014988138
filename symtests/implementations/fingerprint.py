"""Fingerprints of code: whether an implementation, or symtests itself, is still what an earlier run judged.

A fingerprint is a SHA-256 in hexadecimal over a list of entries, each with a name and what was found under it. What
cannot be read counts as an entry that says so, so that a fingerprint is always returned; and as most of what is read
are files of a known place, one that is there today and not tomorrow changes it.

Of code in Python it covers the file of the module, every loaded module below the folder of that file and below the
current folder, the whole package where the module lies in one, and the versions of the libraries that these files
import. It covers neither data files, nor what a library loads in its turn, nor the state of an object. Of a command it
covers the words, the files and folders among them, the files beside those of the same suffix, and the program.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import importlib.util
import shutil
import sys
import sysconfig
import time
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Final

from symtests.implementations import BUILT_IN
from symtests.implementations.command_name import is_command, words_of
from symtests.validation import InvalidValue

__all__ = ["fingerprint_of", "fingerprint_of_object", "fingerprint_of_symtests"]

_CODE: Final = frozenset((".py", ".pyx", ".pxd", ".pyc", ".so", ".pyd", ".dll", ".dylib", ".json"))
"""Suffixes of the files of a package that count."""
_LARGEST: Final = 8 * 2**20
"""Bytes of a file above which its size and its time of change stand for its content."""
_BYTES_READ: Final = 128 * 2**20
"""Bytes after which size and time stand for the content of every further file."""
_FILES_LISTED: Final = 20_000
"""Files of one folder that are listed at most."""
_FILES_BESIDE: Final = 200
"""Files beside a file of a command that are looked at."""
_SECONDS: Final = 10.0
"""Seconds after which no further file is looked at."""
_NOT_OURS: Final = ("benchmarks", "reports", "commands", "__pycache__")
"""Folders of symtests that have no part in a verdict."""


def fingerprint_of(location: str, loaded: Mapping[str, ModuleType], folder: Path) -> str:
    """Return the fingerprint of an implementation that was found by its location.

    Parameters
    ----------
    location
        What `symtests.implementations.find` takes.
    loaded
        The modules of the process that has imported it, by name, as in `sys.modules`.
    folder
        The folder in which it was found: paths are seen from there.
    """
    entries = _Entries()
    known = BUILT_IN.get(location)
    if known is not None:
        entries.say("built in", known.location)
        _add_library(entries, known.requires or "numpy")
    elif is_command(location):
        _add_command(entries, location, folder)
    else:
        place = location.rpartition(":")[0]
        file = folder / place if place.endswith(".py") else _file_of(loaded.get(place))
        _add_python(entries, place, file, loaded, folder)
    return entries.digest()


def fingerprint_of_object(implementation: object, loaded: Mapping[str, ModuleType], folder: Path) -> str:
    """Return the fingerprint of an implementation that was handed over as an object: that of its class's module.

    Parameters
    ----------
    implementation
        The object; nothing of it is called.
    loaded, folder
        As for `fingerprint_of`.
    """
    kind = type(implementation)
    module, name = (str(type.__getattribute__(kind, part)) for part in ("__module__", "__qualname__"))
    entries = _Entries()
    entries.say("class", name)
    for each in kind.__mro__[:-1]:
        if _file_of(loaded.get(str(type.__getattribute__(each, "__module__")))) is None:  # typed into a console
            _add_class(entries, each)
    _add_python(entries, module, _file_of(loaded.get(module)), loaded, folder)
    return entries.digest()


@cache
def fingerprint_of_symtests() -> str:
    """Return the fingerprint of what judges: the sources of symtests, and the libraries that draw and compute."""
    entries = _Entries()
    for package in ("symtests", "symtests.kernels"):  # kernels/ lies elsewhere in a checkout
        found = importlib.util.find_spec(package)
        for root in map(Path, (found and found.submodule_search_locations) or ()):
            files = [file for file in _files_in(root) if file.relative_to(root).parts[0] not in _NOT_OURS]
            entries.add_files(package, files, root)
    for library in ("numpy", "numba", "hypothesis"):
        _add_library(entries, library)
    return entries.digest()


class _Entries:
    """What a fingerprint is made of; how much is read for it is bounded."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._bytes_left = _BYTES_READ
        self._deadline = time.monotonic() + _SECONDS
        self.say("python", sys.version.split()[0])

    def say(self, name: str, said: str) -> None:
        """Add an entry."""
        self._hash.update(repr((name, said)).encode("utf-8", "backslashreplace") + b"\n")

    def add_files(self, name: str, files: Iterable[Path], root: Path) -> None:
        """Add an entry for each file, under its path below `root` if it lies there."""
        for file in files:
            below = file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)
            self.say(f"{name} {below}", self._of_file(file))

    def digest(self) -> str:
        """Return the fingerprint."""
        return self._hash.hexdigest()

    def _of_file(self, file: Path) -> str:
        if time.monotonic() > self._deadline:
            return "not looked at in time"
        try:
            found = file.stat()
            if found.st_size > min(_LARGEST, self._bytes_left):
                return f"{found.st_size} bytes of {found.st_mtime_ns}"
            with file.open("rb") as opened:
                content = opened.read(_LARGEST)
        except (OSError, ValueError) as error:
            return f"cannot be read: {type(error).__name__}"
        self._bytes_left -= len(content)
        return hashlib.sha256(content).hexdigest()


def _add_python(
    entries: _Entries, place: str, file: Path | None, loaded: Mapping[str, ModuleType], folder: Path
) -> None:
    """Add the file of a module, what lies around it and is loaded, its package, and the libraries they import."""
    if file is None:
        entries.say(place, "has no file")
        return
    package, root = place.split(".")[0], _package_root(place, file)
    whole = [] if root is None else list(_files_in(root))
    roots = [file.parent] if root is not None and _is_installed(root) else [file.parent, folder]
    around = _loaded_below(roots, loaded)
    own = sorted({file, *around, *whole})
    entries.add_files(package, own, file.parent if root is None else root)
    ours = {name.split(".")[0] for name, module in loaded.items() if _file_of(module) in set(own)} | {package}
    for library in sorted(_imported_by(own) - ours - set(sys.stdlib_module_names) - {"symtests"}):
        _add_library(entries, library)


def _add_class(entries: _Entries, kind: type) -> None:
    """Add the compiled methods of a class that stands in no file."""
    for name, value in sorted(type.__getattribute__(kind, "__dict__").items()):
        function = value.__func__ if isinstance(value, (staticmethod, classmethod)) else value
        if isinstance(function, FunctionType):
            entries.say(name, repr(list(_compiled(function.__code__))))


def _compiled(code: CodeType) -> Iterator[str]:
    """Give what a function does: its instructions, and the names and constants that they speak of."""
    yield from (code.co_code.hex(), *code.co_names, *code.co_varnames)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _compiled(constant)
        else:
            yield repr(sorted(map(repr, constant)) if isinstance(constant, frozenset) else constant)


def _package_root(place: str, file: Path) -> Path | None:
    """Return the folder of the top-level package in which a module lies, or None where it lies in none."""
    if place.endswith(".py"):
        return None
    depth = place.count(".") + (file.stem == "__init__")
    return file.parents[depth - 1] if depth and depth <= len(file.parents) else None


def _loaded_below(roots: Iterable[Path], loaded: Mapping[str, ModuleType]) -> set[Path]:
    """Return the files of the loaded modules that lie below one of some folders and belong to no library."""
    resolved = [root.resolve() for root in roots]
    found = set()
    for name, module in list(loaded.items()):
        file = None if str(name).split(".")[0] == "symtests" else _file_of(module)
        if file is not None and not _is_installed(file) and any(file.is_relative_to(root) for root in resolved):
            found.add(file)
    return found


def _file_of(module: object) -> Path | None:
    """Return the file of a module, resolved; nothing that the module defines is called."""
    if not issubclass(type(module), ModuleType):  # isinstance would ask the object
        return None
    file = ModuleType.__getattribute__(module, "__dict__").get("__file__")
    try:
        return Path(file).resolve() if isinstance(file, str) and file else None
    except (OSError, ValueError, RuntimeError):
        return None


@cache
def _libraries() -> tuple[Path, ...]:
    """Return the folders of Python's own modules and of what was installed."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    found = {Path(path).resolve() for name in names if (path := sysconfig.get_paths().get(name))}
    return tuple(found)


def _is_installed(path: Path) -> bool:
    parts = set(path.parts)
    return bool(parts & {"site-packages", "dist-packages"}) or any(path.is_relative_to(each) for each in _libraries())


def _files_in(root: Path) -> Iterator[Path]:
    """Give the files of code below a folder in the order of their names, so many at most; links are not followed."""
    left, folders = _FILES_LISTED, [root]
    while folders and left > 0:
        try:
            inside = sorted(folders.pop().iterdir())
        except OSError:
            continue
        for path in inside[:left]:
            left -= 1
            if path.is_dir() and not path.is_symlink():
                if path.name != "__pycache__":
                    folders.append(path)
            elif path.suffix in _CODE:
                yield path


def _imported_by(files: Iterable[Path]) -> set[str]:
    """Return the names of the top-level packages that files in Python import anywhere in them."""
    found: set[str] = set()
    for file in [file for file in files if file.suffix == ".py"][:_FILES_BESIDE]:
        try:
            if file.stat().st_size > _LARGEST // 8:
                continue
            tree = ast.parse(file.read_bytes())
        except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                found.add(node.module.split(".")[0])
    return found


def _add_library(entries: _Entries, name: str) -> None:
    """Add the version of a library that may be imported under a name."""
    said = None
    module = sys.modules.get(name)
    if module is not None:
        said = ModuleType.__getattribute__(module, "__dict__").get("__version__")
    if not isinstance(said, str):
        try:
            said = importlib.metadata.version(name)
        except Exception:  # it has another name as a distribution, or is damaged
            said = "of unknown version"
    entries.say(f"library {name}", said)


def _add_command(entries: _Entries, location: str, folder: Path) -> None:
    """Add the words of a command, the files and folders among them and beside them, and the program."""
    try:
        words = words_of(location)
    except InvalidValue:
        words = []
    for word in words:
        entries.say("word", word)
        for named in dict.fromkeys((word, word.rpartition("=")[2])):
            _add_word(entries, named, folder)
    program = shutil.which(words[0], path=None) if words else None
    if program is None:
        entries.say("program", "not found")
    else:
        entries.add_files("program", [Path(program).resolve()], folder)


def _add_word(entries: _Entries, word: str, folder: Path) -> None:
    """Add the file that a word names with those beside it, or the code in the folder that it names."""
    path = folder / word
    try:
        if path.is_dir():
            files = sorted(each for each in path.iterdir() if each.is_file())[:_FILES_BESIDE]
        elif path.is_file():
            beside = path.parent.glob(f"*{path.suffix}") if path.suffix and not _is_installed(path) else ()
            files = [path, *sorted(each for each in beside if each != path and each.is_file())[:_FILES_BESIDE]]
        else:
            return
    except (OSError, ValueError) as error:
        entries.say(word, f"cannot be read: {type(error).__name__}")
        return
    entries.add_files("file", files, folder)
