"""The record of trials on correct implementations: which were made, and what came of them."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from pkgutil import walk_packages
from typing import Any, Final

import symtests.implementations
import symtests.kernels
from symtests.checking.results.verdict import Verdict
from symtests.properties import find

__all__ = ["ALARMS", "Cell", "Record", "Row", "read", "seed_ranges", "sources_of"]

ALARMS: Final = ("violated", "errored")
"""Verdicts that accuse correct code."""


@dataclass(frozen=True)
class Cell:
    """What is tried with many seeds: a law, of this version and with these `sources_of`, on an implementation."""

    implementation: str
    version: str
    dtype: str
    law: str
    law_version: int
    sources: str


@dataclass
class Row:
    """What came of the trials of one cell; a trial is one seed.

    `decisive` counts the cases that held or were broken, of the `cases` that were drawn; `inconclusive`,
    `unsupported` and `alarms` count trials.
    """

    seeds: list[int] = field(default_factory=list)
    cases: int = 0
    decisive: int = 0
    inconclusive: int = 0
    unsupported: int = 0
    alarms: int = 0
    seconds: float = 0.0

    def add(self, verdict: Verdict) -> None:
        """Count one trial."""
        self.seeds.append(verdict.seed)
        self.cases += verdict.tally.tried
        self.decisive += verdict.tally.decisive
        self.inconclusive += verdict.word == "inconclusive"
        self.unsupported += verdict.word == "unsupported"
        self.alarms += verdict.word in ALARMS
        self.seconds = round(self.seconds + verdict.seconds, 2)

    @property
    def runs(self) -> int:
        """Trials in which the law was tried at all."""
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
    rows: dict[Cell, Row] = field(default_factory=dict)
    alarms: list[dict[str, Any]] = field(default_factory=list)

    def has(self, cell: Cell, seed: int) -> bool:
        """Tell whether a trial has been made."""
        return cell in self.rows and seed in self.rows[cell].seeds

    def add(self, cell: Cell, verdict: Verdict) -> None:
        """Count a trial; keep the counterexample of an alarm."""
        self.rows.setdefault(cell, Row()).add(verdict)
        if verdict.word in ALARMS:
            self.alarms.append(verdict.to_json())

    def forget(self, is_outdated: Callable[[Cell], bool]) -> int:
        """Drop cells whose law is another by now, with their alarms; return how many runs these had."""
        outdated = [cell for cell in self.rows if is_outdated(cell)]
        laws = {cell.law for cell in outdated}
        self.alarms = [alarm for alarm in self.alarms if alarm["property"] not in laws]
        return sum(self.rows.pop(cell).runs for cell in outdated)

    def total(self, name: str) -> int:
        """Return a count of `Row`, summed over all cells."""
        return sum(getattr(row, name) for row in self.rows.values())

    @property
    def most_alarms(self) -> float:
        """Upper bound of the rate of alarms at 95 %: 3 / n where n runs gave none (the rule of three)."""
        return 3 / max(self.total("runs"), 1)

    def write(self, path: Path) -> None:
        """Write the record, one cell a line; a reader finds the old one or the new one, and never half of it."""
        rows = (
            json.dumps({**asdict(cell), **asdict(row), "seeds": seed_ranges(row.seeds)})
            for cell, row in sorted(self.rows.items(), key=lambda item: tuple(map(str, asdict(item[0]).values())))
        )
        head = {"small": self.small, "wide": self.wide, "alarms": self.alarms}
        text = json.dumps(head)[:-1] + ', "rows": [\n' + ",\n".join(rows) + "\n]}\n"
        new = path.with_suffix(".new")
        new.write_text(text, encoding="utf-8")
        new.replace(path)


def read(path: Path) -> Record:
    """Return the record in a file."""
    data = json.loads(path.read_text(encoding="utf-8"))
    record = Record(data["small"], data["wide"], alarms=data["alarms"])
    for line in data["rows"]:
        cell = Cell(**{name: line.pop(name) for name in Cell.__dataclass_fields__})
        record.rows[cell] = Row(**{**line, "seeds": _seeds_in(line["seeds"])})
    return record


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
def sources_of(law: str) -> str:
    """Return a short hash of all that decides what trials of a law find.

    That is what is tried, implementations and kernels, and the modules of the law with all that they import.
    """
    digest = hashlib.sha256()
    own = {find(law).judge.__module__, find(law).cases.__module__}
    for name in sorted(_tried().union(*map(_imported_from, own))):
        digest.update(name.encode() + _file_of(name).read_bytes())
    return digest.hexdigest()[:16]


@cache
def _tried() -> frozenset[str]:
    packages = (symtests.implementations, symtests.kernels)
    found = [each.name for package in packages for each in walk_packages(package.__path__, f"{package.__name__}.")]
    return frozenset(found)


def _imported_from(module: str) -> set[str]:
    """Return the names of a module of symtests and of all that it imports of symtests, and these in turn."""
    seen, ahead = {module}, [module]
    while ahead:
        new = _imports(ahead.pop()) - seen
        seen |= new
        ahead += new
    return seen


@cache
def _imports(module: str) -> frozenset[str]:
    named: set[str] = set()
    for node in ast.walk(ast.parse(_file_of(module).read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module:
            named |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
    return frozenset(name for name in named if name.split(".")[0] == "symtests" and _is_module(name))


@cache
def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # what is asked for is a name in a module
        return False


def _file_of(module: str) -> Path:
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin)
