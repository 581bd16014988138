"""The words of a verdict, each with its glyph and its meaning, worst first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

__all__ = ["NOT_JUDGED", "WORDS", "Word", "worst"]


@dataclass(frozen=True)
class Word:
    """A word with its glyph, so that colour never speaks alone, and what it means."""

    word: str
    glyph: str
    meaning: str

    @property
    def is_trouble(self) -> bool:
        """Tell whether somebody has to look at it."""
        return self.word not in ("exact", "holds", "unsupported")

    @property
    def style(self) -> str:
        """Name of its colours in the style sheet."""
        return "word-" + self.word.replace(" ", "-")


_WORST_FIRST: Final = (
    Word("violated", "✗", "broken, with the smallest counterexample; so is NaN where a number is due"),
    Word("errored", "!", "the implementation crashed, hung or gave what is no answer"),
    Word("fixed", "↻", "listed as a known failure, but it holds now: remove the entry"),
    Word(
        "inconclusive",
        "?",
        "the tolerance hides the fault that the property promises to see, or no case was conclusive",
    ),
    Word("not judged", "·", "planned, but the run ended before"),
    Word("known", "⊗", "violated, as the list of known failures says"),
    Word("unsupported", "-", "the implementation cannot do what the property needs; never counted as a pass"),
    Word("holds", "≈", "held within the derived rounding bound"),
    Word("exact", "=", "held bit for bit in every case"),
)
WORDS: Final = {word.word: word for word in _WORST_FIRST}
"""All words by name, worst first."""

NOT_JUDGED: Final = "not judged"
"""The word for a check without a verdict; no results file holds it."""


def worst(words: Iterable[str]) -> tuple[int, ...]:
    """Return a key that sorts lists of words: by their worst word, then by how many there are, and so on."""
    found = list(words)
    return tuple(-found.count(word) for word in WORDS)
