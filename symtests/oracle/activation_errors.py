"""How far a computed activation and its derivative may lie from the exact ones.

With the pre-activation known to within r, a function f moves by at most (|f'(z)| + r max|f''|) r,
and by at most r max|f'|. Evaluating f adds a few ulps, `EVALUATION` in all, which covers libraries
that round every step of a usual formula; where a usual formula loses relative accuracy (gelu by
1 + erf, softplus by log(1 + e)), the addition is absolute.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from symtests.model.activations import ACTIVATION_TABLE, Activation, Bounds, Kink
from symtests.oracle.activations import Numbers, derivative, logistic, second_derivative, value
from symtests.oracle.error_model import ErrorModel
from symtests.oracle.kinks import distance_to_break

__all__ = [
    "EVALUATION",
    "Curve",
    "curve",
    "derivative_error",
    "local_bend",
    "local_slope",
    "logistic_ulps",
    "value_error",
]

EVALUATION: Final = 6.0
"""Relative error, in unit roundoffs, that an elementary function may have (3 ulp at the end of a binade)."""

TEXTBOOK_TANH: Final = 2.0**-53
"""Up to this unit roundoff a tanh may lose its relative accuracy near 0, as the quotient of exponentials does.

In float32 the same allowance would hide faults of small starts, and libraries compute tanh better there.
"""


@dataclass(frozen=True, eq=False)
class Curve:
    """An activation at given pre-activations: what its errors depend on. All arrays have the shape of z."""

    name: str
    z: Numbers
    value: Numbers
    slope: Numbers
    bend: Numbers

    @property
    def entry(self) -> Activation:
        """Its traits."""
        return ACTIVATION_TABLE[self.name]

    @property
    def largest(self) -> Bounds:
        """Bounds of its derivatives."""
        return self.entry.bounds


def curve(name: str, z: Numbers, relu_derivative_at_zero: float = 0.0) -> Curve:
    """Return sigma, sigma' and sigma'' at z."""
    return Curve(name, z, value(name, z), derivative(name, z, relu_derivative_at_zero), second_derivative(name, z))


def local_slope(model: ErrorModel, at: Curve, error_z: Numbers) -> Numbers:
    """Return sigma'(z), made as large as it is within reach r of z: min(max|sigma'|, |sigma'(z)| + max|sigma''| r)."""
    size = np.minimum(at.largest.first, np.abs(at.slope) + at.largest.second * model.reach(error_z))
    for kink in at.entry.kinks:
        size = np.where(_may_cross(model, at.z, kink, error_z) & (error_z > 0), at.largest.first, size)
    return np.copysign(size, at.slope)


def local_bend(model: ErrorModel, at: Curve, error_z: Numbers) -> Numbers:
    """Return sigma''(z), made as large as it is within reach of z: anything up to max|sigma''| where it may jump."""
    reach = model.reach(error_z)
    size = np.minimum(at.largest.second, np.abs(at.bend) + at.largest.third * reach)
    if not at.entry.is_smooth:
        size = np.where((distance_to_break(at.name, at.z) <= reach) & (error_z > 0), at.largest.second, size)
    return np.copysign(size, at.bend)


