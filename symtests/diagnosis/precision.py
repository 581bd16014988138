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
_LEAST: Final = 1 / 8
_MOST: Final = 16.0
"""Unit roundoffs between which the worst error lies, in the middle of all answers, as a share of the largest
component of its tensor."""
_FEWEST: Final = 3
"""With fewer wrong answers, the size of their errors may be chance."""


def precision_told(wrong: Sequence[Answered]) -> str:
    """Return in words which dtype all wrong answers are as exact as; empty where there is none.

    Each error must be within the tolerance of a gradient that is computed in that dtype, and of about the
    size of its unit roundoff.
    """
    if len(wrong) < _FEWEST:
        return ""
    size = float(np.median([_worst(answered) for answered in wrong]))
    if size == 0:
        return ""
    name, bits = min(_DTYPES, key=lambda dtype: abs(np.log2(size) + dtype[1]))
    u = 2.0**-bits
    if not (u * _LEAST <= size <= u * _MOST and u > wrong[0].unit_roundoff):
        return ""
    if not all(_is_within(answered, u) for answered in wrong):
        return ""
    return f"something is computed with {bits} bits, as many as {name} has"


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
