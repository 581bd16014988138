"""What can be said of wrong gradients that no fault model explains: where they are wrong, and by how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from symtests.diagnosis.condition import separating
from symtests.diagnosis.factors import SCOPES, Scope
from symtests.diagnosis.questions.question import Answered, tensors
from symtests.diagnosis.threshold import threshold_told

__all__ = ["facts_told"]

_FEW_DIGITS: Final = 5e-3
"""A gradient whose worst relative error is below this is of too low a precision rather than wrong."""


def facts_told(answers: Sequence[Answered]) -> str:
    """Return in words which answers are wrong, in which tensors, and by how much."""
    wrong = [answered for answered in answers if answered.is_wrong]
    # Where all parameters are 0, hardly anything can be wrong.
    right = [answered for answered in answers if not answered.is_wrong and answered.question.theta.any()]
    errors = [_relative_error(answered) for answered in wrong]
    parts = [f"the gradient{_where(wrong)} is wrong in {len(wrong)} of {len(answers)} answers"]
    condition = separating(wrong, right) if right else None
    if condition is not None:
        parts.append(f", only {condition.told(answers)}")
    elif threshold_told(wrong, right):
        parts.append(f", {threshold_told(wrong, right)}")
    if not any(answered.found.any() for answered in wrong):
        parts.append("; there it is 0")
    elif max(errors) < _FEW_DIGITS:
        digits = -np.log10(max(errors))
        parts.append(
            f"; it has about {digits:.0f} right digits (the worst relative error in a tensor is {max(errors):.1e})"
        )
    elif _is_opposite(wrong):
        parts.append("; every component has the opposite sign, by no constant factor")
    else:
        least, most = f"{min(errors):.2g}", f"{max(errors):.2g}"
        size = most if least == most else f"{least} to {most}"
        parts.append(
            "; a component of a tensor that should be 0 is not"
            if not np.isfinite(max(errors))
            else f"; by no constant factor, the worst error in a tensor being {size} times its largest component"
        )
    return "".join(parts)


def _where(wrong: Sequence[Answered]) -> str:
    """Return the tensors that are wrong wherever anything is, while the others are right; nothing if all are."""
    for scope in SCOPES[:0:-1]:  # the smallest first
        if all(_wrong_exactly(answered, scope) for answered in wrong):
            return f" {scope.words}"
    for scope in SCOPES[:0:-1]:
        if all(_right_outside(answered, scope) for answered in wrong):
            return f" {scope.words} (of no other tensor)"
    return ""


def _wrong_exactly(answered: Answered, scope: Scope) -> bool:
    network = answered.question.network
    return all(_tensor_is_wrong(answered, t.where) == scope.holds(network, t) for t in tensors(network))


def _right_outside(answered: Answered, scope: Scope) -> bool:
    network = answered.question.network
    return all(scope.holds(network, t) or not _tensor_is_wrong(answered, t.where) for t in tensors(network))


def _tensor_is_wrong(answered: Answered, where: slice) -> bool:
    return bool((np.abs(answered.found - answered.right)[where] > answered.bound[where]).any())


def _relative_error(answered: Answered) -> float:
    """Return the largest error of a component beside the largest component of its tensor."""
    worst = 0.0
    for tensor in tensors(answered.question.network):
        size = float(np.abs(answered.right[tensor.where]).max(initial=0.0))
        error = float(np.abs(answered.found - answered.right)[tensor.where].max(initial=0.0))
        if _tensor_is_wrong(answered, tensor.where):
            worst = max(worst, error / size if size > 0 else np.inf)
    return worst


def _is_opposite(wrong: Sequence[Answered]) -> bool:
    """Tell whether every component that is not 0 has the sign that it should not have."""
    return all(bool((answered.found * answered.right < 0)[answered.right != 0].all()) for answered in wrong)