def value_error(model: ErrorModel, at: Curve, error_z: Numbers) -> Numbers:
    """Return the error of sigma(z), as `model` counts errors; shapes as z."""
    moved = model.weigh(local_slope(model, at, error_z)) * error_z
    if at.name in ("identity", "relu", "hard_tanh"):  # nothing is rounded
        return moved
    size = model.weigh(at.value) + moved
    evaluated = model.relative(EVALUATION + 2) * size + model.underflows()
    match at.name:
        case "logistic":
            return moved + evaluated + _lower_tail(model, at.value)
        case "softplus":  # log(1 + e): the rounding of 1 + e
            return moved + evaluated + model.relative(2.0)
        case "gelu":  # z/2 (1 + erf): the error of erf and of the sum, times |z|/2
            evaluated = evaluated + model.relative(EVALUATION / 2 + 2) * model.weigh(at.z)
        case "silu":  # z / (1 + exp(-z)) is 0 as soon as exp overflows
            evaluated = evaluated + model.underflows() * model.weigh(at.z)
            evaluated = evaluated + model.weigh(at.z) * _lower_tail(model, logistic(at.z))
        case "elu" | "selu":  # exp(z) - 1: the error of exp and of the difference; above 0 the sum is 0
            below = at.z < model.reach(error_z)
            evaluated = evaluated + model.relative(EVALUATION + 2) * np.where(
                below, model.weigh(np.asarray(at.largest.first)), 0.0
            )
        case "hard_sigmoid":  # (z + 3) / 6, or z / 6 + 1/2: roundings of numbers up to 1
            return moved + model.relative(3.0)
        case "mish":  # three functions one in another; what log(1 + e) and a tanh by exponentials lose, times |z|
            lost = model.relative(2.0 + _textbook(model)) + model.underflows()
            evaluated = evaluated + model.relative(2 * EVALUATION + 4) * size + lost * model.weigh(at.z)
        case "tanh" if model.unit_roundoff <= TEXTBOOK_TANH:  # (e - 1/e) / (e + 1/e): roundings of numbers of order 1
            evaluated = evaluated + model.relative(_textbook(model))
    return moved + np.where(size > 0, evaluated, 0.0)  # what these make of 0 is exactly 0


def derivative_error(model: ErrorModel, at: Curve, error_z: Numbers, error_a: Numbers) -> Numbers:
    """Return the error of sigma'(z), whether it is computed from z or from the activation a."""
    moved = model.weigh(local_bend(model, at, error_z)) * error_z
    error = np.maximum(moved + _evaluation(model, at, moved), _from_activation(model, at, error_a))
    for kink in at.entry.kinks:  # wrong by the whole jump where the computed z may lie on the other side
        jump = model.weigh(np.array(kink.above - kink.below))
        error = error + np.where(_may_cross(model, at.z, kink, error_z), jump, 0.0)
    return error


def logistic_ulps(z: Numbers) -> Numbers:
    """Return the relative error, in unit roundoffs, of a logistic(z) found by differentiating a program for softplus.

    That is exp(z - softplus(z)): the exponential turns an error of its argument, of which the rounding
    of softplus and that of the difference are each at most u (|z| + 1), into a relative one.
    """
    ulps: Numbers = 2 * EVALUATION + 6 + 2 * np.abs(z)
    return ulps


def _lower_tail(model: ErrorModel, a: Numbers) -> Numbers:
    """Return what a logistic a owes in its lower tail: no relative accuracy, but as much absolute as in its upper one.

    Compilers take (1 + tanh(z/2)) / 2 for it. With t = tanh(z/2) = 2a - 1, that is off by EVALUATION u |t| / 2, and its
    slope (1 - t^2) / 4 by EVALUATION u t^2 / 2 and the rounding of t^2. Above 0 these are less than the relative error
    of a number of at least 1/2; below, a itself may be far smaller.
    """
    return model.relative(EVALUATION / 2 + 1 + _textbook(model) / 2) * model.weigh(np.maximum(1 - 2 * a, 0.0))


def _textbook(model: ErrorModel) -> float:
    """Return the absolute error of a tanh by exponentials, in unit roundoffs, where that is allowed."""
    return 4.0 if model.unit_roundoff <= TEXTBOOK_TANH else 0.0


def _may_cross(model: ErrorModel, z: Numbers, kink: Kink, error_z: Numbers) -> Numbers:
    """Return where the computed z may lie on the other side of a kink, or any slope is right."""
    crossing: Numbers = np.abs(z - kink.at) <= model.reach(error_z) + kink.margin * model.unit_roundoff
    return crossing if kink.is_free else crossing & (error_z > 0)


