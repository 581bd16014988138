"""Wrong answers that a size tells from the right ones: they lie beyond it, and the right ones do not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from symtests.diagnosis.questions.question import Answered
from symtests.float_json import Array
from symtests.oracle.activations import derivative

__all__ = ["threshold_told"]

_FEWEST: Final = 3
"""With fewer answers on either side, sizes lie apart by chance."""


@dataclass(frozen=True)
class _Size:
    """A size of a question; `words` name it, and `size` gives it."""

    words: str
    size: Callable[[Answered], float]


def _saturation(answered: Answered) -> float:
    """Return how many times smaller than at 0 the slope of a tanh or logistic unit is, at most; 1 without one."""
    most = 1.0
    for name, z in zip(answered.question.network.activations, answered.stages.pre_activations, strict=False):
        if name in ("tanh", "logistic"):
            least = float(derivative(name, z).min()) / float(derivative(name, np.zeros(1))[0])
            most = max(most, 1 / least if least > 0 else np.inf)
    return most


def _largest(numbers: Array) -> float:
    return float(np.abs(numbers).max(initial=0.0))


_SIZES: Final = (
    _Size("saturation (how many times smaller than at 0 the slope of a tanh or logistic unit is)", _saturation),
    _Size("the largest input", lambda a: _largest(a.question.batch.x)),
    _Size("the largest output", lambda a: _largest(a.stages.pre_activations[-1])),
    _Size("the largest difference of output and target",
          lambda a: _largest(a.stages.pre_activations[-1] - a.question.batch.y)),
    _Size("the largest parameter", lambda a: _largest(a.question.theta)),
    _Size("the batch size", lambda a: float(a.question.samples)),
    _Size("the largest component of the gradient", lambda a: _largest(a.right)),
)  # fmt: skip


def threshold_told(wrong: Sequence[Answered], right: Sequence[Answered]) -> str:
    """Return in words the one size beyond which all answers are wrong and none is right; empty without such a size."""
    if min(len(wrong), len(right)) < _FEWEST:
        return ""
    told = []
    for size in _SIZES:
        least, most = min(map(size.size, wrong)), max(map(size.size, right))
        if least > most:
            told.append(f"only where {size.words} is large (wrong from {least:.3g} on, right up to {most:.3g})")
    return told[0] if len(told) == 1 else ""
