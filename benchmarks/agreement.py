"""Whether two competitors computed the same: how fast a wrong answer comes does not matter."""

from __future__ import annotations

from typing import Any

import numpy as np

from symtests.float_json import Array

__all__ = ["difference", "tolerance"]


def tolerance(dtype: str) -> float:
    """Return sqrt(eps): answers that agree in half of their digits are the same; the properties judge the rest."""
    return float(np.sqrt(np.finfo(dtype).eps))


def difference(answer: Any, expected: Any) -> float:
    """Return |a - b| / |b| in the Euclidean norm; infinity where the shapes differ or a number is NaN."""
    a, b = _vector(answer), _vector(expected)
    if a.shape != b.shape:
        return float("inf")
    size, distance = float(np.linalg.norm(b)), float(np.linalg.norm(a - b))
    if not np.isfinite(size) or not np.isfinite(distance):
        return float("inf")
    return distance / size if size else distance


def _vector(answer: Any) -> Array:
    return np.asarray(answer, np.float64).ravel()
