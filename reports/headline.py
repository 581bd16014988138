"""The sentence that a person reads first, and the count of every word behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from symtests.reports.number_words import counted
from symtests.reports.results import Results
from symtests.reports.words import NOT_JUDGED, WORDS, Word

__all__ = ["Headline", "counts_of", "headline_of"]

_TROUBLE: Final = ("violated", "errored", "fixed", "inconclusive")


@dataclass(frozen=True)
class Headline:
    """The verdict on the whole run: its worst word gives the colour."""

    word: Word
    sentence: str

    @property
    def glyph(self) -> str:
        """The glyph of its word; a check mark if all is well."""
        return "✓" if self.word.word in ("exact", "holds") else self.word.glyph


def counts_of(results: Results) -> dict[str, int]:
    """Return how many checks have each word, worst first; they add up to the checks that were planned."""
    found = [verdict.word for verdict in results.verdicts] + [NOT_JUDGED] * results.missing
    return {word: found.count(word) for word in WORDS}


def headline_of(results: Results) -> Headline:
    """Return the sentence, as in "3 of 84 checks violated; 2 errored; 1 inconclusive"."""
    counts = counts_of(results)
    total, unchecked = sum(counts.values()), sum(item.smoke is not None for item in results.implementations)
    partial = results.end is None or results.missing > 0
    parts = [_trouble(word, counts[word]) for word in _TROUBLE if counts[word]]
    if counts["violated"] and not partial:
        parts[0] = f"{counts['violated']:,} of {counted(total, 'check')} violated"
    if unchecked:
        parts.append(f"{counted(unchecked, 'implementation')} could not be checked at all")
    if parts:
        sentence = "; ".join(parts)
        if not counts["violated"]:
            sentence += "; no new violation"
    else:
        sentence = _no_trouble(counts)
    if partial:
        judged = f"{len(results.verdicts):,} of {counted(total, 'check')} judged"
        cut = f"cut short, {judged}" if results.end is None else judged
        sentence = f"{cut}: {sentence}" if results.verdicts or parts else f"{cut}: nothing is known"
    return Headline(WORDS[_worst_word(results, counts, unchecked)], sentence[0].upper() + sentence[1:])


def _trouble(word: str, count: int) -> str:
    if word == "fixed":
        return f"{counted(count, 'known failure')} no longer {'fails' if count == 1 else 'fail'}"
    return f"{count:,} {word}"


def _no_trouble(counts: Mapping[str, int]) -> str:
    """Tell what held; what says nothing of the properties is named apart."""
    held = counts["exact"] + counts["holds"]
    aside = [
        f"{counts[word]:,} {name}"
        for word, name in (("known", "known to fail"), ("unsupported", "unsupported"))
        if counts[word]
    ]
    if not held:
        return "; ".join(["no property was seen to hold", *aside])
    ways = [
        f"{counts[word]:,} {how}"
        for word, how in (("exact", "bit for bit"), ("holds", "within rounding"))
        if counts[word]
    ]
    return "; ".join([f"{counted(held, 'check')} held, {' and '.join(ways)}", *aside])


def _worst_word(results: Results, counts: Mapping[str, int], unchecked: int) -> str:
    for word in _TROUBLE:
        if counts[word] or (word == "errored" and unchecked):
            return word
    if results.end is None or counts[NOT_JUDGED]:
        return NOT_JUDGED
    if counts["exact"] + counts["holds"]:
        return "holds"
    return "known" if counts["known"] else "unsupported"
