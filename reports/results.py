"""What a results file says, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from symtests.network import Network
from symtests.reports.record import Record

__all__ = [
    "Cell",
    "Claim",
    "Column",
    "Counterexample",
    "End",
    "Failure",
    "Implementation",
    "Listed",
    "Machine",
    "PropertyEntry",
    "Results",
    "Run",
    "Start",
    "Story",
    "Tally",
    "Unit",
    "Verdict",
]

Column = tuple[str, str]
"""An implementation and a dtype: a column of the matrix."""

Cell = tuple[str, str, str]
"""A property, an implementation and a dtype: what one verdict is about."""


@dataclass(frozen=True)
class Machine:
    """Where the run took place."""

    platform: str
    python: str
    processor: str
    cores: int
    packages: Mapping[str, Any]


@dataclass(frozen=True)
class PropertyEntry:
    """A property as its authors state it; the fields are those of `symtests.properties.base.Property`."""

    id: str
    version: int
    group: str
    title: str
    statement: str
    formula: str
    precondition: str
    exactness_words: str
    catches: str
    source: str
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Claim:
    """Something that is said of backpropagation, and what is true of it; properties name it by its id."""

    id: str
    text: str
    truth: str


@dataclass(frozen=True)
class Run:
    """What was asked: `cells` verdicts were planned; `examples` says how many cases of each tier.

    `notes` are sentences on what the question left out.
    """

    symtests: str
    started: str
    profile: str
    seed: int
    examples: Mapping[str, Any]
    command: str
    machine: Machine
    properties: tuple[PropertyEntry, ...]
    claims: tuple[Claim, ...]
    checks: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failure:
    """Why something could not be judged; `output` is the end of its standard error."""

    kind: str
    message: str
    output: str


@dataclass(frozen=True)
class Implementation:
    """An implementation under check; `smoke` tells why it could not be checked at all, if so."""

    name: str
    location: str
    version: str
    capabilities: Mapping[str, Any]
    dtypes: tuple[str, ...]
    smoke: Failure | None


@dataclass(frozen=True)
class Tally:
    """How many cases were tried, and what became of them."""

    conclusive: int
    trivial: int
    rejected: int
    too_wide: int
    unsupported: int


@dataclass(frozen=True)
class Counterexample:
    """The smallest case that shows a violation or a crash; `case` is its JSON form, still to be read."""

    sentence: str
    case: Record
    hidden_units: int
    samples: int
    command: str
    script: str
    quantity: str
    expected: float | None
    found: float | None
    bound: float | None
    diagnosis: str


@dataclass(frozen=True)
class Listed:
    """The entry of a list of known failures that is about a check: why, where more is said, and where it stands."""

    reason: str
    link: str
    place: str


@dataclass(frozen=True)
class Verdict:
    """What was found of one property, one implementation and one dtype."""

    implementation: str
    prop: str
    dtype: str
    word: str
    sentence: str
    tally: Tally
    worst_fraction: float | None
    detectable: float | None
    tolerance: str
    bitwise_cases: int
    counterexample: Counterexample | None
    failure: Failure | None
    observations: tuple[tuple[str, Mapping[str, Any]], ...]
    seconds: float
    known: Listed | None = None

    @property
    def column(self) -> Column:
        """The column of the matrix that it stands in."""
        return self.implementation, self.dtype

    @property
    def cell(self) -> Cell:
        """The check of the matrix that it stands in."""
        return self.prop, self.implementation, self.dtype


@dataclass(frozen=True)
class Unit:
    """A hidden unit over a training: (w1, w2, b) and its outgoing weight at each checkpoint."""

    incoming: tuple[tuple[float, ...], ...]
    outgoing: tuple[float, ...]


@dataclass(frozen=True)
class Start:
    """A training from one kind of start, seen at the checkpoints `steps`."""

    start: str
    steps: tuple[float, ...]
    loss: tuple[float, ...]
    units: tuple[Unit, ...]


@dataclass(frozen=True)
class Story:
    """Hidden units learning XOR from several starts in one implementation; `training` is its JSON form."""

    implementation: str
    dtype: str
    network: Network
    training: Record
    starts: tuple[Start, ...]


@dataclass(frozen=True)
class End:
    """The last line of a run that was not killed."""

    finished: str
    seconds: float
    exit_status: int


@dataclass(frozen=True)
class Results:
    """Everything that a results file says.

    Parameters
    ----------
    end
        None where the run was cut short.
    torn
        Whether the last line was cut in the middle, and left out.
    """

    run: Run
    implementations: tuple[Implementation, ...]
    verdicts: tuple[Verdict, ...]
    stories: tuple[Story, ...]
    end: End | None
    torn: bool

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of the matrix in the order of the run: those judged; all of them where checks are missing."""
        judged = {verdict.column for verdict in self.verdicts}
        announced = [(item.name, dtype) for item in self.implementations for dtype in item.dtypes]
        planned = [column for column in announced if column in judged or self.missing]
        return tuple(dict.fromkeys([*planned, *(verdict.column for verdict in self.verdicts)]))

    @property
    def properties(self) -> tuple[PropertyEntry, ...]:
        """Properties in the order of the run: those judged; all of them where checks are missing."""
        judged = {verdict.prop for verdict in self.verdicts}
        return tuple(prop for prop in self.run.properties if prop.id in judged or self.missing)

    @property
    def missing(self) -> int:
        """Number of checks that were planned and not judged."""
        return max(0, self.run.checks - len(self.verdicts))

    @property
    def by_cell(self) -> Mapping[Cell, Verdict]:
        """Each verdict by the check that it stands in."""
        return {verdict.cell: verdict for verdict in self.verdicts}
