"""What failed, grouped by cause: a diagnosis once, its smallest counterexample, and every check that shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from symtests.cause_text import cause_and_evidence, same_cause
from symtests.reports.violations import ShownViolation
from symtests.reports.words import Word

__all__ = ["Cause", "Showing", "causes_of"]


@dataclass(frozen=True)
class Showing:
    """A property that shows a cause, with the counterexample of each dtype."""

    id: str
    title: str
    violations: tuple[ShownViolation, ...]


@dataclass(frozen=True)
class Cause:
    """Violations of one implementation with one explanation.

    Parameters
    ----------
    anchor
        Its place in the page.
    word
        The verdict of its checks: violated, known, or errored where a crash has a counterexample.
    implementation
        Whose fault it is.
    diagnosis
        What is wrong, in words; empty where no fault model explains it.
    evidence
        What the diagnosis of the smallest case rests on.
    smallest
        The smallest counterexample: fewest hidden units, then samples, then characters of its script.
    showings
        The properties that show it, in the order of the run.
    """

    anchor: str
    word: Word
    implementation: str
    diagnosis: str
    evidence: str
    smallest: ShownViolation
    showings: tuple[Showing, ...]

    @property
    def count(self) -> int:
        """How many checks show it."""
        return sum(len(showing.violations) for showing in self.showings)

    @property
    def others(self) -> tuple[ShownViolation, ...]:
        """All counterexamples but the smallest."""
        return tuple(each for showing in self.showings for each in showing.violations if each is not self.smallest)

    @property
    def dtypes(self) -> str:
        """The dtypes that show it, in words."""
        return " and ".join(
            dict.fromkeys(each.verdict.dtype for showing in self.showings for each in showing.violations)
        )


def causes_of(violations: Iterable[ShownViolation]) -> tuple[Cause, ...]:
    """Return the causes behind violations: new ones first, explained ones before others, the widest first.

    Violations of one implementation with one verdict have the same cause where their diagnoses differ at most in the
    count of answers and in digits of constants beyond the second. Those that nothing explains stand together, which
    says only that none of them is explained. Known failures stand together by their reason.
    """
    groups: dict[tuple[str, ...], list[ShownViolation]] = {}
    order: list[Word] = []
    for violation in violations:
        order.append(violation.word)
        groups.setdefault(_key(violation), []).append(violation)
    ranks = list(dict.fromkeys(order))
    ordered = sorted(
        groups.values(),
        key=lambda group: (
            ranks.index(group[0].word),
            not cause_and_evidence(group[0].counterexample.diagnosis)[0],
            -len(group),
        ),
    )
    return tuple(_cause(f"cause-{number}", group) for number, group in enumerate(ordered, 1))


def _key(violation: ShownViolation) -> tuple[str, ...]:
    known = "" if violation.verdict.known is None else violation.verdict.known.reason
    return violation.word.word, violation.verdict.implementation, known, same_cause(violation.counterexample.diagnosis)


def _cause(anchor: str, group: list[ShownViolation]) -> Cause:
    smallest = min(group, key=_size)
    by_property: dict[str, list[ShownViolation]] = {}
    for violation in group:
        by_property.setdefault(violation.prop.id, []).append(violation)
    told, evidence = cause_and_evidence(smallest.counterexample.diagnosis)
    return Cause(
        anchor,
        smallest.word,
        smallest.verdict.implementation,
        told,
        evidence,
        smallest,
        tuple(Showing(name, found[0].prop.title, tuple(found)) for name, found in by_property.items()),
    )


def _size(violation: ShownViolation) -> tuple[int, int, int]:
    found = violation.counterexample
    return found.hidden_units, found.samples, len(found.script)
