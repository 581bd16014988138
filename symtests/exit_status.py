"""The exit statuses of the command line: one table, from which the help and the pages are made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

__all__ = [
    "ALL_AS_EXPECTED", "INTERNAL_ERROR", "INTERRUPTED", "MEANINGS", "NOT_JUDGED", "READER_GONE", "VIOLATED",
    "WRONG_USAGE", "worst",
]  # fmt: skip

ALL_AS_EXPECTED: Final = 0
VIOLATED: Final = 1
WRONG_USAGE: Final = 2
NOT_JUDGED: Final = 3
INTERNAL_ERROR: Final = 4
INTERRUPTED: Final = 130
READER_GONE: Final = 141

MEANINGS: Final[Mapping[int, str]] = {
    ALL_AS_EXPECTED: "all as expected",
    VIOLATED: "a property is violated, or an entry of the known failures is stale",
    WRONG_USAGE: "wrong usage; one sentence says what is required",
    NOT_JUDGED: "something could not be judged: the implementation failed, or the evidence does not suffice",
    INTERNAL_ERROR: "an internal error of symtests, or a file that could not be written; the run is not whole",
    INTERRUPTED: "interrupted; what was judged is kept",
    READER_GONE: "the reader of the output went away",
}
"""What each exit status means."""

_WORST_FIRST: Final = (INTERNAL_ERROR, VIOLATED, NOT_JUDGED)


def worst(statuses: Iterable[int]) -> int:
    """Return the one that counts of several that apply: 4 comes before 1, 1 before 3, and 3 before 0."""
    found = set(statuses)
    return next((status for status in _WORST_FIRST if status in found), ALL_AS_EXPECTED)
