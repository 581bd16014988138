"""What is said of backpropagation, with what the laws that check it have found in each implementation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symtests.reports.matrix import MatrixCell, MatrixGroup, MatrixRow
from symtests.reports.results import Claim, Results
from symtests.reports.words import WORDS, Word, worst

__all__ = ["ClaimFound", "ClaimRow", "LawFound", "claims_of"]


@dataclass(frozen=True)
class LawFound:
    """The worst word of a law in one implementation; `target` is the anchor of what there is to know of that cell."""

    law: str
    word: Word
    target: str


@dataclass(frozen=True)
class ClaimFound:
    """What the laws behind a claim have found in one implementation, in all its number types together.

    Parameters
    ----------
    implementation
        Its name.
    word
        The worst word of all cells. What an implementation cannot do counts only if that is all there is.
    counts
        How many cells have each word, worst first.
    laws
        The laws, in the order of the run.
    """

    implementation: str
    word: Word
    counts: tuple[tuple[Word, int], ...]
    laws: tuple[LawFound, ...]

    @property
    def troubled(self) -> tuple[LawFound, ...]:
        """Those that did not hold, and of which there is something to see."""
        return tuple(law for law in self.laws if law.word.is_trouble)


@dataclass(frozen=True)
class ClaimRow:
    """A claim with what was found in each implementation."""

    claim: Claim
    found: tuple[ClaimFound, ...]


def claims_of(results: Results, matrix: Sequence[MatrixGroup]) -> tuple[ClaimRow, ...]:
    """Return the claims that the laws of a run check, in their own order; only laws that were asked count."""
    rows = {row.law.id: row for group in matrix for row in group.rows}
    names = tuple(dict.fromkeys(implementation for implementation, _ in results.columns))
    found = []
    for claim in results.run.claims:
        checking = [rows[law.id] for law in results.laws if claim.id in law.claims]
        if checking:
            found.append(ClaimRow(claim, tuple(_found(name, checking) for name in names)))
    return tuple(found)


def _found(implementation: str, rows: Sequence[MatrixRow]) -> ClaimFound:
    cells = {row.law.id: [cell for cell in row.cells if cell.column[0] == implementation] for row in rows}
    words = [cell.word.word for of_law in cells.values() for cell in of_law]
    counts = tuple((word, words.count(name)) for name, word in WORDS.items() if name in words)
    worst_of_law = {law: min(of_law, key=_badness) for law, of_law in cells.items()}
    return ClaimFound(
        implementation,
        next((word for word, _ in counts if word.word != "unsupported"), counts[0][0]),
        counts,
        tuple(LawFound(law, cell.word, cell.target) for law, cell in worst_of_law.items()),
    )


def _badness(cell: MatrixCell) -> tuple[int, ...]:
    return worst([cell.word.word])
