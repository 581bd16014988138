"""Speed as ratios: how many times as long as the reference each implementation takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from symtests.reports.comparisons import AIMS, Compared
from symtests.reports.results import Results
from symtests.reports.timings import Timing, Timings

__all__ = ["Ratio", "Speed", "SpeedGroup", "Withheld", "speed_of"]

KERNELS: Final = "numba"
"""The implementation whose kernels are compared with peers."""


@dataclass(frozen=True)
class Ratio:
    """How many times as long as the reference of its group something takes.

    `spread` says what `low` and `high` are; for the reference itself, they show how quiet the machine was.
    """

    timing: Timing
    median: float
    low: float
    high: float
    rounds: int
    spread: str
    reference: bool


@dataclass(frozen=True)
class SpeedGroup:
    """Implementations that did the same: the reference first."""

    operation: str
    name: str
    ratios: tuple[Ratio, ...]


@dataclass(frozen=True)
class Withheld:
    """Timings that are not shown, because what was timed breaks a property."""

    implementation: str
    dtype: str
    properties: tuple[str, ...]
    timings: int


@dataclass(frozen=True)
class Speed:
    """All ratios, and what is not among them."""

    groups: tuple[SpeedGroup, ...]
    withheld: tuple[Withheld, ...]
    unjudged: tuple[str, ...]
    timings: Timings
    comparisons: tuple[Compared, ...] = ()

    @property
    def comparison_groups(self) -> tuple[tuple[str, tuple[Compared, ...]], ...]:
        """The comparisons of kernels with peers, group by group."""
        names = dict.fromkeys(each.group for each in self.comparisons)
        return tuple((name, tuple(each for each in self.comparisons if each.group == name)) for name in names)

    @property
    def aims(self) -> dict[str, int]:
        """How many aims there are of each word."""
        words = [aim.word for each in self.comparisons for aim in each.aims]
        return {word: words.count(word) for word in AIMS if word in words}

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations that were timed."""
        return tuple(dict.fromkeys(group.operation for group in self.groups))

    @property
    def implementations(self) -> tuple[str, ...]:
        """The implementations with ratios, the reference first."""
        return tuple(dict.fromkeys(ratio.timing.implementation for group in self.groups for ratio in group.ratios))


def speed_of(timings: Timings, results: Results) -> Speed:
    """Return the ratios of all timings of code that breaks no property.

    The reference of a group is the one with which the others were timed in turn, or else the first
    implementation in the order of the run; its own ratio is 1.
    """
    broken = _broken(results)
    order = {item.name: rank for rank, item in enumerate(results.implementations)}
    shown = [entry for entry in timings.entries if (entry.implementation, entry.dtype) not in broken]
    groups: dict[str, list[Timing]] = {}
    for entry in sorted(shown, key=lambda entry: order.get(entry.implementation, len(order))):
        groups.setdefault(entry.group, []).append(entry)
    in_file_order = [groups[name] for name in dict.fromkeys(entry.group for entry in shown)]
    judged = {column for column in results.columns if column in {verdict.column for verdict in results.verdicts}}
    unjudged = {f"{e.implementation} {e.dtype}" for e in shown if (e.implementation, e.dtype) not in judged}
    return Speed(
        tuple(_group(entries) for entries in in_file_order),
        tuple(_withheld(timings, broken)),
        tuple(sorted(unjudged)),
        timings,
        tuple(each for each in timings.comparisons if (KERNELS, each.dtype) not in broken),
    )


def _broken(results: Results) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return for each implementation and dtype the properties that it breaks, newly or as known."""
    broken: dict[tuple[str, str], tuple[str, ...]] = {}
    for verdict in results.verdicts:
        if verdict.word in ("violated", "known"):
            broken[verdict.column] = (*broken.get(verdict.column, ()), verdict.prop)
    return broken


def _withheld(timings: Timings, broken: dict[tuple[str, str], tuple[str, ...]]) -> list[Withheld]:
    columns = [(entry.implementation, entry.dtype) for entry in timings.entries]
    columns += [(KERNELS, each.dtype) for each in timings.comparisons]
    return [
        Withheld(*column, properties, columns.count(column))
        for column, properties in broken.items()
        if column in columns
    ]


def _group(entries: list[Timing]) -> SpeedGroup:
    named = next((entry.paired.reference for entry in entries if entry.paired is not None), "")
    reference = next((entry for entry in entries if entry.implementation == named), entries[0])
    ordered = [reference, *(entry for entry in entries if entry is not reference)]
    name = reference.group.removeprefix(reference.operation).strip()
    return SpeedGroup(
        reference.operation, name or reference.group, tuple(_ratio(entry, reference) for entry in ordered)
    )


def _ratio(entry: Timing, reference: Timing) -> Ratio:
    paired = entry.paired
    if paired is not None and paired.reference == reference.implementation and entry is not reference:
        return Ratio(entry, paired.median, paired.low, paired.high, paired.rounds, "95 %", False)
    times = (entry.median, entry.first_quartile, entry.third_quartile)
    median, low, high = (time / reference.median for time in times)
    return Ratio(entry, median, low, high, entry.rounds, "quartiles", entry is reference)
