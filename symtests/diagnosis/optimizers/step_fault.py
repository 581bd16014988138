"""A fault model of an optimizer: what is wrong in plain words, and the rule that it makes of another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from symtests.diagnosis.optimizers.rule import Rule

__all__ = ["StepFault", "fault"]

Over = Callable[[Rule], Rule]
"""The rule with a fault, of the rule as it is without it."""


@dataclass(frozen=True)
class StepFault:
    """A fault of trainings and what follows from it.

    Parameters
    ----------
    words
        What is wrong, as a clause that can begin a sentence.
    over
        The rule that it makes of another one, which may have a fault itself.
    alone
        Whether it is tried by itself alone: beside another fault it would explain too much.
    is_fitted
        Whether it has a constant that was found from an answer: it has to predict others before it is named.
    """

    words: str
    over: Over
    alone: bool = False
    is_fitted: bool = False


def fault(words: str, *, alone: bool = False, **parts: Callable[[Rule], Any]) -> StepFault:
    """Return the fault that replaces parts, each by a function of the rule that it was in.

    Parameters
    ----------
    words, alone
        As in `StepFault`.
    parts
        New parts of `Rule`, by their names, each made of the rule as it was.
    """
    return StepFault(words, lambda rule: replace(rule, **{name: make(rule) for name, make in parts.items()}), alone)
