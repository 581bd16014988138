"""What may be wrong, one cause or several at once, and whether it gives all answers, wrong and right."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Final

import numpy as np

from symtests.diagnosis.condition import Condition, separating
from symtests.diagnosis.faults.fault import Gradient
from symtests.diagnosis.faults.faulty_pass import FaultyPass, Incompatible
from symtests.diagnosis.questions.question import Answered, Question
from symtests.float_json import Array

__all__ = ["Cause", "Combination", "FaultModel", "combined", "composed", "predicted"]

_NOTHING: Final = np.array([np.nan])
"""What a combination gives that cannot be had: it agrees with no answer."""


@dataclass(frozen=True, eq=False)
class FaultModel:
    """What may be wrong.

    Parameters
    ----------
    words, meaning
        What is wrong, and what it means as an addition to the words.
    gradient
        The gradient that follows.
    of, constant
        Where a constant was found from an answer: the gradient as a function of the constant, and the constant.
    others
        Constants that are near it, which fresh answers have to refute.
    is_convention
        Whether it is but another choice where no choice is right, as the slope at a kink is.
    from_outputs
        The same gradient by other passes, where it may come about at the outputs already: with other faults it differs.
    """

    words: str
    meaning: str
    gradient: Gradient
    of: Callable[[float], Gradient] | None = None
    constant: float = 0.0
    others: tuple[float, ...] = ()
    is_convention: bool = False
    from_outputs: Gradient | None = None

    @property
    def alternative(self) -> FaultModel:
        """The fault model as it is where it comes about at the outputs; itself where there is nothing like that."""
        return self if self.from_outputs is None else replace(self, gradient=self.from_outputs)

    def predict(self, answered: Answered) -> Array:
        """Return the gradient that is to be expected in place of the right one."""
        return predicted(self.gradient, answered.question)


@dataclass(frozen=True, eq=False)
class Cause:
    """A fault model, and where it holds: everywhere, if there is no condition."""

    fault_model: FaultModel
    condition: Condition | None = None

    def holds(self, answered: Answered) -> bool:
        """Tell whether it is to be reckoned with in an answer."""
        return self.condition is None or self.condition.holds(answered)

    def told(self, answers: Sequence[Answered]) -> str:
        """Return it in words."""
        only = "" if self.condition is None else f", only {self.condition.told(answers)}"
        return f"{self.fault_model.words}{only}{self.fault_model.meaning}"


@dataclass(frozen=True, eq=False)
class Combination:
    """Causes that are there at once; those that hold in an answer are had together, in this order."""

    causes: tuple[Cause, ...]

    def predict(self, answered: Answered, without: Cause | None = None) -> Array:
        """Return the gradient that is to be expected, shape (n,), as it is `without` one of the causes."""
        active = [cause for cause in self.causes if cause is not without and cause.holds(answered)]
        if not active:
            return answered.right
        return predicted(composed([cause.fault_model.gradient for cause in active]), answered.question)

    def explains(self, answered: Answered) -> bool:
        """Tell whether an answer is what is to be expected, be that right or wrong."""
        expected = self.predict(answered)
        return answered.agrees(expected) if answered.is_wrong else not answered.differs(expected)

    def shows(self, answered: Answered) -> bool:
        """Tell whether a wrong answer is to be expected."""
        return answered.differs(self.predict(answered))

    def needs(self, cause: Cause, answered: Answered) -> bool:
        """Tell whether the answer is expected to be clearly another one without this cause."""
        return answered.sets_apart(self.predict(answered), self.predict(answered, without=cause))


def composed(gradients: Sequence[Gradient]) -> Gradient | None:
    """Return the gradient with all these faults, one or more; None where they cannot be had together.

    Faults of the passes come first, as the others change what comes of these.
    """
    passes_first = sorted(gradients, key=lambda gradient: not isinstance(gradient, FaultyPass))
    try:
        return reduce(_over, passes_first)
    except Incompatible:
        return None


def _over(first: Gradient, second: Gradient) -> Gradient:
    if isinstance(first, FaultyPass) and isinstance(second, FaultyPass):
        return first.followed_by(second)
    return lambda question: second(Question(
        question.network, question.parameters, question.batch, question.rate, question.at_zero, first
    ))  # fmt: skip


def predicted(gradient: Gradient | None, question: Question) -> Array:
    """Return a gradient of a question, shape (n,); what agrees with no answer where it cannot be had."""
    if gradient is None:
        return _NOTHING
    try:
        return gradient(question)
    except (Incompatible, IndexError, ValueError):  # a fault that such a network or batch cannot have
        return _NOTHING


def combined(fault_models: Sequence[FaultModel], answers: Sequence[Answered]) -> Combination | None:
    """Return how fault models together explain all answers, or None.

    Each of them must be needed for some answer, so that the answer is far off without it; and where one must not be
    reckoned with, some condition must tell these answers from those that need it.

    Parameters
    ----------
    fault_models
        A few of them: every subset is looked at.
    answers
        Right and wrong ones; those first that refute most fault models at the least cost.
    """
    subsets = [
        subset for size in range(1, len(fault_models) + 1) for subset in itertools.combinations(fault_models, size)
    ]
    ways = [(frozenset(subset), composed([fault_model.gradient for fault_model in subset])) for subset in subsets]
    possible: list[list[frozenset[FaultModel]]] = []
    for answered in answers:
        fitting = [] if answered.is_wrong else [frozenset[FaultModel]()]
        for subset, way in ways:
            expected = predicted(way, answered.question)
            if answered.agrees(expected) if answered.is_wrong else not answered.differs(expected):
                fitting.append(subset)
        if not fitting:
            return None
        possible.append(fitting)
    causes = []
    for fault_model in fault_models:
        cause = _cause(fault_model, answers, possible)
        if cause is None:
            return None
        causes.append(cause)
    found = Combination(tuple(causes))
    if not all(map(found.explains, answers)):
        return None
    # What changes nothing by itself is no cause, though it may keep another one away.
    shows = all(any(found.needs(cause, a) and a.differs(cause.fault_model.predict(a)) for a in answers if a.is_wrong)
                for cause in causes)  # fmt: skip
    return found if shows else None


def _cause(
    fault_model: FaultModel, answers: Sequence[Answered], possible: Sequence[Sequence[frozenset[FaultModel]]]
) -> Cause | None:
    needed = [a for a, fitting in zip(answers, possible, strict=True) if all(fault_model in one for one in fitting)]
    against = [
        a for a, fitting in zip(answers, possible, strict=True) if not any(fault_model in one for one in fitting)
    ]
    if not needed:
        return None
    if not against:
        return Cause(fault_model)
    condition = separating(needed, against)
    return None if condition is None else Cause(fault_model, condition)
