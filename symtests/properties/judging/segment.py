"""How strongly the loss can bend along a short segment: a bound on its third derivative, layer by layer.

Along theta + t d, |t| <= h, every number of the forward pass is a function of t. From bounds Z_k on its k-th derivative
follow those of sigma(z(t)), by the chain rule (Faà di Bruno) and the largest |sigma'|, |sigma''| and |sigma'''|:

    A_1 = S_1 Z_1,    A_2 = S_2 Z_1^2 + S_1 Z_2,    A_3 = S_3 Z_1^3 + 3 S_2 Z_1 Z_2 + S_1 Z_3

and from those of a(t) the ones of z = a (W + tD) + b + t d_b. How far z itself moves follows from the mean value
theorem: |z(t) - z(0)| <= h Z_1. All these are sums and products of numbers that are not negative, so that rounding them
matters no more than the factor `_ROUNDING`.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from symtests.model.activations import ACTIVATION_TABLE
from symtests.model.losses import LOSS_TABLE
from symtests.oracle.activations import logistic, value
from symtests.oracle.kinks import distance_to_break, distance_to_break_of_loss
from symtests.oracle.losses import coefficients, softmax
from symtests.oracle.passes import stages
from symtests.parameters import Parameters
from symtests.properties.base import Case

__all__ = ["crosses_a_kink", "third_derivative_bound"]

Numbers = npt.NDArray[np.float64]
_ROUNDING: Final = 1 + 1e-9
_LARGEST_THIRD_CENTRAL_MOMENT: Final = 8 * 0.09623
"""Of a random variable between -1 and 1: R^3 / (6 sqrt 3) for the range R = 2, reached by two values."""


class _Bounds(NamedTuple):
    """Bounds of |f(0)|, made wide enough for all |t| <= h, and of |f'|, |f''| and |f'''| there."""

    size: Numbers
    first: Numbers
    second: Numbers
    third: Numbers


def third_derivative_bound(case: Case, direction: Parameters, h: float) -> float:
    """Return a bound of |d^3 L(theta + t d) / dt^3| for |t| <= h, where no kink is crossed.

    Parameters
    ----------
    case
        Network, theta and batch.
    direction
        d, of the shape of theta.
    h
        Half the length of the segment, in units of d.
    """
    *_, (z, bounds) = _pre_activations(case, direction, h)
    return float((coefficients(case.network.loss, case.batch) * _of_loss_terms(case, z, bounds, h)).sum() * _ROUNDING)


def crosses_a_kink(case: Case, direction: Parameters, h: float) -> bool:
    """Tell whether sigma' or sigma'' of some unit, or those of the loss, may jump somewhere on the segment."""
    found = _pre_activations(case, direction, h)
    outputs, bounds = found[-1]
    of_loss = distance_to_break_of_loss(case.network.loss, outputs, case.batch.y.astype(np.float64))
    layers = zip(case.network.activations, found, strict=False)  # the last has none
    return bool((of_loss <= h * bounds.first).any()) or any(
        bool((distance_to_break(name, z) <= h * bounds.first).any()) for name, (z, bounds) in layers
    )


def _pre_activations(case: Case, direction: Parameters, h: float) -> list[tuple[Numbers, _Bounds]]:
    """Return z(0) of every layer, shape (N, n_l), with the bounds on the segment."""
    network = case.network
    right = stages(network, case.parameters, case.batch)
    nothing = np.zeros(case.batch.x.shape)
    below = _Bounds(np.abs(case.batch.x.astype(np.float64)), nothing, nothing, nothing)
    found = []
    for layer, z in enumerate(right.pre_activations):
        turn = np.abs(direction.weight(layer).astype(np.float64))
        weight = np.abs(case.parameters.weight(layer).astype(np.float64)) + h * turn
        first = below.first @ weight + below.size @ turn
        if network.bias:
            first = first + np.abs(direction.bias(layer).astype(np.float64))
        second = below.second @ weight + 2 * below.first @ turn
        bounds = _Bounds(np.abs(z) + h * first, first, second, below.third @ weight + 3 * below.second @ turn)
        found.append((z, bounds))
        if layer < network.layer_count - 1:
            below = _through(network.activations[layer], z, bounds, h)
    return found


def _through(name: str, z: Any, bounds: _Bounds, h: float) -> _Bounds:
    """Return the bounds of sigma(z(t))."""
    s, (_, z1, z2, z3) = ACTIVATION_TABLE[name].bounds, bounds
    first = s.first * z1
    return _Bounds(
        np.abs(value(name, z)) + h * first,
        first,
        s.second * z1**2 + s.first * z2,
        s.third * z1**3 + 3 * s.second * z1 * z2 + s.first * z3,
    )


def _of_loss_terms(case: Case, z: Any, bounds: _Bounds, h: float) -> Numbers:
    """Return bounds of the third derivatives of the terms of the loss, shape (N, m), or (N, 1) for a softmax."""
    y, loss, (_, z1, z2, z3) = case.batch.y.astype(np.float64), case.network.loss, bounds
    answer: Numbers
    if loss == "softmax_cross_entropy":
        # The cumulants of a random variable that is z'_k, z''_k or z'''_k with probability p_k, for sum(y) = 1:
        #   L''' = kappa_3(z') + 3 cov(z', z'') + sum_k (p_k - y_k) z'''_k
        # |p - y| moves by at most |dp_k/dt| <= 2 max|z'| / 4, as p_k (1 - p_k) <= 1/4.
        m1, m2 = z1.max(axis=1, keepdims=True), z2.max(axis=1, keepdims=True)
        reach = np.abs(softmax(z) - y) + h * m1 / 2
        answer = _LARGEST_THIRD_CENTRAL_MOMENT * m1**3 + 3 * m1 * m2 + (reach * z3).sum(axis=1, keepdims=True)
        return answer * np.maximum(1.0, y.sum(axis=1, keepdims=True))
    if loss == "bce":  # softplus(z) - y z
        s = ACTIVATION_TABLE["softplus"].bounds
        return s.third * z1**3 + 3 * s.second * z1 * z2 + (np.abs(logistic(z) - y) + h * s.second * z1) * z3
    if (of_output := LOSS_TABLE[loss].bounds) is not None:
        return of_output.third * z1**3 + 3 * of_output.second * z1 * z2 + of_output.first * z3
    if loss == "logistic_mse":
        z, bounds = logistic(z), _through("logistic", z, bounds, h)
        _, z1, z2, z3 = bounds
    # (z - y)^2: 6 z' z'' + 2 (z - y) z'''
    answer = 6 * z1 * z2 + 2 * (np.abs(z - y) + h * z1) * z3
    return answer
