"""Which fault, or which two, lead to the trainings that were found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Final

from symtests.diagnosis.clock import Clock
from symtests.diagnosis.optimizers.rule import Rule
from symtests.diagnosis.optimizers.step_fault import StepFault
from symtests.diagnosis.optimizers.trained import Trained

__all__ = ["explanation_of", "rule_of"]

_THINKING: Final = 2.0
"""Seconds of computing after which no further pair of faults is tried."""


def rule_of(faults: Sequence[StepFault]) -> Rule:
    """Return the rule with these faults, each over the ones before."""
    return reduce(lambda rule, fault: fault.over(rule), faults, Rule())


def explanation_of(
    answers: Sequence[Trained], faults: Sequence[StepFault], *, in_pairs: bool = True
) -> tuple[StepFault, ...]:
    """Return the fault, or the two, that lead to all trainings, wrong and right; nothing where none do.

    One fault is preferred to two, and what stands first to what follows.

    Parameters
    ----------
    answers
        Trainings, one of which is far off.
    faults
        The fault models, the most usual first.
    in_pairs
        Whether two at once are tried.
    """
    # What refutes most at the least cost comes first.
    ordered = sorted(answers, key=lambda trained: (not trained.is_wrong, trained.training.steps))
    for fault in faults:
        if _explains([fault], ordered):
            return (fault,)
    clock = Clock(_THINKING)
    for pair in _pairs(faults) if in_pairs else ():
        if _explains(pair, ordered):
            return pair
        if clock.is_over:
            break
    return ()


def _pairs(faults: Sequence[StepFault]) -> Iterator[tuple[StepFault, StepFault]]:
    usual = [fault for fault in faults if not fault.alone]
    for at, second in enumerate(usual):
        for first in usual[:at]:
            yield first, second


def _explains(faults: Sequence[StepFault], ordered: Sequence[Trained]) -> bool:
    rule = rule_of(faults)
    return all(trained.agrees(trained.after(rule)) for trained in ordered)
