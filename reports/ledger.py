"""Each property with the evidence behind its verdicts: so that nothing that was true of anything passes for a check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from symtests.reports.matrix import MatrixCell, MatrixGroup, MatrixRow
from symtests.reports.number_words import compact, counted, duration, percent
from symtests.reports.results import PropertyEntry, Verdict
from symtests.reports.words import Word

__all__ = ["Evidence", "PropertyEvidence", "Seen", "SeenOfProperty", "as_words", "end_of", "evidence_of", "seen_of"]

COUNTS: Final = ("conclusive", "trivial", "rejected", "too wide", "unsupported", "bit for bit")
"""What can become of a case; the last counts those of the conclusive that held bit for bit."""

_LONGEST_NAME: Final = 24
_NOTHING: Final = "—"


@dataclass(frozen=True)
class Evidence:
    """What one verdict rests on: cases by what became of them (`COUNTS`), and how sharp the look was."""

    cell: MatrixCell
    sentence: str
    counts: tuple[str, ...]
    worst: str
    smallest_fault: str
    seconds: str
    alike: tuple[MatrixCell, ...] = ()

    @property
    def bare(self) -> bool:
        """Tell whether there is nothing to count: it was not asked, or broke at the first case that tells."""
        verdict = self.cell.verdict
        return verdict is None or verdict.counterexample is not None or not any(_counts(verdict)[:4])


@dataclass(frozen=True)
class PropertyEvidence:
    """A property with the evidence of each of its checks.

    Parameters
    ----------
    words
        How many checks have each word.
    rows
        The checks, in the order of the columns.
    totals
        Cases of all checks together: all that were tried, then by what became of them (`COUNTS`).
    undecided
        How many of the checks that were judged had no conclusive case.
    """

    prop: PropertyEntry
    anchor: str
    words: tuple[tuple[Word, int], ...]
    rows: tuple[Evidence, ...]
    totals: tuple[int, ...]
    undecided: int

    @property
    def told(self) -> tuple[Evidence, ...]:
        """The rows; those of one implementation that say the same in words, without numbers, as one."""
        rows: dict[tuple[str, ...], Evidence] = {}
        for row in self.rows:
            numbers = () if row.bare else (*row.counts, row.cell.column[1])
            key = (row.cell.column[0], row.cell.word.word, row.sentence, *numbers)
            known = rows.get(key)
            rows[key] = row if known is None else replace(known, alike=(*known.alike, row.cell))
        return tuple(rows.values())


@dataclass(frozen=True)
class Seen:
    """An observation: who, what, and its data in the order of the table's columns."""

    cell: MatrixCell
    sentence: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class SeenOfProperty:
    """All observations under one property, as a table with one column for each kind of data."""

    prop: PropertyEntry
    anchor: str
    columns: tuple[str, ...]
    rows: tuple[Seen, ...]


def evidence_of(group: MatrixGroup) -> tuple[PropertyEvidence, ...]:
    """Return the evidence for each property of a group, in the order of the matrix."""
    return tuple(_of_property(row) for row in group.rows)


def _of_property(row: MatrixRow) -> PropertyEvidence:
    verdicts = [cell.verdict for cell in row.cells if cell.verdict is not None]
    counts = [sum(column) for column in zip(*map(_counts, verdicts), strict=True)] or [0] * len(COUNTS)
    return PropertyEvidence(
        row.prop,
        row.anchor,
        tuple((word, row.words.count(word.word)) for word in dict.fromkeys(cell.word for cell in row.cells)),
        tuple(_evidence(cell) for cell in row.cells),
        (sum(counts[:-1]), *counts),  # the last are among the first
        sum(not verdict.tally.conclusive for verdict in verdicts),
    )


def _counts(verdict: Verdict) -> tuple[int, ...]:
    """Return how many cases came to each of `COUNTS`."""
    tally = verdict.tally
    return tally.conclusive, tally.trivial, tally.rejected, tally.too_wide, tally.unsupported, verdict.bitwise_cases


def _evidence(cell: MatrixCell) -> Evidence:
    verdict = cell.verdict
    if verdict is None:
        return Evidence(cell, "The run ended before.", (_NOTHING,) * len(COUNTS), _NOTHING, _NOTHING, _NOTHING)
    return Evidence(
        cell,
        verdict.sentence,
        tuple(f"{count:,}" for count in _counts(verdict)),
        _worst(verdict),
        _smallest_fault(verdict),
        duration(verdict.seconds),
    )


def _worst(verdict: Verdict) -> str:
    """Return the worst error as a fraction of its bound, and what kind of bound that is."""
    if verdict.worst_fraction is None:
        return _NOTHING
    kind = "" if verdict.tolerance == "exact" else f" ({verdict.tolerance})"
    return percent(verdict.worst_fraction) + kind


def _smallest_fault(verdict: Verdict) -> str:
    """Return the smallest relative fault in one component that would have been seen."""
    if verdict.detectable is None:
        return _NOTHING
    return "any bit" if verdict.detectable == 0 else compact(verdict.detectable, 2)


def seen_of(matrix: tuple[MatrixGroup, ...]) -> tuple[SeenOfProperty, ...]:
    """Return all observations, property by property; the dtype stands with the implementation already."""
    tables = []
    for row in (row for group in matrix for row in group.rows):
        seen = [(cell, *item) for cell in row.cells if cell.verdict for item in cell.verdict.observations]
        if seen:
            columns = tuple(dict.fromkeys(name for _, _, data in seen for name in data if name != "dtype"))
            rows = tuple(Seen(cell, words, _values(columns, data)) for cell, words, data in seen)
            tables.append(SeenOfProperty(row.prop, row.anchor, columns, rows))
    return tuple(tables)


def _values(columns: tuple[str, ...], data: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(as_words(data[name]) if name in data else _NOTHING for name in columns)


def end_of(name: str) -> str:
    """Return a name, or the end of a long one, which tells more than its beginning."""
    return name if len(name) <= _LONGEST_NAME else "…" + name[1 - _LONGEST_NAME :]


def as_words(value: Any) -> str:
    """Return plain data as a person reads it: numbers short, lists with commas."""
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: _NOTHING}[value]
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return compact(value)
    if isinstance(value, list):
        return ", ".join(as_words(item) for item in value) if len(value) <= 12 else counted(len(value), "value")
    if isinstance(value, dict):
        return ", ".join(f"{name}: {as_words(item)}" for name, item in value.items())
    return str(value)
