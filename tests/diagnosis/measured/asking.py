"""What a user is told of an implementation with one fault or several."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, Final

import numpy as np

from symtests.checking.diagnosis import diagnosis_of
from symtests.checking.one_check.judge_check import judge_check
from symtests.checking.profile import Profile
from symtests.diagnosis import Examination
from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.properties import find
from symtests.properties.base import Case
from tests.diagnosis.examined import LONG_ENOUGH
from tests.diagnosis.measured.measured_fault import MeasuredFault

__all__ = ["MOST_PROPERTIES", "Found", "Told", "are_all_seen", "found_by_properties", "implementation_of", "told_of"]

MOST_PROPERTIES: Final = 3
"""How many violated properties are asked for their diagnosis, of each fault."""


@dataclass(frozen=True)
class Found:
    """A case that breaks a property."""

    prop: str
    case: Case

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON data."""
        return {"property": self.prop, "case": self.case.to_json()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Found:
        """Rebuild it from `to_json`."""
        return cls(data["property"], Case.from_json(data["case"]))


@dataclass(frozen=True)
class Told:
    """What a user is told of one violated property, and how long that takes."""

    prop: str
    sentence: str
    seconds: float


def implementation_of(faults: Sequence[MeasuredFault]) -> Checked:
    """Return a new implementation with all of these faults."""
    name = "And".join(fault.name for fault in faults)
    kind = type(name, tuple(fault.kind for fault in faults), {"name": name})
    return Checked(kind(), faults[0].dtype, name)


def found_by_properties(fault: MeasuredFault, profiles: Sequence[Profile], most: int = MOST_PROPERTIES) -> list[Found]:
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
        for prop in fault.properties.split():
            verdict = judge_check(implementation_of([fault]), replace(find(prop), observe=None), profile)
            if verdict.word == "violated" and verdict.counterexample is not None:
                found.append(Found(prop, Case.from_json(verdict.counterexample.case)))
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
    implementation = implementation_of(faults)
    examination = Examination(implementation, LONG_ENOUGH)
    told = []
    for each in _in_turn(found):
        prop = find(each.prop)
        if not _is_broken(implementation, each):
            continue
        started = time.monotonic()
        sentence = diagnosis_of(each.case, prop, implementation, examination, LONG_ENOUGH)
        told.append(Told(each.prop, sentence, time.monotonic() - started))
    return told


def _in_turn(found: Sequence[Sequence[Found]]) -> list[Found]:
    return [each for several in zip_longest(*found) for each in several if each is not None]


def _is_broken(implementation: Checked, found: Found) -> bool:
    try:
        return find(found.prop).judge(implementation, found.case).outcome == "violated"
    except Misbehaviour:
        return False


def are_all_seen(faults: Sequence[MeasuredFault], found: Sequence[Sequence[Found]]) -> bool:
    """Tell whether each fault changes some answer of an implementation that has them all.

    One fault may hide another, as where a piece is replaced as a whole. It is seen where an answer to one of its own
    cases is another without it.
    """
    together = implementation_of(faults)
    return all(
        any(
            _answers(together, each.case) != _answers(implementation_of([*faults[:at], *faults[at + 1 :]]), each.case)
            for each in own
        )
        for at, own in enumerate(found)
    )


def _answers(implementation: Checked, case: Case) -> bytes:
    try:
        with np.errstate(all="ignore"):
            answer = implementation.loss_and_gradient(case.network, case.parameters, case.batch, finite=False)
            after = implementation.train(case.network, case.parameters, case.batch, case.training, finite=False)
    except Misbehaviour as reason:
        return str(reason).encode()
    return np.float64(answer.loss).tobytes() + answer.gradient.vector.tobytes() + after.vector.tobytes()
