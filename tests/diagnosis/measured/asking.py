"""What a user is told of an implementation with one fault or several."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, Final

import numpy as np

from symtests.checking.cells.cell import judge_cell
from symtests.checking.diagnosis import diagnosis_of
from symtests.checking.profile import Profile
from symtests.diagnosis import Examination
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.subject import Subject
from symtests.properties import find
from symtests.properties.base import Case
from tests.diagnosis.examined import LONG_ENOUGH
from tests.diagnosis.measured.measured_fault import MeasuredFault

__all__ = ["MOST_LAWS", "Found", "Told", "are_all_seen", "found_by_laws", "subject_of", "told_of"]

MOST_LAWS: Final = 3
"""How many violated properties are asked for their diagnosis, of each fault."""


@dataclass(frozen=True)
class Found:
    """A case that breaks a property."""

    law: str
    case: Case

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON data."""
        return {"law": self.law, "case": self.case.to_json()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Found:
        """Rebuild it from `to_json`."""
        return cls(data["law"], Case.from_json(data["case"]))


@dataclass(frozen=True)
class Told:
    """What a user is told of one violated property, and how long that takes."""

    law: str
    sentence: str
    seconds: float


def subject_of(faults: Sequence[MeasuredFault]) -> Subject:
    """Return a new implementation with all of these faults."""
    name = "And".join(fault.name for fault in faults)
    kind = type(name, tuple(fault.kind for fault in faults), {"name": name})
    return Subject(kind(), faults[0].dtype, name)


def found_by_laws(fault: MeasuredFault, profiles: Sequence[Profile], most: int = MOST_LAWS) -> list[Found]:
    """Return the smallest cases in which the fault breaks the first properties that find it.

    Parameters
    ----------
    fault
        What is looked for.
    profiles
        How hard it is looked for; with the next profile where no property has found it with the one before.
    most
        How many properties that find it are enough.
    """
    found: list[Found] = []
    for profile in profiles:
        for law in fault.laws.split():
            verdict = judge_cell(subject_of([fault]), replace(find(law), observe=None), profile)
            if verdict.word == "violated" and verdict.counterexample is not None:
                found.append(Found(law, Case.from_json(verdict.counterexample.case)))
            if len(found) == most:
                return found
        if found:
            break
    return found


def told_of(faults: Sequence[MeasuredFault], found: Sequence[Sequence[Found]]) -> list[Told]:
    """Return what is said of an implementation with these faults, one answer for each case that it breaks.

    Parameters
    ----------
    faults
        Its faults.
    found
        For each fault, the cases in which it alone breaks a property; they are asked in turn.
    """
    subject = subject_of(faults)
    examination = Examination(subject, LONG_ENOUGH)
    told = []
    for each in _in_turn(found):
        law = find(each.law)
        if not _is_broken(subject, each):
            continue
        started = time.monotonic()
        sentence = diagnosis_of(each.case, law, subject, examination, LONG_ENOUGH)
        told.append(Told(each.law, sentence, time.monotonic() - started))
    return told


def _in_turn(found: Sequence[Sequence[Found]]) -> list[Found]:
    return [each for several in zip_longest(*found) for each in several if each is not None]


def _is_broken(subject: Subject, found: Found) -> bool:
    try:
        return find(found.law).judge(subject, found.case).outcome == "breached"
    except Misbehaviour:
        return False


def are_all_seen(faults: Sequence[MeasuredFault], found: Sequence[Sequence[Found]]) -> bool:
    """Tell whether each fault changes some answer of an implementation that has them all.

    One fault may hide another, as where a piece is replaced as a whole. It is seen where an answer to one of its own
    cases is another without it.
    """
    together = subject_of(faults)
    return all(
        any(
            _answers(together, each.case) != _answers(subject_of([*faults[:at], *faults[at + 1 :]]), each.case)
            for each in own
        )
        for at, own in enumerate(found)
    )


def _answers(subject: Subject, case: Case) -> bytes:
    try:
        with np.errstate(all="ignore"):
            answer = subject.loss_and_gradient(case.network, case.parameters, case.batch, finite=False)
            after = subject.train(case.network, case.parameters, case.batch, case.training, finite=False)
    except Misbehaviour as reason:
        return str(reason).encode()
    return np.float64(answer.loss).tobytes() + answer.gradient.vector.tobytes() + after.vector.tobytes()
