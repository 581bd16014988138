"""The whole report as plain data, in the order in which a person asks; the templates only lay it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symtests.reports.anchors import anchors_of
from symtests.reports.case_tables import training_words
from symtests.reports.causes import Cause, causes_of
from symtests.reports.changes import Changes
from symtests.reports.claims import ClaimRow, claims_of
from symtests.reports.diagnoses import ModelDiagnosis
from symtests.reports.gaps import Gap, gaps_of
from symtests.reports.headline import Headline, counts_of, headline_of
from symtests.reports.ledger import PropertyEvidence, SeenOfProperty, evidence_of, seen_of
from symtests.reports.matrix import MatrixCell, MatrixGroup, MatrixRow, matrix_of, rows_worst_first
from symtests.reports.results import Failure, Implementation, PropertyEntry, Results, Story
from symtests.reports.speed import Speed, speed_of
from symtests.reports.story import Fate, fate_of
from symtests.reports.timings import Timings
from symtests.reports.violations import ShownViolation, violations_of
from symtests.reports.words import WORDS, Word

__all__ = ["Crash", "FailedCell", "Report", "StoryOfStarts", "report_of"]


@dataclass(frozen=True)
class StoryOfStarts:
    """What became of the hidden units of one implementation, from each start."""

    story: Story
    training: str
    fates: tuple[Fate, ...]


@dataclass(frozen=True)
class FailedCell:
    """A check that could not be judged, and why."""

    anchor: str
    prop: PropertyEntry
    cell: MatrixCell
    failure: Failure


@dataclass(frozen=True)
class Crash:
    """Checks of one implementation that failed in the same way, and the cases that show it."""

    implementation: str
    checks: tuple[FailedCell, ...]
    violations: tuple[ShownViolation, ...]


@dataclass(frozen=True)
class Report:
    """Everything that the pages say."""

    results: Results
    headline: Headline
    counts: tuple[tuple[Word, int], ...]
    gaps: tuple[Gap, ...]
    stories: tuple[StoryOfStarts, ...]
    claims: tuple[ClaimRow, ...]
    matrix: tuple[MatrixGroup, ...]
    violations: tuple[ShownViolation, ...]
    failures: tuple[FailedCell, ...]
    seen: tuple[SeenOfProperty, ...]
    evidence: tuple[tuple[str, tuple[PropertyEvidence, ...]], ...]
    speed: Speed | None
    causes: tuple[Cause, ...] = ()
    crashes: tuple[Crash, ...] = ()
    changes: Changes | None = None
    models: tuple[ModelDiagnosis, ...] = ()

    @property
    def stale(self) -> tuple[MatrixCell, ...]:
        """Checks that are listed as known failures, and hold."""
        return tuple(cell for row in self.troubled for cell in row.cells if cell.word.word == "fixed")

    @property
    def troubled(self) -> tuple[MatrixRow, ...]:
        """Properties that did not hold everywhere, worst first."""
        return tuple(row for row in rows_worst_first(self.matrix) if row.is_troubled)

    @property
    def untroubled(self) -> tuple[MatrixRow, ...]:
        """Properties that held wherever they could be asked."""
        return tuple(row for row in rows_worst_first(self.matrix) if not row.is_troubled)

    @property
    def failed_anywhere(self) -> bool:
        """Tell whether something failed that is not known to fail."""
        new = any(cause.word.word == "violated" for cause in self.causes)
        return bool(new or self.crashes or self.unchecked or self.stale)

    @property
    def unchecked(self) -> tuple[Implementation, ...]:
        """The implementations that could not be checked at all."""
        return tuple(item for item in self.results.implementations if item.smoke is not None)


def report_of(
    results: Results, timings: Timings | None, changes: Changes | None = None, models: Sequence[ModelDiagnosis] = ()
) -> Report:
    """Return the report on a run, and on timings, changes and examined models where there are any.

    Raises
    ------
    InvalidValue
        Where a counterexample is no case, or a story has no training.
    """
    anchors = anchors_of(results)
    matrix = matrix_of(results, anchors)
    speed = None if timings is None else speed_of(timings, results)
    violations = violations_of(matrix, anchors)
    failures = tuple(
        FailedCell(anchors.failure(cell.verdict.cell), row.prop, cell, cell.verdict.failure)
        for row in rows_worst_first(matrix)
        for cell in row.cells
        if cell.verdict is not None and cell.verdict.failure is not None and cell.word.word != "known"
    )
    return Report(
        results,
        headline_of(results),
        tuple((WORDS[word], count) for word, count in counts_of(results).items()),
        gaps_of(results, anchors, speed),
        tuple(
            StoryOfStarts(story, training_words(story.training), tuple(fate_of(story, start) for start in story.starts))
            for story in results.stories
            if story.starts
        ),
        claims_of(results, matrix),
        matrix,
        violations,
        failures,
        seen_of(matrix),
        tuple((group.name, evidence_of(group)) for group in matrix),
        speed,
        causes_of(violation for violation in violations if violation.word.word != "errored"),
        _crashes(failures, violations),
        changes,
        tuple(sorted(models, key=lambda model: -model.fatal)),
    )


def _crashes(failures: tuple[FailedCell, ...], violations: tuple[ShownViolation, ...]) -> tuple[Crash, ...]:
    """Return failures of one implementation with the same message together."""
    alike: dict[tuple[str, str, str, str], list[FailedCell]] = {}
    for each in failures:
        word, found = each.cell.word.word, each.failure
        alike.setdefault((each.cell.column[0], word, found.kind, found.message), []).append(each)
    by_check = {violation.verdict.cell: violation for violation in violations}
    crashes = []
    for (implementation, *_), checks in alike.items():
        verdicts = [each.cell.verdict for each in checks if each.cell.verdict is not None]
        shown = (by_check.get(verdict.cell) for verdict in verdicts if verdict.word == "errored")
        crashes.append(Crash(implementation, tuple(checks), tuple(each for each in shown if each is not None)))
    return tuple(crashes)
