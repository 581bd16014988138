"""Gradients that are as inexact as the arithmetic of a smaller dtype makes them, and not more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from symtests.diagnosis.questions.question import Answered, tensors
from symtests.oracle import expect

__all__ = ["precision_told"]

_DTYPES: Final = (("float32", 24), ("float16 or TensorFloat", 11), ("bfloat16", 8))
"""Names and bits, the most exact first."""
_LEAST: Final = 1 / 4
_MOST: Final = 16.0
"""Unit roundoffs, as shares of the largest component of a tensor, between which the worst error lies."""
_FEWEST: Final = 3
"""With fewer wrong answers, the size of their errors may be chance."""


def precision_told(wrong: Sequence[Answered]) -> str:
    """Return in words which dtype all wrong answers are as exact as; empty where there is none.

    Each error must be within the tolerance of a gradient that is computed in that dtype, and the worst of them about
    as large as its unit roundoff.
    """
    if len(wrong) < _FEWEST:
        return ""
    worst = [_worst(answered) for answered in wrong]
    for name, bits in _DTYPES:
        u = 2.0**-bits
        of_size = u * _LEAST <= max(worst) and np.median(worst) <= u * _MOST
        if u > wrong[0].unit_roundoff and of_size and all(_is_within(answered, u) for answered in wrong):
            return f"something is computed with {bits} bits, as many as {name} has"
    return ""


def _worst(answered: Answered) -> float:
    """Return the largest error of a component beside the largest component of its tensor."""
    shares = [0.0]
    for tensor in tensors(answered.question.network):
        size = float(np.abs(answered.right[tensor.where]).max(initial=0.0))
        if size > 0:
            shares.append(float(np.abs(answered.found - answered.right)[tensor.where].max()) / size)
    return max(shares)


def _is_within(answered: Answered, unit_roundoff: float) -> bool:
    question = answered.question
    expected = expect(
        question.network, question.parameters, question.batch, unit_roundoff, question.at_zero, "certified"
    )
    tolerance = expected.gradient_tolerance + unit_roundoff * np.abs(answered.right)
    return bool((np.abs(answered.found - answered.right) <= tolerance).all())
