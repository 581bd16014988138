"""What a diagnosis is worth: whether it names what is wrong, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from tests.diagnosis.measured.measured_fault import MeasuredFault

__all__ = ["Grade", "Graded", "clauses", "graded"]

Grade = Literal["right", "partly", "none", "wrong"]

_NEUTRAL: Final = tuple(
    map(
        re.compile,
        (
            r"^This explains |^Together they explain ",
            r"^(It does|They do) not explain ",
            r"not explained",
            r"is wrong in \d+ of \d+ answers",
            r"^trainings by \w+ are (right|wrong) for steps",
            r"^trainings by \w+ return the parameters that they are given",
            r"^predictions are wrong in \d+ of \d+ questions",
        ),
    )
)
"""Sentences that name no cause: evidence, and what can be said of what is not explained."""
_INTRODUCTIONS: Final = re.compile(
    r"^(Besides, |the reported gradient is right, that of a plain step is not: "
    r"|a plain step does not follow the reported gradient: )+"
)


@dataclass(frozen=True)
class Graded:
    """A grade with what it rests on.

    Parameters
    ----------
    grade
        ``right``: all causes are named, and nothing else; ``partly``: some are, and nothing else; ``none``: no cause
        is named; ``wrong``: something is named that is not there.
    named
        Names of the faults that are named.
    wrong
        The clauses that name what is not there.
    """

    grade: Grade
    named: tuple[str, ...]
    wrong: tuple[str, ...]


def clauses(told: str) -> list[str]:
    """Return the clauses of a diagnosis that name a cause."""
    found = []
    for sentence in re.split(r"(?<=\.)\s+|; besides, ", told):
        clause = _INTRODUCTIONS.sub("", sentence.strip()).removesuffix(".")
        if clause and not any(neutral.search(clause) for neutral in _NEUTRAL):
            found.append(clause)
    return found


def graded(told: Sequence[str], faults: Sequence[MeasuredFault]) -> Graded:
    """Return what the diagnoses of all violations say together of an implementation with these faults."""
    said = list(dict.fromkeys(clause for sentence in told for clause in clauses(sentence)))
    wrong = tuple(clause for clause in said if not any(fault.is_named_in(clause) for fault in faults))
    named = tuple(fault.name for fault in faults if any(map(fault.is_named_in, said)))
    if wrong:
        return Graded("wrong", named, wrong)
    return Graded("right" if len(named) == len(faults) else "partly" if named else "none", named, ())
