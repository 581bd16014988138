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
from symtests.diagnosis.faults.backward import BACKWARD_FAMILIES, BACKWARD_FAULTS
from symtests.diagnosis.faults.fault import Family, Fault, concerns
from symtests.diagnosis.faults.fitting import fitted_constants
from symtests.diagnosis.faults.forward import FORWARD_FAMILIES, FORWARD_FAULTS
from symtests.diagnosis.faults.later import LATER_FAMILIES, LATER_FAULTS
from symtests.diagnosis.faults.loss import LOSS_FAMILIES, LOSS_FAULTS
from symtests.diagnosis.faults.slope import SLOPE_FAMILIES, SLOPE_FAULTS
from symtests.diagnosis.faults.step import STEP_FAMILIES, STEP_FAULTS
from symtests.diagnosis.questions.question import Answered

__all__ = ["FAMILIES", "FAULTS", "Shape", "shape_of", "shape_of_most"]

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
_PROBES: Final = 8
"""Wrong answers of which a thought that explains most has to explain half."""
_FEWEST_FOR_A_FACTOR: Final = 3
"""Wrong answers that other faults have left, with fewer of which some factor always fits."""
_TELLING: Final = 2
"""Answers from which the constant of a fault is found that need not explain all."""


@dataclass(frozen=True)
class Shape:
    """What explains wrong gradients: in words, the gradient that it leads one to expect, and where it does."""

    words: str
    predict: Predict
    condition: Condition | None


def shape_of(answers: Sequence[Answered], *, are_left: bool = False) -> Shape | None:
    """Return what explains all answers; None where all are right, or nothing that is thought of explains them.

    A factor comes first, then the faults that are known, then those with a constant that has to be found. Of a few
    answers that other faults have left (`are_left`), a factor says nothing: some factor always fits.
    """
    # The smallest wrong answer first, which refutes most thoughts at the least cost.
    ordered = sorted(answers, key=lambda a: (not a.is_wrong, a.question.network.parameter_count * a.question.samples))
    if not any(answered.is_wrong for answered in ordered):
        return None
    with np.errstate(all="ignore"):
        wrong = [answered for answered in ordered if answered.is_wrong]
        return next(filter(None, (_shaped(thought, ordered) for thought in _thoughts(wrong, are_left=are_left))), None)


def shape_of_most(answers: Sequence[Answered]) -> Shape | None:
    """Return what explains half of the wrong answers or more, though not all; None where nothing does."""
    wrong = [answered for answered in answers if answered.is_wrong]
    right = [answered for answered in answers if not answered.is_wrong]
    some = wrong[:: -(-len(wrong) // _PROBES)]
    with np.errstate(all="ignore"):
        for thought in _thoughts(some, are_left=True, of_all=False):
            if 2 * sum(answered.agrees(thought.predict(answered)) for answered in some) < len(some):
                continue
            part = [answered for answered in wrong if answered.agrees(thought.predict(answered))]
            shape = _shaped(thought, [*part, *right]) if 2 * len(part) >= len(wrong) else None
            if shape is not None:
                return shape
    return None


def _shaped(thought: Thought, answers: Sequence[Answered]) -> Shape | None:
    """Return the thought as the shape of all these answers, if it explains them."""
    explained = explain(thought.predict, answers)
    if explained is None:
        return None
    only = "" if explained.condition is None else f", only {explained.condition.told(answers)}"
    return Shape(f"{thought.words}{only}{thought.meaning}", thought.predict, explained.condition)


def _thoughts(wrong: Sequence[Answered], *, are_left: bool, of_all: bool = True) -> Iterator[Thought]:
    """Yield what may be it, while there is time: what can show in all wrong answers, or in most of them."""

    def may_show(fault: Fault | Family) -> bool:
        concerned = sum(concerns(fault.subject, answered.question.network) for answered in wrong)
        return concerned == len(wrong) if of_all else 2 * concerned >= len(wrong)

    if not are_left or len(wrong) >= _FEWEST_FOR_A_FACTOR:
        yield from factors(wrong)
    deadline = time.thread_time() + _THINKING
    for fault in filter(may_show, FAULTS):
        yield Thought(fault.words, "", fault.predict)
        if time.thread_time() > deadline:
            return
    for family in filter(may_show, FAMILIES):
        telling = [answered for answered in wrong if concerns(family.subject, answered.question.network)]
        telling.sort(key=lambda answered: not answered.is_far_off)
        for answered in telling[: 1 if of_all else _TELLING]:
            yield from (Thought(fault.words, "", fault.predict) for fault in _fitted(family, answered))
        if time.thread_time() > deadline:
            return


def _fitted(family: Family, answered: Answered) -> Iterator[Fault]:
    for constant in fitted_constants(lambda c: family.of(c)(answered.question), answered):
        yield family.with_constant(constant)
