"""What a check tells while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from symtests.checking.results.verdict import Verdict, Word

__all__ = [
    "Check", "Doing", "Event", "Finished", "Judged", "Planned", "Prepared", "Preparing", "Started", "StoryTold",
    "Waiting", "Warned", "Workers",
]  # fmt: skip


@dataclass(frozen=True)
class Check:
    """One implementation, one property and one dtype, by their names."""

    implementation: str
    property: str
    dtype: str


@dataclass(frozen=True)
class Planned:
    """The first event: how many checks there are, how many an earlier run has judged, and its notes."""

    total: int
    done: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preparing:
    """An implementation is asked trivial questions, during which it may compile; `remark` is what it says of that."""

    implementation: str
    remark: str = ""


@dataclass(frozen=True)
class Prepared:
    """An implementation has answered them; `record` is its line of the results file."""

    implementation: str
    record: Mapping[str, Any]


@dataclass(frozen=True)
class Started:
    """A check is being judged."""

    check: Check


@dataclass(frozen=True)
class Doing:
    """A process has begun something that may take a while; `what` says it.

    What concerns a check begins with its property and dtype, as in "GRAD1 float64: explains the violation"; anything
    else is about the implementation, as in "draws its learning curves", and an empty text says that this has ended.
    """

    implementation: str
    what: str
    seconds: float | None = None
    """How long it may take at most, or None where nothing but the time limit of each call bounds it."""


@dataclass(frozen=True)
class Waiting:
    """Nothing has happened for a second: a front shows that the run goes on, and what each process does."""


@dataclass(frozen=True)
class Warned:
    """Something is wrong that does not end the run, as a full disk."""

    sentence: str


@dataclass(frozen=True)
class Workers:
    """The cluster that judges has so many workers now."""

    count: int


@dataclass(frozen=True)
class Judged:
    """A check has been judged."""

    verdict: Verdict


@dataclass(frozen=True)
class StoryTold:
    """An implementation has been watched while it learned the exclusive or; `story` is a line of the results file."""

    story: Mapping[str, Any]


@dataclass(frozen=True)
class Finished:
    """The last event.

    `counts` and `exit_status` cover the checks of an earlier run too; `results` is the file, if one is written, and
    `problem` says why it could not be. `scripts` are those of the counterexamples, by their checks.
    """

    counts: Mapping[Word, int]
    exit_status: int
    seconds: float
    results: Path | None
    problem: str = ""
    scripts: Mapping[Check, Path] = field(default_factory=dict)


Event = Planned | Preparing | Prepared | Started | Doing | Waiting | Warned | Judged | StoryTold | Workers | Finished
"""Anything that a check tells."""
