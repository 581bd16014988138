"""Finds the constant of a fault."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from symtests.diagnosis.questions.question import Answered
from symtests.float_json import Array

__all__ = ["fitted_constants"]

_GRID: Final = (*(2.0**k for k in range(-8, 5)), -0.01, -0.1, -1.0)
"""Where the search begins."""
_STEPS: Final = 12
_PROMISING: Final = 0.75
"""Largest share of the error that the best beginning may leave; what leaves more is no beginning."""
_DIGITS: Final = (1, 2, 3, 4, 6)
"""Significant digits of constants that somebody may have written down."""


def fitted_constants(curve: Callable[[float], Array], answered: Answered) -> Iterator[float]:
    """Yield constants c for which curve(c) is the answer: as somebody would write it first, then as it was measured.

    Parameters
    ----------
    curve
        The gradient, shape (n,), as a function of c.
    answered
        A wrong answer.
    """
    with np.errstate(all="ignore"):
        measured = _solved(curve, answered.found, answered.right)
    if measured is None or not answered.agrees(curve(measured)):
        return
    written = [float(f"{measured:.{digits}g}") for digits in _DIGITS]
    for constant in dict.fromkeys(written):
        if answered.agrees(curve(constant)):
            yield constant
    yield measured


def _solved(curve: Callable[[float], Array], found: Array, right: Array) -> float | None:
    """Return the best c that Newton's method finds from the best of 0 and the grid; None where nothing is finite."""
    # A curve that is linear in c, as most are, is solved at once.
    start, slope = curve(0.0), curve(1.0)
    linear = _improved(0.0, start, slope - start, found)
    if linear is not None and _distance(curve(linear), found) < 1e-3 * _distance(right, found):
        return linear
    candidates = [(_distance(curve(c), found), c) for c in ((linear, *_GRID) if linear is not None else _GRID)]
    distance, best = min(candidates)
    if not distance < _PROMISING * _distance(right, found):
        return None
    for _ in range(_STEPS):
        here, step = curve(best), 1e-6 * max(abs(best), 1e-3)
        better = _improved(best, here, (curve(best + step) - here) / step, found)
        if better is None or better == best or not _distance(curve(better), found) < _distance(here, found):
            break
        best = better
    return best


def _improved(constant: float, here: Array, slope: Array, found: Array) -> float | None:
    size = float(slope @ slope)
    if not (math.isfinite(size) and size > 0):
        return None
    better = constant + float((found - here) @ slope) / size
    return better if math.isfinite(better) else None


def _distance(predicted: Array, found: Array) -> float:
    distance = float(np.abs(predicted - found).sum())
    return distance if math.isfinite(distance) else math.inf
