"""Least-squares problems on which plain descent converges fast: inputs with a well-conditioned Gram matrix."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np

from symtests.float_json import Array
from symtests.training import Training

__all__ = ["NOTHING", "long_training", "singular_values", "small_inputs", "wide_inputs", "with_bias_input"]

_SIMPLE: Final = (1.0, -1.0, 0.5, -0.5)
_LEAST_SINGULAR_VALUE: Final = 0.3
_MOST_CONDITION: Final = 4.0
"""Largest quotient of two eigenvalues of the Gram matrix that are not 0: it decides how many steps are taken."""
_LONGEST_STEP: Final = 1.5
"""Largest product of the learning rate and the greatest curvature; from 2 on, descent diverges."""
NOTHING: Final = 1e-9
"""Singular values of so small a part of the largest are 0."""


def with_bias_input(x: Array, bias: bool) -> Array:
    """Return [x 1], or x without biases, in float64."""
    x = x.astype(np.float64)
    return np.hstack([x, np.ones((len(x), 1))]) if bias else x


def singular_values(x: Array) -> Array:
    """Return the singular values that are not 0, descending."""
    values = np.linalg.svd(x, compute_uv=False)
    found: Array = values[values > NOTHING * values[0]]
    return found


@cache
def small_inputs(samples: int, inputs: int, bias: bool) -> tuple[tuple[float, ...], ...]:
    """Return all inputs of few digits that will do, row by row, the simplest first."""

    def will_do(numbers: Sequence[float]) -> bool:
        values = singular_values(with_bias_input(np.array(numbers).reshape(samples, inputs), bias))
        return bool(values[-1] > _LEAST_SINGULAR_VALUE and (values[0] / values[-1]) ** 2 <= _MOST_CONDITION)

    return tuple(filter(will_do, itertools.product(_SIMPLE, repeat=samples * inputs)))


def wide_inputs(samples: int, inputs: int, bias: bool, random: np.random.Generator) -> Array:
    """Return inputs whose [x 1] has singular values between sqrt(N) and 1.5 sqrt(N), of which none is 0."""

    def orthonormal(rows: int, columns: int) -> Array:
        q: Array = np.linalg.qr(random.normal(size=(rows, columns)))[0]
        return q

    if bias and samples <= inputs:  # rows of one length at right angles; the constant input makes N of N + N
        return math.sqrt(samples) * orthonormal(inputs, samples).T
    if bias:  # columns at right angles to the constant input
        left = np.linalg.qr(np.hstack([np.ones((samples, 1)), random.normal(size=(samples, inputs))]))[0][:, 1:]
    else:
        left = orthonormal(samples, min(samples, inputs))
    scales = math.sqrt(samples) * random.uniform(1.0, 1.5, left.shape[1])
    x: Array = (left * scales) @ orthonormal(inputs, left.shape[1]).T
    return x


def long_training(x: Array, outputs: int, unit_roundoff: float) -> Training:
    """Return a training that is long enough to forget the start but for rounding; the rate is a power of two."""
    curvature = 2 * singular_values(x) ** 2 / (len(x) * outputs)
    rate = 2.0 ** math.floor(math.log2(_LONGEST_STEP / curvature[0]))
    slowest = float(np.abs(1 - rate * curvature).max())
    steps = math.ceil(math.log(unit_roundoff / 4) / math.log(slowest)) if slowest else 1
    return Training("sgd", rate, max(steps, 8))
