"""The shape of wrong gradients in words."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from symtests.diagnosis.condition import Condition
from symtests.diagnosis.explanation import Predict, Thought, explain
from symtests.diagnosis.factors import factors
from symtests.diagnosis.facts import facts_told
from symtests.diagnosis.faults.backward import BACKWARD_FAMILIES, BACKWARD_FAULTS
from symtests.diagnosis.faults.fault import Family, Fault, concerns
from symtests.diagnosis.faults.fitting import fitted_constants
from symtests.diagnosis.faults.forward import FORWARD_FAMILIES, FORWARD_FAULTS
from symtests.diagnosis.faults.later import LATER_FAMILIES, LATER_FAULTS
from symtests.diagnosis.faults.loss import LOSS_FAMILIES, LOSS_FAULTS
from symtests.diagnosis.faults.slope import SLOPE_FAMILIES, SLOPE_FAULTS
from symtests.diagnosis.faults.step import STEP_FAMILIES, STEP_FAULTS
from symtests.diagnosis.questions.question import Answered

__all__ = ["FAMILIES", "FAULTS", "Shape", "shape_of", "shape_told"]

FAULTS: Final = (*LOSS_FAULTS, *SLOPE_FAULTS, *FORWARD_FAULTS, *BACKWARD_FAULTS, *LATER_FAULTS, *STEP_FAULTS)
FAMILIES: Final = (
    *LATER_FAMILIES,
    *LOSS_FAMILIES,
    *SLOPE_FAMILIES,
    *FORWARD_FAMILIES,
    *BACKWARD_FAMILIES,
    *STEP_FAMILIES,
)

_THINKING: Final = 1.0
"""Seconds of computing after which no further fault is thought of; it takes less where nothing else is to be done."""


@dataclass(frozen=True)
class Shape:
    """What explains wrong gradients: in words, the gradient that it leads one to expect, and where it does."""

    words: str
    predict: Predict
    condition: Condition | None


def shape_of(answers: Sequence[Answered]) -> Shape | None:
    """Return what explains all answers; None where all are right, or nothing that is thought of explains them.

    A factor comes first, then the faults that are known, then those with a constant that has to be found.
    """
    # The smallest wrong answer first, which refutes most thoughts at the least cost.
    ordered = sorted(answers, key=lambda a: (not a.is_wrong, a.question.network.parameter_count * a.question.samples))
    if not any(answered.is_wrong for answered in ordered):
        return None
    with np.errstate(all="ignore"):
        for thought in _thoughts(ordered):
            explained = explain(thought.predict, ordered)
            if explained is not None:
                only = "" if explained.condition is None else f", only {explained.condition.told(ordered)}"
                return Shape(f"{thought.words}{only}{thought.meaning}", thought.predict, explained.condition)
    return None


def shape_told(shape: Shape | None, answers: Sequence[Answered]) -> str:
    """Return in words what is wrong with these answers, some of which are: the shape, or nothing but facts."""
    wrong = sum(answered.is_wrong for answered in answers)
    if shape is None:
        return f"{facts_told(answers)}."
    right = len(answers) - wrong
    told = f"{shape.words}. This explains the wrong answer{'s' * (wrong > 1)} to {wrong} of {len(answers)} questions"
    return f"{told}, and the right one{'s' * (right > 1)} to {right}." if right else f"{told}."


def _thoughts(answers: Sequence[Answered]) -> Iterator[Thought]:
    """Yield what may be it, while there is time."""
    yield from factors(answers)
    wrong = [answered for answered in answers if answered.is_wrong]
    deadline = time.thread_time() + _THINKING
    for fault in FAULTS:
        if all(concerns(fault.subject, answered.question.network) for answered in wrong):
            yield Thought(fault.words, "", fault.predict)
        if time.thread_time() > deadline:
            return
    telling = next((answered for answered in wrong if answered.is_far_off), wrong[0])
    for family in FAMILIES:
        if all(concerns(family.subject, answered.question.network) for answered in wrong):
            yield from (Thought(fault.words, "", fault.predict) for fault in _fitted(family, telling))
        if time.thread_time() > deadline:
            return


def _fitted(family: Family, answered: Answered) -> Iterator[Fault]:
    for constant in fitted_constants(lambda c: family.gradient(answered.question, c), answered):
        yield family.with_constant(constant)
