"""What failed, grouped by cause: a diagnosis once, its smallest counterexample, and every check that shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from symtests.cause_text import cause_and_evidence, same_cause
from symtests.reports.breaches import Breach
from symtests.reports.words import Word

__all__ = ["Cause", "Showing", "causes_of"]


@dataclass(frozen=True)
class Showing:
    """A property that shows a cause, with the counterexample of each dtype."""

    id: str
    title: str
    breaches: tuple[Breach, ...]


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
    smallest: Breach
    showings: tuple[Showing, ...]

    @property
    def count(self) -> int:
        """How many checks show it."""
        return sum(len(showing.breaches) for showing in self.showings)

    @property
    def others(self) -> tuple[Breach, ...]:
        """All counterexamples but the smallest."""
        return tuple(each for showing in self.showings for each in showing.breaches if each is not self.smallest)

    @property
    def dtypes(self) -> str:
        """The dtypes that show it, in words."""
        return " and ".join(dict.fromkeys(each.verdict.dtype for showing in self.showings for each in showing.breaches))


def causes_of(breaches: Iterable[Breach]) -> tuple[Cause, ...]:
    """Return the causes behind violations: new ones first, explained ones before others, the widest first.

    Violations of one implementation with one verdict have the same cause where their diagnoses differ at most in the
    count of answers and in digits of constants beyond the second. Those that nothing explains stand together, which
    says only that none of them is explained. Known failures stand together by their reason.
    """
    groups: dict[tuple[str, ...], list[Breach]] = {}
    order: list[Word] = []
    for breach in breaches:
        order.append(breach.word)
        groups.setdefault(_key(breach), []).append(breach)
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


def _key(breach: Breach) -> tuple[str, ...]:
    known = "" if breach.verdict.known is None else breach.verdict.known.reason
    return breach.word.word, breach.verdict.implementation, known, same_cause(breach.counterexample.diagnosis)


def _cause(anchor: str, group: list[Breach]) -> Cause:
    smallest = min(group, key=_size)
    by_property: dict[str, list[Breach]] = {}
    for breach in group:
        by_property.setdefault(breach.law.id, []).append(breach)
    told, evidence = cause_and_evidence(smallest.counterexample.diagnosis)
    return Cause(
        anchor,
        smallest.word,
        smallest.verdict.implementation,
        told,
        evidence,
        smallest,
        tuple(Showing(name, found[0].law.title, tuple(found)) for name, found in by_property.items()),
    )


def _size(breach: Breach) -> tuple[int, int, int]:
    found = breach.counterexample
    return found.hidden_units, found.samples, len(found.script)