def _evaluation(model: ErrorModel, at: Curve, moved: Numbers) -> Numbers:
    """Return what evaluating sigma' from z adds."""
    weigh, relative, z = model.weigh, model.relative, at.z
    if at.entry.is_straight:  # a slope of 0 or 1 is exact, any other is rounded
        slopes = {slope for kink in at.entry.kinks for slope in (kink.below, kink.above)} - {0.0, 1.0}
        return np.full(z.shape, relative(1.0) * weigh(np.array(max(slopes, default=0.0))))
    size = weigh(at.slope) + moved
    match at.name:
        case "gelu":  # Phi by 1 + erf: absolute; z phi: exp(-z^2/2) turns an error of its argument into z^2 ulps
            density = np.exp(-0.5 * z * z) * 0.39895
            part = relative(1.0) * weigh(z * density * (EVALUATION + 3 + z * z))
            return relative(EVALUATION / 2 + 2) + part + model.underflows() * weigh(1 + np.abs(z))
        case "silu":  # s (1 + z (1 - s)), or a + s (1 - a)
            whole = weigh(logistic(z) * (1 + np.abs(z))) + moved
            tail = weigh(1 + np.abs(z)) * _lower_tail(model, logistic(z))
            return relative(2 * EVALUATION + 6) * whole + tail + model.underflows() * weigh(1 + np.abs(z))
        case "elu" | "selu":  # a constant above 0; the exponential of z below
            return relative(EVALUATION + 2) * size
        case "softsign":  # 1 / (1 + |z|)^2
            return relative(6.0) * size + model.underflows()
        case "mish":  # t + z s (1 - t^2): 1 - t^2 is off by 2 t times the error of t, whatever its own size
            lost, s = 2 + _textbook(model), logistic(z)
            whole = weigh(s * (1 + np.abs(z))) + moved
            tail = weigh(1 + np.abs(z)) * _lower_tail(model, s)
            rounded = relative(6 * EVALUATION + 12 + 2 * lost) * whole + relative(lost)
            return rounded + tail + model.underflows() * weigh(1 + np.abs(z))
        case "softplus":
            return relative(1.0) * weigh(logistic_ulps(z)) * size + model.underflows()
    # tanh: 1/cosh^2, logistic: logistic(z) logistic(-z): two evaluations and their product
    return relative(2 * EVALUATION + 3) * size + model.underflows()


def _from_activation(model: ErrorModel, at: Curve, error_a: Numbers) -> Numbers:
    """Return the error of sigma' where it is computed from a, as tanh' = 1 - a^2; 0 where nobody does."""
    a, s = at.value, at.slope
    match at.name:
        case "tanh":
            square = model.product(a, error_a, a, error_a)
            # both factors are the same number, so the errors do not average out: twice the variance
            square = square if model.form == "certified" else 2 * square
            return square + model.roundings(1) * (model.weigh(s) + square)
        case "logistic":  # a (1 - a): e_a |1 - 2a| + e_a^2, the rounding of 1 - a, and that of the product
            rounded = model.roundings(1) * (model.weigh(1 - a) + error_a)
            moved = model.weigh(1 - 2 * a) * error_a + error_a * error_a
            whole = moved + rounded * (model.weigh(a) + error_a)
            return whole + model.roundings(1) * (model.weigh(s) + whole) + model.underflows()
        case "elu" | "selu":  # a + 1 below 0, or a + s alpha
            return np.where(at.z < 0, error_a + model.roundings(2) * (model.weigh(s) + error_a), 0.0)
        case "softsign":  # (1 - |a|)^2
            part = 1 - np.abs(a)
            error = error_a + model.roundings(1) * (model.weigh(part) + error_a)
            square = model.product(part, error, part, error, 2)
            return square if model.form == "certified" else 2 * square
        case "softplus":  # 1 - exp(-a)
            return error_a + model.relative(EVALUATION + 2)
    return np.zeros_like(a)
