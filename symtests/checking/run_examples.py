"""The failing cases that Hypothesis keeps, during one run.

What another run finds, or this one before it was cut short, must not change what this one finds. So a run works on a
copy in its own folder. When it ends, what it has added and taken out is done to the shared folder too. A run that goes
on after it was cut short finds the cases of each check that is still to be judged as they were at its beginning.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

__all__ = ["RunExamples"]

_START: Final = "start"
_NOW: Final = "now"


class RunExamples:
    """The failing cases of one run; they help to fail early, and where they cannot be kept, none are.

    Parameters
    ----------
    shared
        Folder that all runs share, with a folder for each check and tier.
    own
        Folder of this run's copy.
    """

    def __init__(self, shared: Path, own: Path) -> None:
        self._shared, self._own = shared, own

    @property
    def folder(self) -> Path:
        """Where the run finds and keeps its cases."""
        return self._own / _NOW

    def begin(self, names: Iterable[str]) -> None:
        """Copy the shared cases; what an earlier run in this place has left goes to the shared folder first.

        Parameters
        ----------
        names
            The folders of the checks that are to be judged.
        """
        self.end()
        with suppress(OSError):
            making = self._own / "making"
            making.mkdir(parents=True, exist_ok=True)
            for name in names:
                _copy(self._shared / name, making / name)
            making.rename(self._own / _START)
            shutil.copytree(self._own / _START, self.folder)

    def go_on(self, names: Iterable[str]) -> None:
        """Put the cases of the checks that are still to be judged back to what they were at the beginning of the run.

        Parameters
        ----------
        names
            As for `begin`.
        """
        if not (self._own / _START).is_dir():
            self.begin(names)
            return
        for name in names:
            shutil.rmtree(self.folder / name, ignore_errors=True)
            with suppress(OSError):
                _copy(self._own / _START / name, self.folder / name)

    def end(self) -> None:
        """Do to the shared folder what the run has done to its copy, and remove the copy."""
        with suppress(OSError):
            for folder in self.folder.iterdir() if self.folder.is_dir() else ():
                self._merge(folder.name)
        shutil.rmtree(self._own, ignore_errors=True)

    def _merge(self, name: str) -> None:
        before, after = (_files_below(self._own / which / name) for which in (_START, _NOW))
        for file in after - before:
            target = self._shared / name / file
            target.parent.mkdir(parents=True, exist_ok=True)
            with suppress(OSError):
                shutil.move(self.folder / name / file, target)
        for file in before - after:
            with suppress(OSError):
                (self._shared / name / file).unlink()


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)


def _files_below(folder: Path) -> set[Path]:
    """Return the files below a folder, by their paths in it; each is named by a digest of its content."""
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
