"""What is said of backpropagation, with what the properties that check it have found in each implementation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symtests.reports.matrix import MatrixCell, MatrixGroup, MatrixRow
from symtests.reports.results import Claim, Results
from symtests.reports.words import WORDS, Word, worst

__all__ = ["ClaimFound", "ClaimRow", "PropertyFound", "claims_of"]


@dataclass(frozen=True)
class PropertyFound:
    """The worst word of a property in one implementation; `target` is the anchor of its details."""

    prop: str
    word: Word
    target: str


@dataclass(frozen=True)
class ClaimFound:
    """What the properties behind a claim have found in one implementation, in all its number types together.

    Parameters
    ----------
    implementation
        Its name.
    word
        The worst word of all checks. What an implementation cannot do counts only if that is all there is.
    counts
        How many checks have each word, worst first.
    properties
        The properties, in the order of the run.
    """

    implementation: str
    word: Word
    counts: tuple[tuple[Word, int], ...]
    properties: tuple[PropertyFound, ...]

    @property
    def troubled(self) -> tuple[PropertyFound, ...]:
        """Those that did not hold, and of which there is something to see."""
        return tuple(prop for prop in self.properties if prop.word.is_trouble)


@dataclass(frozen=True)
class ClaimRow:
    """A claim with what was found in each implementation."""

    claim: Claim
    found: tuple[ClaimFound, ...]


def claims_of(results: Results, matrix: Sequence[MatrixGroup]) -> tuple[ClaimRow, ...]:
    """Return the claims that the properties of a run check, in their own order."""
    rows = {row.prop.id: row for group in matrix for row in group.rows}
    names = tuple(dict.fromkeys(implementation for implementation, _ in results.columns))
    found = []
    for claim in results.run.claims:
        checking = [rows[prop.id] for prop in results.properties if claim.id in prop.claims]
        if checking:
            found.append(ClaimRow(claim, tuple(_found(name, checking) for name in names)))
    return tuple(found)


def _found(implementation: str, rows: Sequence[MatrixRow]) -> ClaimFound:
    cells = {row.prop.id: [cell for cell in row.cells if cell.column[0] == implementation] for row in rows}
    words = [cell.word.word for of_property in cells.values() for cell in of_property]
    counts = tuple((word, words.count(name)) for name, word in WORDS.items() if name in words)
    worst_of_property = {prop: min(of_property, key=_badness) for prop, of_property in cells.items()}
    return ClaimFound(
        implementation,
        next((word for word, _ in counts if word.word != "unsupported"), counts[0][0]),
        counts,
        tuple(PropertyFound(prop, cell.word, cell.target) for prop, cell in worst_of_property.items()),
    )


def _badness(cell: MatrixCell) -> tuple[int, ...]:
    return worst([cell.word.word])
