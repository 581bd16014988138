"""The matrix of properties and implementations, worst first; each check knows where its details stand."""

from __future__ import annotations

from dataclasses import dataclass

from symtests.reports.anchors import Anchors
from symtests.reports.results import Column, PropertyEntry, Results, Verdict
from symtests.reports.words import NOT_JUDGED, WORDS, Word, worst

__all__ = ["MatrixCell", "MatrixGroup", "MatrixRow", "matrix_of", "rows_worst_first"]


@dataclass(frozen=True)
class MatrixCell:
    """One property, asked of one implementation; `target` is the anchor of what there is to know of it."""

    column: Column
    word: Word
    target: str
    anchor: str
    verdict: Verdict | None

    @property
    def leads(self) -> bool:
        """Tell whether there is more to read of it than its line of evidence."""
        return self.word.is_trouble


@dataclass(frozen=True)
class MatrixRow:
    """A property with its checks, one for each column."""

    prop: PropertyEntry
    anchor: str
    cells: tuple[MatrixCell, ...]

    @property
    def words(self) -> list[str]:
        """The words of its checks."""
        return [cell.word.word for cell in self.cells]

    @property
    def is_troubled(self) -> bool:
        """Tell whether it did not hold somewhere where it was asked."""
        return any(cell.word.is_trouble for cell in self.cells)


@dataclass(frozen=True)
class MatrixGroup:
    """Properties that belong together."""

    name: str
    rows: tuple[MatrixRow, ...]


def matrix_of(results: Results, anchors: Anchors) -> tuple[MatrixGroup, ...]:
    """Return the groups of properties, worst group first, worst property first in each."""
    by_cell = results.by_cell
    groups: dict[str, list[MatrixRow]] = {}
    for prop in results.properties:
        cells = tuple(_cell(by_cell.get((prop.id, *column)), (prop.id, *column), anchors) for column in results.columns)
        groups.setdefault(prop.group, []).append(MatrixRow(prop, anchors.prop(prop.id), cells))
    ordered = (
        MatrixGroup(name, tuple(sorted(rows, key=lambda row: worst(row.words)))) for name, rows in groups.items()
    )
    return tuple(sorted(ordered, key=lambda group: worst(word for row in group.rows for word in row.words)))


def rows_worst_first(matrix: tuple[MatrixGroup, ...]) -> tuple[MatrixRow, ...]:
    """Return the rows of all groups, worst row first."""
    return tuple(sorted((row for group in matrix for row in group.rows), key=lambda row: worst(row.words)))


def _cell(verdict: Verdict | None, cell: tuple[str, str, str], anchors: Anchors) -> MatrixCell:
    anchor, column = anchors.cell(cell), cell[1:]
    if verdict is None:
        return MatrixCell(column, WORDS[NOT_JUDGED], anchor, anchor, None)
    target = anchor
    if verdict.failure is not None and verdict.word != "known":
        target = anchors.failure(cell)
    elif verdict.counterexample is not None:
        target = anchors.counterexample(cell)
    return MatrixCell(column, WORDS[verdict.word], target, anchor, verdict)
