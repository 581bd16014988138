"""Environments to compare: a checkout of a revision, and an interpreter in which it is installed.

A checkout is a clone that shares its objects with the repository (``git clone --shared``), in the cache of symtests,
not a worktree: nothing is written into the repository, so nothing can be left behind in it. Checkouts and environments
are named by what they hold and used again. Each is marked when it is whole, and built under a lock that the system
releases when its owner and the git or pip that it has started have ended, however they end; what an owner has left half
built, the next run deletes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from symtests.validation import InvalidValue

__all__ = ["Checkout", "cache_folder", "checkout_of", "environment_of", "scratch_folder"]

_BUILDING: Final = ".building"
_TOOLS: Final = ("pytest", "pytest-benchmark")
"""What the worker needs in an environment, besides what is measured."""


@dataclass(frozen=True)
class Checkout:
    """A revision in a folder of its own.

    Parameters
    ----------
    folder
        Where it is.
    commit
        Its full hash.
    tree
        The hash of what it holds: two commits with the same files have the same.
    """

    folder: Path
    commit: str
    tree: str


def cache_folder() -> Path:
    """Return the folder for checkouts and environments, which may be deleted at any time."""
    home = os.environ.get("SYMTESTS_SPEED_CACHE") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "symtests" / "speed"


def checkout_of(repository: Path, revision: str, cache: Path) -> Checkout:
    """Return a checkout of a revision, made unless it is there.

    Parameters
    ----------
    repository
        A folder in a git repository.
    revision
        A commit, branch or tag, or what else ``git rev-parse`` knows.
    cache
        What `cache_folder` returns.

    Raises
    ------
    InvalidValue
        Where the folder is in no repository, the revision is unknown, or git cannot check it out.
    """
    top = Path(_git("not a git repository", repository, "rev-parse", "--show-toplevel"))
    commit = _git(
        f"revision={revision!r}: is no commit, branch or tag of {top}", top,
        "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}",
    )  # fmt: skip
    tree = _git("no tree", top, "rev-parse", f"{commit}^{{tree}}")
    place = cache / "checkouts" / commit

    def build(folder: Path) -> None:
        shared = ("clone", "--quiet", "--shared", "--no-checkout", str(top), str(folder))
        _git(f"revision={revision!r}: git cannot clone {top}", top, *shared)
        _git(f"revision={revision!r}: git cannot check it out", folder, "checkout", "--quiet", "--detach", commit)

    _built(place, build)
    return Checkout(place, commit, tree)


def environment_of(checkout: Checkout | None, python: str, cache: Path, requirements: Sequence[str] = ()) -> str:
    """Return an interpreter in which a checkout is installed, in an environment made unless it is there.

    Parameters
    ----------
    checkout
        What is installed from its folder; None installs `requirements` alone.
    python
        The interpreter that the environment is made of.
    cache
        What `cache_folder` returns.
    requirements
        What is installed besides, as pip takes it.

    Raises
    ------
    InvalidValue
        Where the interpreter makes no environment, or pip cannot install.
    """
    held = "\n".join([checkout.tree if checkout else "", _version_of(python), *sorted(requirements)])
    place = cache / "environments" / hashlib.sha256(held.encode()).hexdigest()[:20]

    def build(folder: Path) -> None:
        _run("python: cannot make an environment", [python, "-m", "venv", str(folder)])
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        what = [str(checkout.folder)] if checkout else []
        _run("pip cannot install what is to be measured", [*pip, *_TOOLS, *what, *requirements])

    # A virtual environment knows its own path: it is built in place, and marked when it is whole.
    _built(place, build, in_place=True)
    return str(place / "bin" / "python")


@contextmanager
def scratch_folder(cache: Path) -> Iterator[Path]:
    """Give an empty folder for as long as it is used, and delete those that ended runs have left.

    Parameters
    ----------
    cache
        What `cache_folder` returns.
    """
    home = cache / "scratch"
    home.mkdir(parents=True, exist_ok=True)
    with _alone(cache / "scratch.lock"):  # so that none is deleted before its owner holds its lock
        for left in home.iterdir():
            _delete_unless_used(left)
        folder = Path(tempfile.mkdtemp(dir=home))
        owned = os.open(folder, os.O_RDONLY)
        fcntl.flock(owned, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(owned)


def _delete_unless_used(folder: Path) -> None:
    with suppress(FileNotFoundError):  # its owner has just deleted it
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(descriptor)


def _built(place: Path, build: Callable[[Path], None], *, in_place: bool = False) -> None:
    """Build a folder unless it is there whole, alone; delete what an earlier owner has left half built."""
    place.parent.mkdir(parents=True, exist_ok=True)
    whole = place / ".whole" if in_place else place
    with _alone(place.with_name(place.name + ".lock")):
        if whole.exists():
            return
        folder = place if in_place else place.with_name(place.name + _BUILDING)
        shutil.rmtree(folder, ignore_errors=True)
        try:
            build(folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        if in_place:
            whole.touch()
        else:
            folder.rename(place)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold a lock; the system releases it when this process ends, however it ends."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        # what this process starts holds it too: a pip whose owner was killed goes on writing for a while
        os.set_inheritable(file.fileno(), True)
        yield


def _version_of(python: str) -> str:
    code = "import sys; print(sys.executable, sys.version)"
    return _run(f"python={python!r}: is no interpreter that runs", [python, "-I", "-c", code])


def _git(otherwise: str, folder: Path, *words: str) -> str:
    # GIT_DIR of a hook that runs this would name another repository
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return _run(otherwise, ["git", "-C", str(folder), *words], environment)


def _run(otherwise: str, words: Sequence[str], environment: dict[str, str] | None = None) -> str:
    try:
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=environment,
            encoding="utf-8", errors="replace", close_fds=False,
        )  # fmt: skip
    except OSError as error:
        raise InvalidValue(f"{otherwise} ({error.strerror}: {words[0]})") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or done.stdout.strip().splitlines() or [f"status {done.returncode}"]
        raise InvalidValue(f"{otherwise} ({lines[-1][:300]})")
    return done.stdout.strip()
