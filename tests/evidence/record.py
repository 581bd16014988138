"""The record of trials on correct implementations: which were made, and what came of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from symtests.checking.results.verdict import Verdict
from symtests.implementations.checked import Checked
from symtests.properties import find
from symtests.validation import InvalidValue
from tests.evidence.correct import home
from tests.evidence.sources import hash_of_modules

__all__ = ["ALARMS", "Check", "Record", "Row", "read", "seed_ranges", "sources_of"]

ALARMS: Final = ("violated", "errored")
"""Verdicts that accuse correct code."""


@dataclass(frozen=True)
class Check:
    """What is tried with many seeds: a property, of this version and with these `sources_of`, on an implementation."""

    implementation: str
    version: str
    dtype: str
    property: str
    property_version: int
    sources: str


@dataclass
class Row:
    """What came of the trials of one check; a trial is one seed.

    `conclusive` counts the cases that held or were broken, of the `cases` that were drawn; `inconclusive`,
    `unsupported` and `alarms` count trials. `outdated` says that the code is another by now.
    """

    seeds: list[int] = field(default_factory=list)
    cases: int = 0
    conclusive: int = 0
    inconclusive: int = 0
    unsupported: int = 0
    alarms: int = 0
    seconds: float = 0.0
    outdated: bool = False

    def add(self, verdict: Verdict) -> None:
        """Count one trial."""
        self.seeds.append(verdict.seed)
        self.cases += verdict.tally.tried
        self.conclusive += verdict.tally.conclusive
        self.inconclusive += verdict.word == "inconclusive"
        self.unsupported += verdict.word == "unsupported"
        self.alarms += verdict.word in ALARMS
        self.seconds = round(self.seconds + verdict.seconds, 2)

    @property
    def runs(self) -> int:
        """Trials in which the property was tried at all."""
        return len(self.seeds) - self.unsupported


@dataclass
class Record:
    """All trials that were made with one number of cases a trial.

    Parameters
    ----------
    small, wide
        Cases of each tier in one trial.
    rows
        What came of them.
    alarms
        Each alarm with its counterexample, as plain JSON data.
    """

    small: int
    wide: int
    rows: dict[Check, Row] = field(default_factory=dict)
    alarms: list[dict[str, Any]] = field(default_factory=list)

    def has(self, check: Check, seed: int) -> bool:
        """Tell whether a trial has been made."""
        return check in self.rows and seed in self.rows[check].seeds

    def add(self, check: Check, verdict: Verdict) -> None:
        """Count a trial; keep the counterexample of an alarm."""
        self.rows.setdefault(check, Row()).add(verdict)
        if verdict.word in ALARMS:
            self.alarms.append(verdict.to_json())

    def mark_outdated(self, is_outdated: Callable[[Check], bool], is_gone: Callable[[Check], bool]) -> int:
        """Mark checks whose code is another by now, and drop those that have been made again with it.

        Checks that are no more are dropped as well, and so are alarms of what is only on record with other code.

        Returns
        -------
        int
            How many runs are marked.
        """
        for check, row in self.rows.items():
            row.outdated = is_outdated(check)
        again = {_asked(check): row.runs for check, row in self.rows.items() if not row.outdated}
        self.rows = {
            check: row
            for check, row in self.rows.items()
            if not (is_gone(check) or (row.outdated and again.get(_asked(check), -1) >= row.runs))
        }
        self.alarms = [
            alarm for alarm in self.alarms if (alarm["implementation"], alarm["dtype"], alarm["property"]) in again
        ]
        return sum(row.runs for row in self.rows.values() if row.outdated)

    def take_over(self, path: Path) -> None:
        """Add the trials of another record, which may have begun as this one or as a share of the same trials.

        Raises
        ------
        InvalidValue
            Where it is of other numbers of cases, or a check was tried with some of the same seeds and some others.
        """
        other = read(path)
        if (other.small, other.wide) != (self.small, self.wide):
            raise InvalidValue(f"from={str(path)!r}: is of other numbers of cases; make it again with these")
        for check, row in other.rows.items():
            self.rows[check] = _joined(self.rows.get(check, Row()), row, f"from={str(path)!r}: {check}")
        self.alarms += [alarm for alarm in other.alarms if alarm not in self.alarms]

    def total(self, name: str) -> int:
        """Return a count of `Row`, summed over all checks."""
        return sum(getattr(row, name) for row in self.rows.values())

    @property
    def most_alarms(self) -> float:
        """Upper bound of the rate of alarms at 95 %: 3 / n where n runs gave none (the rule of three)."""
        return 3 / max(self.total("runs"), 1)

    def write(self, path: Path) -> None:
        """Write the record, one check a line; a reader finds the old one or the new one, and never half of it."""
        rows = (
            json.dumps({**asdict(check), **asdict(row), "seeds": seed_ranges(row.seeds)})
            for check, row in sorted(self.rows.items(), key=lambda item: tuple(map(str, asdict(item[0]).values())))
        )
        head = {"small": self.small, "wide": self.wide, "alarms": self.alarms}
        text = json.dumps(head)[:-1] + ', "rows": [\n' + ",\n".join(rows) + "\n]}\n"
        new = path.with_suffix(".new")
        new.write_text(text, encoding="utf-8")
        new.replace(path)


def _joined(mine: Row, other: Row, where: str) -> Row:
    """Return what came of the trials of both rows, of which one may go on from the other."""
    here, there = set(mine.seeds), set(other.seeds)
    if here <= there:
        return other
    if there <= here:
        return mine
    if here & there:
        raise InvalidValue(f"{where} was tried with some of the same seeds; leave this record out, or the other one")
    added = (name for name in Row.__dataclass_fields__ if name != "outdated")
    sums = {name: getattr(mine, name) + getattr(other, name) for name in added}
    return Row(**sums, outdated=mine.outdated or other.outdated)


def read(path: Path) -> Record:
    """Return the record in a file."""
    data = json.loads(path.read_text(encoding="utf-8"))
    record = Record(data["small"], data["wide"], alarms=data["alarms"])
    for line in data["rows"]:
        check = Check(**{name: line.pop(name) for name in Check.__dataclass_fields__})
        record.rows[check] = Row(**{**line, "seeds": _seeds_in(line["seeds"])})
    return record


def _asked(check: Check) -> tuple[str, str, str]:
    """Return what is asked of whom, whatever the code."""
    return check.implementation, check.dtype, check.property


def seed_ranges(seeds: Iterable[int]) -> str:
    """Return seeds as people write them: ``0-28, 31``."""
    ranges: list[list[int]] = []
    for seed in sorted(set(seeds)):
        if ranges and seed == ranges[-1][1] + 1:
            ranges[-1][1] = seed
        else:
            ranges.append([seed, seed])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def _seeds_in(text: str) -> list[int]:
    found: list[int] = []
    for part in filter(None, text.split(", ")):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


@cache
def sources_of(prop: str, implementation: str) -> str:
    """Return a short hash of all that decides what trials find: the modules of the property and of what is tried.

    Raises
    ------
    KeyError
        Where there is no such implementation.
    """
    judged = find(prop)
    return hash_of_modules({judged.judge.__module__, judged.cases.__module__, Checked.__module__, home(implementation)})
