"""How far a computed activation and its derivative may lie from the exact ones.

With the pre-activation known to within r, a function f moves by at most (|f'(z)| + r max|f''|) r,
and by at most r max|f'|. Evaluating f adds a few ulps, `EVALUATION` in all, which covers libraries
that round every step of a usual formula; where a usual formula loses relative accuracy (gelu by
1 + erf, softplus by log(1 + e)), the addition is absolute.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from symtests.network import LEAKY_SLOPE
from symtests.oracle.activations import Numbers, derivative, logistic, second_derivative, value
from symtests.oracle.error_model import ErrorModel

__all__ = ["EVALUATION", "LARGEST", "Largest", "derivative_error", "value_error"]

EVALUATION: Final = 6.0
"""Relative error, in unit roundoffs, that an elementary function may have (3 ulp at the end of a binade)."""


class Largest(NamedTuple):
    """Upper bounds of |sigma'|, |sigma''| and |sigma'''| over all z."""

    first: float
    second: float
    third: float


LARGEST: Final = {
    "identity": Largest(1.0, 0.0, 0.0),
    "logistic": Largest(0.25, 0.09623, 0.125),
    "tanh": Largest(1.0, 0.7699, 2.0),
    "relu": Largest(1.0, 0.0, 0.0),
    "leaky_relu": Largest(1.0, 0.0, 0.0),
    "softplus": Largest(1.0, 0.25, 0.09623),
    "gelu": Largest(1.129, 0.7979, 0.7744),
    "silu": Largest(1.0999, 0.5, 0.3085),
}


def value_error(model: ErrorModel, name: str, z: Numbers, error_z: Numbers) -> Numbers:
    """Return the error of sigma(z), as `model` counts errors; shapes as z."""
    slope = _local_slope(model, derivative(name, z), LARGEST[name].second, LARGEST[name].first, error_z)
    moved = model.weigh(slope) * error_z
    if name in ("identity", "relu"):  # nothing is rounded
        return moved
    a = value(name, z)
    u_relative, absolute = model.relative, np.zeros_like(z)
    if name == "gelu":  # z/2 (1 + erf): the error of erf and of the sum, times |z|/2, and of the argument
        absolute = u_relative(EVALUATION / 2 + 2) * model.weigh(z)
    elif name == "softplus":  # log(1 + e): the rounding of 1 + e
        absolute = np.full_like(z, u_relative(2.0))
    return moved + u_relative(EVALUATION + 2) * (model.weigh(a) + moved) + absolute + model.tiny


def derivative_error(model: ErrorModel, name: str, z: Numbers, error_z: Numbers, error_a: Numbers) -> Numbers:
    """Return the error of sigma'(z), whether it is computed from z or from the activation a."""
    if name == "identity":
        return np.zeros_like(z)
    if name in ("relu", "leaky_relu"):  # wrong altogether if the computed z may lie on the other side of 0
        jump = 1.0 if name == "relu" else 1.0 - LEAKY_SLOPE
        rounded = 0.0 if name == "relu" else model.relative(1.0) * model.weigh(np.array(LEAKY_SLOPE))
        other_side = (np.abs(z) <= model.reach(error_z)) & (error_z > 0)
        return np.where(other_side, model.weigh(np.array(jump)), rounded)
    s = derivative(name, z)
    curvature = _local_slope(model, second_derivative(name, z), LARGEST[name].third, LARGEST[name].second, error_z)
    moved = model.weigh(curvature) * error_z
    return np.maximum(moved + _evaluation(model, name, z, s, moved), _from_activation(model, name, z, s, error_a))


def _local_slope(model: ErrorModel, slope: Numbers, bend: float, largest: float, error_z: Numbers) -> Numbers:
    """Return the largest |f'| within reach of z: min(max|f'|, |f'(z)| + max|f''| r)."""
    return np.minimum(largest, np.abs(slope) + bend * model.reach(error_z))


def _evaluation(model: ErrorModel, name: str, z: Numbers, s: Numbers, moved: Numbers) -> Numbers:
    """Return what evaluating sigma' from z adds."""
    weigh, relative = model.weigh, model.relative
    match name:
        case "gelu":  # Phi by 1 + erf: absolute; z phi: exp(-z^2/2) turns an error of its argument into z^2 ulps
            density = np.exp(-0.5 * z * z) * 0.39895
            return relative(EVALUATION / 2 + 2) * np.ones_like(z) + weigh(
                z * density * (EVALUATION + 3 + z * z)
            ) * relative(1.0)
        case "silu":  # s (1 + z (1 - s))
            return relative(2 * EVALUATION + 6) * weigh(logistic(z) * (1 + np.abs(z)))
        case "softplus":
            return relative(EVALUATION + 2) * (weigh(s) + moved)
    # tanh: 1/cosh^2, logistic: logistic(z) logistic(-z): two evaluations and their product
    return relative(2 * EVALUATION + 3) * (weigh(s) + moved) + model.tiny


def _from_activation(model: ErrorModel, name: str, z: Numbers, s: Numbers, error_a: Numbers) -> Numbers:
    """Return the error of sigma' where it is computed from a, as tanh' = 1 - a^2; 0 where nobody does."""
    a = value(name, z)
    match name:
        case "tanh":
            square = model.product(a, error_a, a, error_a)
            # both factors are the same number, so the errors do not average out: twice the variance
            square = square if model.form == "certified" else 2 * square
            return square + model.roundings(1) * (model.weigh(s) + square)
        case "logistic":
            rest = error_a + model.roundings(1) * (model.weigh(1 - a) + error_a)
            both = model.weigh(1 - 2 * a) * error_a + error_a * error_a
            return both + (rest - error_a) * model.weigh(a) + model.roundings(2) * (model.weigh(s) + both)
        case "softplus":  # 1 - exp(-a)
            return error_a + model.relative(EVALUATION + 2)
    return np.zeros_like(z)
