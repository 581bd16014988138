"""The run that was in a folder before: it is moved into a folder of its own, so that no run overwrites another."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

from symtests.checking.results.changes import CHANGES_FILE
from symtests.checking.results.results_file import RESULTS_FILE
from symtests.checking.results.scripts import COUNTEREXAMPLES, scripts_of
from symtests.whole_file import make_folder

__all__ = ["EARLIER", "set_aside"]

EARLIER: Final = "earlier"
"""Name of the folder for earlier runs, in the folder of a run."""
_PAGES: Final = ("report.html", "report.md", "report-short.md", "badge.json", CHANGES_FILE, "internal_error.txt")
"""What a run leaves in its folder besides its results and its scripts."""
_LONGEST_HEAD: Final = 2**20


def set_aside(folder: Path) -> Path | None:
    """Move the run that a folder holds to ``earlier/DATE``; return that folder, or None where there is no run.

    What is no work of a run stays, and so does what is no file. Nothing is copied. The results are moved last: where
    this is cut short, the next call goes on.

    Parameters
    ----------
    folder
        The folder of a run.

    Raises
    ------
    OSError
        Where it cannot be moved; what was moved by then lies in the new folder, and nothing is lost.
    """
    results = folder / RESULTS_FILE
    if not _is_file(results):
        return None
    moved = [*scripts_of(results), *(folder / name for name in _PAGES if _is_file(folder / name)), results]
    make_folder(folder / EARLIER)
    for name in _names(_begun(results)):
        target = folder / EARLIER / name
        places = [target / path.relative_to(folder) for path in moved]
        if not any(map(os.path.lexists, places)):
            break
    make_folder(target)
    for path, place in zip(moved, places, strict=True):
        if place.parent != target:
            make_folder(place.parent)
        path.rename(place)
    with suppress(OSError):
        (folder / COUNTEREXAMPLES).rmdir()  # unless something of others is in it
    return target


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _begun(results: Path) -> str:
    """Return when a run was begun, as the name of a folder: from its first line, or else from its file."""
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        with results.open("rb") as file:
            begun = datetime.fromisoformat(json.loads(file.readline(_LONGEST_HEAD))["started"])
        return f"{begun:%Y-%m-%dT%H-%M-%S}"
    changed = datetime.fromtimestamp(results.lstat().st_mtime, timezone.utc)
    return f"{changed:%Y-%m-%dT%H-%M-%S}"


def _names(begun: str) -> Iterator[str]:
    yield begun
    number = 2
    while True:
        yield f"{begun}-{number}"
        number += 1
