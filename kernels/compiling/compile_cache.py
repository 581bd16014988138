"""Where compiled kernels are kept between processes.

Numba keys a cached function by the file that holds it, and does not notice an edit in another file
whose functions were compiled into it. So the folder itself is named by a hash over every source that
can reach machine code; Numba's own key adds its version, Python's, the argument types and the CPU.
With ``NUMBA_CACHE_DIR`` set, all environments with the same sources share what one of them has compiled.

What the cache holds is run, so the folder is one of this user alone: see `symtests.kernels.compiling.own_files`.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from numba.core import config

import symtests.model
import symtests.network
from symtests.kernels.compiling.own_files import HAS_OWNERS, made_folder

__all__ = ["cache_folder", "cached_where_possible", "source_hash"]


@contextmanager
def cached_where_possible() -> Iterator[Path | None]:
    """Let functions that are declared in this context be cached; yield the folder, or None where they cannot be.

    Numba reads its two settings when a function is declared; both are put back afterwards.
    """
    folder = cache_folder()
    if folder is None:
        yield None
        return
    settings = vars(config)
    before = {name: settings.get(name, "") for name in ("CACHE_DIR", "CACHE_LOCATOR_CLASSES")}
    settings.update(CACHE_DIR=str(folder), CACHE_LOCATOR_CLASSES="")
    try:
        yield folder
    finally:
        settings.update(before)


@cache
def cache_folder() -> Path | None:
    """Return the folder for these very sources, or None where none can be written.

    The first of: the folder that ``NUMBA_CACHE_DIR`` names; ``__pycache__`` beside the sources; the
    user's cache folder. Where others could write to one of them, or put another in its place, it is passed over; each
    user has a folder of its own in one that many share.
    """
    sources = source_hash()
    if sources is None:
        return None
    for parent in _parents():
        try:
            folder = made_folder(parent / f"symtests-kernels-{sources}{_user()}")
            tempfile.TemporaryFile(dir=folder).close()
        except OSError:
            continue
        return folder
    return None


def _user() -> str:
    """Return what tells the folders of users apart, on systems that number them."""
    return f"-{os.geteuid()}" if HAS_OWNERS else ""


def source_hash() -> str | None:
    """Hash every kernel source and the modules with the constants they use; None where they cannot be read."""
    kernels = _kernels()
    sources = sorted(kernels.rglob("*.py"))
    if not sources:
        return None
    shared = [Path(symtests.network.__file__), *sorted(Path(symtests.model.__file__).parent.glob("*.py"))]
    digest = hashlib.sha256()
    try:
        for path in (*sources, *shared):
            name = path.name if path in shared else path.relative_to(kernels).as_posix()
            digest.update(f"{name} {path.stat().st_size}\n".encode())
            digest.update(path.read_bytes())
    except OSError:
        return None
    return digest.hexdigest()[:16]


def _kernels() -> Path:
    """Return the folder that holds the sources of all kernels."""
    return Path(__file__).parents[1]


def _parents() -> Iterator[Path]:
    """Yield where the folder may be made, the best place first."""
    asked_for = vars(config).get("CACHE_DIR")
    if asked_for:
        yield Path(asked_for)
        return
    yield _kernels() / "__pycache__"
    with suppress(RuntimeError):  # somebody without a home folder
        yield _user_cache()


def _user_cache() -> Path:
    if sys.platform == "win32":
        given, default = os.environ.get("LOCALAPPDATA"), Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        given, default = None, Path.home() / "Library" / "Caches"
    else:
        given, default = os.environ.get("XDG_CACHE_HOME"), Path.home() / ".cache"
    return Path(given or default) / "symtests"
