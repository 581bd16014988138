"""Whether a thought explains all answers, wrong and right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from symtests.diagnosis.condition import Condition, separating
from symtests.diagnosis.questions.question import Answered
from symtests.float_json import Array

__all__ = ["Explanation", "Predict", "Thought", "explain"]

Predict = Callable[[Answered], Array]
"""The gradient, shape (n,), that a thought leads to one to expect in place of the right one."""


@dataclass(frozen=True)
class Thought:
    """What may be wrong: in words, with what it means as an addition to them, and the gradient that follows."""

    words: str
    meaning: str
    predict: Predict


@dataclass(frozen=True)
class Explanation:
    """A thought that gives every wrong answer; where the right answers contradict it, with what sets these apart."""

    condition: Condition | None


def explain(predict: Predict, answers: Sequence[Answered]) -> Explanation | None:
    """Return how a thought explains the answers, or None.

    It must give every wrong answer, up to rounding, one of them so closely that the right gradient is far off; and
    where it says that a right answer should be wrong, some condition must hold for all wrong answers and for none of
    these.
    """
    wrong = [answered for answered in answers if answered.is_wrong]
    decisive = False
    for answered in wrong:
        predicted = predict(answered)
        if not answered.agrees(predicted):
            return None
        decisive = decisive or answered.is_decisive(predicted)
    if not decisive:
        return None
    against = [answered for answered in answers if not answered.is_wrong and answered.differs(predict(answered))]
    if not against:
        return Explanation(None)
    condition = separating(wrong, against)
    return None if condition is None else Explanation(condition)
