"""The scripts of counterexamples on disk: what they are called, and which files are theirs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from symtests.checking.results.verdict import Verdict
from symtests.whole_file import make_folder, write_whole

__all__ = ["COUNTEREXAMPLES", "Scripts", "scripts_of"]

COUNTEREXAMPLES: Final = "counterexamples"
"""Name of the folder for the scripts, in the folder of a run."""


class Scripts:
    """The scripts of one run.

    Parameters
    ----------
    folder
        Folder of the run.
    implementations
        Names of its implementations; each gets a name for files that no other has.
    """

    def __init__(self, folder: Path, implementations: Sequence[str]) -> None:
        self._folder = folder / COUNTEREXAMPLES
        self._names: dict[str, str] = {}
        for implementation in implementations:
            self._name_of(implementation)

    def write(self, verdict: Verdict) -> None:
        """Write the script of a verdict, if it has one.

        Raises
        ------
        OSError
            Where it cannot be written.
        """
        if verdict.counterexample is None:
            return
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        make_folder(self._folder)
        write_whole(self.path_of(verdict), verdict.counterexample.script)

    def write_missing(self, verdicts: Iterable[Verdict]) -> None:
        """Write the scripts that are not there: the disk was full, or the folder has vanished.

        Raises
        ------
        OSError
            Where one cannot be written.
        """
        for verdict in verdicts:
            if verdict.counterexample is not None and not self.path_of(verdict).is_file():
                self.write(verdict)

    def remove(self, verdicts: Iterable[Verdict]) -> None:
        """Remove the scripts of some verdicts; a file that says anything else is somebody's own, and stays."""
        if self._folder.is_symlink():
            return
        for verdict in verdicts:
            if verdict.counterexample is not None:
                path = self.path_of(verdict)
                script = verdict.counterexample.script.encode("utf-8", "backslashreplace")
                with suppress(OSError):
                    if not path.is_symlink() and path.read_bytes() == script:
                        path.unlink()

    def path_of(self, verdict: Verdict) -> Path:
        """Return where the script of a verdict is, if it has one."""
        name = self._name_of(verdict.implementation)
        return self._folder / f"{_safe(verdict.property)}-{_safe(verdict.dtype)}-{name}.py"

    def _name_of(self, implementation: str) -> str:
        if implementation not in self._names:
            name, number = _safe(implementation), 1
            taken = {each.casefold() for each in self._names.values()}
            while name.casefold() in taken:
                number += 1
                name = f"{_safe(implementation)}-{number}"
            self._names[implementation] = name
        return self._names[implementation]


def scripts_of(results: Path) -> list[Path]:
    """Return the scripts of a run that are there, as far as its results file says which they are.

    Parameters
    ----------
    results
        The file; one that is damaged, missing or of another version costs nothing but scripts that are not found.
    """
    folder = results.parent / COUNTEREXAMPLES
    try:
        lines = results.read_bytes().split(b"\n") if results.is_file() and not folder.is_symlink() else []
    except OSError:
        return []
    implementations: Any = []
    verdicts = []
    for line in lines:
        with suppress(ValueError, TypeError, KeyError, AttributeError, RecursionError):
            record: Mapping[str, Any] = json.loads(line)
            if record["type"] == "run":
                implementations = [str(name) for name in record["implementations"]]
            elif record["type"] == "verdict" and record["counterexample"] is not None:
                verdicts.append(Verdict.from_json(record))
    scripts = Scripts(results.parent, implementations)
    return [path for path in map(scripts.path_of, verdicts) if path.is_file() and not path.is_symlink()]


def _safe(name: str) -> str:
    """Return a name with nothing in it that a file system could take amiss."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._-")[-80:] or "implementation"
