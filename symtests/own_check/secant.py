"""Differences of the loss: as a program of one dtype finds them, and as exact arithmetic would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from symtests.float_json import Array
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.model.activations import ACTIVATION_TABLE
from symtests.oracle.error_bounds import expect
from symtests.oracle.kinks import side_of_kinks
from symtests.oracle.passes import loss, loss_and_gradient, stages
from symtests.own_check.setting import Setting
from symtests.parameters import Parameters

__all__ = ["Indices", "Secants", "secants_of"]

Indices = np.ndarray[Any, np.dtype[np.intp]]
"""Which components of the parameter vector, shape (k,)."""

_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(5)
"""Gauss and Legendre on [-1, 1], exact for polynomials of degree nine; the weights add up to 2."""


@dataclass(frozen=True, eq=False)
class Secants:
    """Differences of the loss by some components of the parameters.

    Parameters
    ----------
    found
        As the plain NumPy implementation finds them in the dtype, shape (k,).
    exact
        The same differences in exact arithmetic, shape (k,); equal to `found` where they were not asked for.
    rounding_limit
        How far the first may be from the second for a correct loss of this dtype, shape (k,); 0 where not asked for.
    crosses_kink
        Where the step crosses a kink of an activation, shape (k,).
    """

    found: Array
    exact: Array
    rounding_limit: Array
    crosses_kink: np.ndarray[Any, np.dtype[np.bool_]]


def secants_of(
    setting: Setting, step: float, dtype: str, *, central: bool, components: Indices, exact: bool = True
) -> Secants:
    """Return the differences of the loss by the components given.

    In exact arithmetic a difference is the mean of the derivative along the step, which needs no difference:

        (L(theta + h e_j) - L(theta - h e_j)) / (2 h) = 1/2 integral over [-1, 1] of g_j(theta + s h e_j) ds

    by five points of Gauss and Legendre. Where the step crosses a kink, the derivative jumps, and the difference of
    the oracle's losses stands in its place.

    Parameters
    ----------
    setting
        Network, parameters and batch in the dtype.
    step
        h.
    dtype
        In which the loss is computed, and the parameters are rounded after each step.
    central
        Whether the step goes both ways.
    components
        Which components, shape (k,).
    exact
        Whether exact differences and limits of the rounding are wanted, which cost more.
    """
    low = -1.0 if central else 0.0
    width = (1.0 - low) * step
    found, right, limits, kinks = (np.zeros(len(components)) for _ in range(4))
    loss_error = _loss_error(setting, dtype) if exact else 0.0
    for k, component in enumerate(components):
        ends = [_moved(setting, int(component), s * step, dtype) for s in (low, 1.0)]
        losses = [_loss(setting, end) for end in ends]
        found[k] = (losses[1] - losses[0]) / width
        if exact:
            kinks[k] = _crosses(setting, *(_moved(setting, int(component), s * step) for s in (low, 1.0)))
            right[k], slope = _mean_slope(setting, int(component), step, low)
            if kinks[k]:
                both = [
                    loss(setting.network, _moved(setting, int(component), s * step), setting.batch) for s in (low, 1)
                ]
                right[k] = (both[1] - both[0]) / width
            limits[k] = _limit(setting, int(component), width, loss_error, slope, dtype)
    return Secants(found, right if exact else found, limits, kinks.astype(bool))


def _moved(setting: Setting, component: int, by: float, dtype: str = "float64") -> Parameters:
    """Return the parameters with one component moved, rounded to the dtype."""
    vector = setting.parameters.vector.astype(np.float64)
    vector[component] += by
    return Parameters(setting.network, vector.astype(dtype))


def _loss(setting: Setting, parameters: Parameters) -> float:
    batch = setting.batch.astype(parameters.dtype)
    with np.errstate(all="ignore"):
        return NumpyPlain().loss_and_gradient(setting.network, parameters, batch)[0]


def _mean_slope(setting: Setting, component: int, step: float, low: float) -> tuple[float, float]:
    """Return the mean of the derivative along the step, and its largest size at the five points."""
    half, middle = (1.0 - low) / 2, (1.0 + low) / 2
    slopes = [
        loss_and_gradient(setting.network, _moved(setting, component, (middle + half * s) * step), setting.batch)[1]
        .vector[component]
        for s in _POINTS
    ]  # fmt: skip
    return float(np.dot(_WEIGHTS, slopes)) / 2, float(np.abs(slopes).max())


def _crosses(setting: Setting, one: Parameters, other: Parameters) -> bool:
    """Tell whether some pre-activation lies on another side of a kink at the other end of the step."""
    kinked = [layer for layer, name in enumerate(setting.network.activations) if ACTIVATION_TABLE[name].kinks]
    if not kinked:
        return False
    here, there = (stages(setting.network, end, setting.batch).pre_activations for end in (one, other))
    sides = ((side_of_kinks(setting.network.activations[k], z[k]) for z in (here, there)) for k in kinked)
    return any(bool((side != other).any()) for side, other in sides)


def _loss_error(setting: Setting, dtype: str) -> float:
    """Return how far rounding may lead a correct loss of this dtype away."""
    return expect(setting.network, setting.parameters, setting.batch, _roundoff(dtype)).loss_tolerance


def _limit(setting: Setting, component: int, width: float, loss_error: float, slope: float, dtype: str) -> float:
    """Return how far rounding may lead a difference away.

    Each loss is off by its own error; each end of the step is rounded, by u |theta|, which moves its loss by the slope;
    and the two losses, their difference and its quotient are rounded:

        (2 error + 2 u |theta| |g|) / width + 2 u |g|
    """
    u = _roundoff(dtype)
    theta = abs(float(setting.parameters.vector[component])) + width
    return (2 * loss_error + 2 * u * theta * slope) / width + 2 * u * slope


def _roundoff(dtype: str) -> float:
    return float(np.finfo(dtype).eps) / 2
