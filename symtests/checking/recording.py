"""Keeps what a check tells: the results file, a script for each counterexample, and the count of words."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final

from symtests import __version__
from symtests.checking.events import Event, Finished, Judged, Prepared, StoryTold
from symtests.checking.profile import Profile
from symtests.checking.results.machine import machine
from symtests.checking.results.results_file import (
    RESULTS_FILE,
    SCHEMA,
    Results,
    ResultsFile,
    claim_to_json,
    law_to_json,
    read_results,
)
from symtests.checking.results.verdict import EXIT_STATUS, Verdict, Word, exit_status
from symtests.claims import claims_of
from symtests.properties import PROPERTIES
from symtests.properties.base import Property
from symtests.validation import InvalidValue

__all__ = ["COUNTEREXAMPLES", "Recorder", "head_of_run", "results_of_same_run", "write_judged"]

COUNTEREXAMPLES: Final = "counterexamples"
"""Name of the folder for the scripts, in the folder of a run."""

_ASKED: Final = ("profile", "seed", "examples", "implementations", "dtypes")


def head_of_run(
    implementations: Sequence[str],
    dtypes: Sequence[str] | None,
    laws: Sequence[Property],
    profile: Profile,
    seed: int,
    command: str,
) -> dict[str, Any]:
    """Return the first line of a results file, all but the number of cells."""
    return {
        "type": "run",
        "schema": SCHEMA,
        "symtests": __version__,
        "started": _now(),
        "profile": profile.name,
        "seed": seed,
        "examples": {"small": profile.small_examples, "wide": profile.wide_examples},
        "command": command,
        "machine": machine(),
        "implementations": list(implementations),
        "dtypes": None if dtypes is None else list(dtypes),
        "laws": [law_to_json(law) for law in laws],
        "claims": [claim_to_json(claim) for claim in claims_of(laws)],
    }


def results_of_same_run(path: Path, head: Mapping[str, Any]) -> Results:
    """Return what an earlier run has judged, if it asked what this one asks.

    Raises
    ------
    InvalidValue
        Where the file cannot be read, or its run asked something else.
    """
    earlier = read_results(path)
    for name in _ASKED:
        if earlier.run[name] != head[name]:
            raise InvalidValue(
                f"resume={str(path)!r}: its run had {name}={earlier.run[name]!r}, this one has {name}={head[name]!r}; "
                "ask the same again, or begin a new run"
            )
    before, now = ({law["id"]: law["version"] for law in run["laws"]} for run in (earlier.run, head))
    if before != now:
        differing = sorted(f"{law} {version}" for law, version in set(before.items()) ^ set(now.items()))
        raise InvalidValue(
            f"resume={str(path)!r}: its run tried other laws, or other versions of them ({', '.join(differing)}); "
            "begin a new run"
        )
    return earlier


class Recorder:
    """Writes down the events of a check.

    Parameters
    ----------
    path
        The results file; the scripts go beside it. Nothing is written where it is None.
    head
        The first line of the file.
    earlier
        What the file holds already, or None for a new file.
    """

    def __init__(self, path: Path | None, head: Mapping[str, Any], earlier: Results | None) -> None:
        self._started = time.monotonic()
        self._words: list[Word] = [verdict.word for verdict in earlier.verdicts] if earlier else []
        self._script_names: dict[str, str] = {}
        self._path = path
        self._file = None if path is None else ResultsFile(path, go_on=earlier is not None)
        if self._path is not None and earlier is None:
            self._add(head)
            for script in (self._path.parent / COUNTEREXAMPLES).glob("*.py"):
                script.unlink()  # of the run that this one replaces

    def note(self, event: Event) -> None:
        """Write down an event; those of no lasting interest are passed over."""
        if isinstance(event, Judged):
            self._words.append(event.verdict.word)
            self._add(event.verdict.to_json())
            self._keep_script(event.verdict)
        elif isinstance(event, Prepared):
            self._add(event.record)
        elif isinstance(event, StoryTold):
            self._add({"type": "story", **event.story})

    def finish(self) -> Finished:
        """Write the last line; return the last event."""
        counts = dict(Counter(self._words))
        status = exit_status(self._words)
        seconds = time.monotonic() - self._started
        self._add({"type": "end", "finished": _now(), "seconds": seconds, "counts": counts, "exit_status": status})
        return Finished(counts, status, seconds, self._path)

    def close(self) -> None:
        """Close the results file."""
        if self._file is not None:
            self._file.close()

    def _add(self, record: Mapping[str, Any]) -> None:
        if self._file is not None:
            self._file.add(record)

    def _keep_script(self, verdict: Verdict) -> None:
        if self._path is None or verdict.counterexample is None:
            return
        folder = self._path.parent / COUNTEREXAMPLES
        folder.mkdir(exist_ok=True)
        name = f"{_safe(verdict.property)}-{_safe(verdict.dtype)}-{self._script_name(verdict.implementation)}.py"
        (folder / name).write_text(verdict.counterexample.script, encoding="utf-8")

    def _script_name(self, implementation: str) -> str:
        """Return a name for files that no other implementation of the run has."""
        if implementation not in self._script_names:
            name, number = _safe(implementation), 1
            while name in self._script_names.values():
                number += 1
                name = f"{_safe(implementation)}-{number}"
            self._script_names[implementation] = name
        return self._script_names[implementation]


def write_judged(folder: Path, judged: Sequence[Mapping[str, Any]], profile: Profile, seed: int, command: str) -> Path:
    """Write the results file of cells that were judged one by one; return its path.

    Parameters
    ----------
    folder
        Folder of the results.
    judged
        For each cell its verdict and the line of its implementation, as plain JSON data.
    profile, seed, command
        How they were judged, and what the results file says of how it was made.
    """
    told = [Verdict.from_json(cell["verdict"]) for cell in judged]
    worst_last = sorted(told, key=lambda verdict: EXIT_STATUS[verdict.word] == 1)
    # Two tests may ask the same.
    found = list({(v.implementation, v.property, v.dtype): v for v in worst_last}.values())
    implementations = {cell["implementation"]["name"]: cell["implementation"] for cell in judged}
    asked = {verdict.property for verdict in found}
    laws = [law for law in PROPERTIES if law.id in asked]
    path = folder / RESULTS_FILE
    head = head_of_run(list(implementations), None, laws, profile, seed, command)
    recorder = Recorder(path, {**head, "cells": len(found)}, None)
    try:
        for name, record in implementations.items():
            recorder.note(Prepared(name, record))
        for verdict in found:
            recorder.note(Judged(verdict))
        recorder.finish()
    finally:
        recorder.close()
    return path


def _safe(name: str) -> str:
    """Return a name with nothing in it that a file system could take amiss."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._-")[-80:] or "implementation"


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
