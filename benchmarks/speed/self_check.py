"""The gate measured by itself: how often it says *slower* of changes that are known, from none to five per cent."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from symtests.benchmarks.speed.arm import Task
from symtests.benchmarks.speed.gate import Gate, Sides, gate

__all__ = ["SelfCheck", "self_check"]

_SUITE: Final = Path(__file__).with_name("self_check_suite.py")
_NAME: Final = re.compile(r"test_(\w+)\[([\d.]+)\]")


@dataclass(frozen=True)
class SelfCheck:
    """How often the gate gave which verdict.

    Parameters
    ----------
    runs
        How often the whole gate was run.
    outcomes
        By kind of work (``in_cache``, ``in_memory``) and change (0.01 is 1 % slower), how often it gave which verdict.
    load
        The system's load average in the last minute, before and after.
    """

    runs: int
    outcomes: Mapping[tuple[str, float], Mapping[str, int]]
    load: tuple[float, float]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as plain JSON data."""
        rows = [
            {"work": work, "change": change, "outcomes": dict(counts)}
            for (work, change), counts in sorted(self.outcomes.items())
        ]
        return {"runs": self.runs, "load": list(self.load), "rows": rows}


def self_check(runs: int, core: int, environment: Mapping[str, str], progress: Callable[[str], None]) -> SelfCheck:
    """Run the whole gate so often on the suite of known changes, and count its verdicts.

    Parameters
    ----------
    runs
        How often, at least 1.
    core
        The processor, or -1.
    environment
        The environment variables of both sides.
    progress
        Told what is being done.
    """
    outcomes: dict[tuple[str, float], Counter[str]] = {}
    before = _load()
    with tempfile.TemporaryDirectory() as folder:
        words: tuple[str, ...] = (
            "suite",
            "WANTED",
            "-q",
            "-p",
            "no:cacheprovider",
            "--import-mode=importlib",
            str(_SUITE),
        )
        words += (f"--rootdir={folder}", "-c", os.devnull)
        base = Task(sys.executable, words, Path(folder), {**environment, "SYMTESTS_SELF_CHECK": "base"})
        head = replace(base, environment={**environment, "SYMTESTS_SELF_CHECK": "head"})
        for run in range(runs):
            verdicts = gate(Gate(Sides(base, head), core=core, progress=_counted(progress, run, runs)))
            for verdict in verdicts:
                place = _NAME.search(verdict.name)
                if place is not None:
                    outcomes.setdefault((place[1], float(place[2])), Counter())[verdict.outcome] += 1
    return SelfCheck(runs, outcomes, (before, _load()))


def _counted(progress: Callable[[str], None], run: int, runs: int) -> Callable[[str], None]:
    return lambda words: progress(f"run {run + 1} of {runs}: {words}")


def _load() -> float:
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
