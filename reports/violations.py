"""Counterexamples: what broke, on which smallest case, and how to see it again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from symtests.reports.anchors import Anchors
from symtests.reports.case_tables import CaseView, case_view
from symtests.reports.matrix import MatrixGroup
from symtests.reports.number_words import compact, every_digit
from symtests.reports.results import Counterexample, PropertyEntry, Verdict
from symtests.reports.words import WORDS, Word

__all__ = ["Difference", "ShownViolation", "violations_of"]


@dataclass(frozen=True)
class Difference:
    """What was compared, all digits kept: two numbers, how far apart they are, and how far they may be."""

    quantity: str
    expected: str
    found: str
    apart: str
    bound: str


_LONGEST_SCRIPT: Final = 40_000
"""Characters of a script that the page shows: a hundred long ones would make a page that no browser opens."""


@dataclass(frozen=True)
class ShownViolation:
    """A violation, with its property and its smallest case laid out."""

    anchor: str
    detail_anchor: str
    word: Word
    prop: PropertyEntry
    verdict: Verdict
    counterexample: Counterexample
    difference: Difference | None
    case: CaseView

    @property
    def script(self) -> str:
        """The script that shows it; of a very long one, the beginning."""
        script = self.counterexample.script
        if len(script) <= _LONGEST_SCRIPT:
            return script
        end = script.rfind("\n", 0, _LONGEST_SCRIPT) + 1 or _LONGEST_SCRIPT
        left_out = script.count("\n", end)
        return f"{script[:end]}# ... and {left_out} more lines: the whole script is in the folder counterexamples.\n"


def violations_of(matrix: tuple[MatrixGroup, ...], anchors: Anchors) -> tuple[ShownViolation, ...]:
    """Return every counterexample, new violations before known ones, and then as the matrix is ordered."""
    found = [
        _violation(row.prop, cell.verdict, cell.verdict.counterexample, anchors)
        for group in matrix
        for row in group.rows
        for cell in row.cells
        if cell.verdict is not None and cell.verdict.counterexample is not None
    ]
    ranks = list(WORDS)
    return tuple(sorted(found, key=lambda violation: ranks.index(violation.word.word)))


def _violation(
    prop: PropertyEntry, verdict: Verdict, counterexample: Counterexample, anchors: Anchors
) -> ShownViolation:
    return ShownViolation(
        anchors.counterexample(verdict.cell),
        anchors.cell(verdict.cell),
        WORDS[verdict.word],
        prop,
        verdict,
        counterexample,
        _difference(counterexample),
        case_view(counterexample.case),
    )


def _difference(found: Counterexample) -> Difference | None:
    """Return the comparison of two numbers; None where the violation is not about numbers."""
    if found.expected is None or found.found is None or math.isnan(found.expected):
        return None
    apart = found.found - found.expected
    text = compact(apart)
    if found.bound is None:
        bound = "not given"
    elif found.bound == 0:
        bound = "0: the two must agree bit for bit"
    else:
        bound = compact(found.bound)
        if math.isfinite(apart):
            text += f", {compact(abs(apart) / found.bound, 2)} times the bound"
    return Difference(found.quantity, every_digit(found.expected), every_digit(found.found), text, bound)
