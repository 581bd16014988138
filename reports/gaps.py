"""What a run does not tell: cells that nobody judged, bounds too wide, subjects that could not be asked."""

from __future__ import annotations

from dataclasses import dataclass

from symtests.reports.anchors import Anchors
from symtests.reports.numbers import counted
from symtests.reports.results import Results
from symtests.reports.words import NOT_JUDGED, WORDS, Word

__all__ = ["Gap", "Link", "gaps_of"]


@dataclass(frozen=True)
class Link:
    """Words that lead to an anchor."""

    words: str
    target: str


@dataclass(frozen=True)
class Gap:
    """One thing that the run leaves open, with links to where more is said."""

    word: Word
    sentence: str
    links: tuple[Link, ...] = ()


def gaps_of(results: Results, anchors: Anchors) -> tuple[Gap, ...]:
    """Return what the run leaves open, what hides most first."""
    return (*_cut_short(results), *_unchecked(results), *_cells(results, anchors))


def _cut_short(results: Results) -> list[Gap]:
    judged = f"{len(results.verdicts):,} of {counted(results.run.cells, 'cell')} judged"
    torn = " The last line of the results file was torn in the middle and is left out." if results.torn else ""
    if results.end is None:
        return [Gap(WORDS[NOT_JUDGED], f"This run was cut short: {judged}.{torn}")]
    if results.missing:
        return [Gap(WORDS[NOT_JUDGED], f"{counted(results.missing, 'planned cell')} got no verdict: {judged}.{torn}")]
    return []


def _unchecked(results: Results) -> list[Gap]:
    return [
        Gap(
            WORDS["errored"],
            f"{item.name} could not be checked at all ({item.smoke.kind}): {item.smoke.message}",
            (Link("what it wrote", "failures"),),
        )
        for item in results.implementations
        if item.smoke is not None
    ]


def _cells(results: Results, anchors: Anchors) -> list[Gap]:
    sentences = {
        "errored": ("{} errored: nothing is known about the law there.", anchors.failure),
        "inconclusive": ("{} inconclusive: the law was asked, but no answer can be given.", anchors.cell),
        "fixed": ("{} held although listed as known to fail: remove the entries.", anchors.cell),
        "unsupported": ("{} unsupported: the implementation cannot do what the law needs.", anchors.cell),
    }
    gaps = []
    for word, (sentence, anchor) in sentences.items():
        found = [verdict for verdict in results.verdicts if verdict.word == word]
        if found:
            links = (
                Link(f"{v.law} · {v.implementation} {v.dtype}", (anchor if v.failure else anchors.cell)(v.cell))
                for v in found
            )
            gaps.append(Gap(WORDS[word], sentence.format(counted(len(found), "cell")), tuple(links)))
    return gaps
