"""What a run does not tell: checks that nobody judged, bounds too wide, implementations that could not be asked."""

from __future__ import annotations

from dataclasses import dataclass

from symtests.reports.anchors import Anchors
from symtests.reports.number_words import counted
from symtests.reports.results import Column, Results
from symtests.reports.speed import Speed
from symtests.reports.words import NOT_JUDGED, WORDS, Word

__all__ = ["Gap", "Link", "Place", "gaps_of"]


@dataclass(frozen=True)
class Link:
    """Words that lead to an anchor."""

    words: str
    target: str


@dataclass(frozen=True)
class Place:
    """An implementation, with links to what is left open about it."""

    implementation: str
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Gap:
    """One thing that the run leaves open, and where more is said of it."""

    word: Word
    sentence: str
    places: tuple[Place, ...] = ()

    @property
    def links(self) -> int:
        """How many links all places have."""
        return sum(len(place.links) for place in self.places)


def gaps_of(results: Results, anchors: Anchors, speed: Speed | None = None) -> tuple[Gap, ...]:
    """Return what the run leaves open, what hides most first."""
    return (
        *_cut_short(results), *_left_out(results), *_unchecked(results), *_cells(results, anchors), *_aims(speed)
    )  # fmt: skip


def _aims(speed: Speed | None) -> list[Gap]:
    count = speed.aims.get("open", 0) if speed else 0
    if count == 0:
        return []
    sentence = f"{counted(count, 'aim')} of speed open: the interval of the ratio holds the aim."
    return [Gap(WORDS["inconclusive"], sentence, (Place("", (Link("Speed", "speed"),)),))]


def _cut_short(results: Results) -> list[Gap]:
    judged = f"{len(results.verdicts):,} of {counted(results.run.checks, 'check')} judged"
    torn = " The last line of the results file was torn in the middle and is left out." if results.torn else ""
    if results.end is None:
        return [Gap(WORDS[NOT_JUDGED], f"This run was cut short: {judged}.{torn}")]
    if results.missing:
        return [Gap(WORDS[NOT_JUDGED], f"{counted(results.missing, 'planned check')} got no verdict: {judged}.{torn}")]
    return []


def _left_out(results: Results) -> list[Gap]:
    """Return what the question left out: properties that are too new, known failures that were not looked at."""
    return [Gap(WORDS[NOT_JUDGED], note[0].upper() + note[1:] + ".") for note in results.run.notes if note]


def _unchecked(results: Results) -> list[Gap]:
    return [
        Gap(
            WORDS["errored"],
            f"{item.name} could not be checked at all ({item.smoke.kind}): {item.smoke.message}",
            (Place("", (Link("What it wrote", "failures"),)),),
        )
        for item in results.implementations
        if item.smoke is not None
    ]


def _cells(results: Results, anchors: Anchors) -> list[Gap]:
    sentences = {
        "errored": "{} errored: nothing is known about the property there.",
        "inconclusive": "{} inconclusive: the property was asked, but no answer can be given.",
        "fixed": "{} held although listed as known to fail: remove the entries.",
        "unsupported": "{} unsupported: the implementation cannot do what the property needs.",
    }
    return [
        Gap(WORDS[word], sentence.format(counted(count, "check")), _places(results, word, anchors))
        for word, sentence in sentences.items()
        if (count := sum(verdict.word == word for verdict in results.verdicts))
    ]


def _places(results: Results, word: str, anchors: Anchors) -> tuple[Place, ...]:
    """Return the checks with this word, implementation by implementation."""
    links: dict[Column, list[Link]] = {}
    for verdict in results.verdicts:
        if verdict.word == word:
            anchor = anchors.failure if verdict.failure else anchors.cell
            links.setdefault(verdict.column, []).append(Link(verdict.prop, anchor(verdict.cell)))
    return tuple(Place(" ".join(column), tuple(found)) for column, found in links.items())
