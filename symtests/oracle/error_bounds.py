"""From the oracle's own pass to tolerances: how far rounding may lead a correct implementation away.

The recursion follows the two passes, layer by layer, and keeps quadratic terms, so that in its
certified form it is a bound and not an estimate: it holds for every implementation that rounds each
operation within u, in any order of summation, with or without fused multiply-adds, with elementary
functions good to `activation_errors.EVALUATION` unit roundoffs. Parameters and data are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.network import Network
from symtests.oracle.activation_errors import derivative_error, value_error
from symtests.oracle.activations import Numbers, derivative
from symtests.oracle.error_model import ErrorModel, Form
from symtests.oracle.loss_errors import error_signal_error, loss_error
from symtests.oracle.losses import loss_value
from symtests.oracle.passes import Stages, stages
from symtests.parameters import Parameters

__all__ = ["Expectation", "StageTolerances", "detectable", "expect", "recovered_tolerance"]

OWN_ROUNDOFF: Final = 2.0**-53
"""Unit roundoff of the oracle itself."""

WIDEST_CERTIFIED: Final = 32
"""Up to this fan-in the certified bound is sharp enough to stand alone in float32."""


@dataclass(frozen=True, eq=False)
class StageTolerances:
    """Tolerances of the arrays of `symtests.oracle.passes.Stages`, in the same shapes."""

    pre_activations: tuple[Array, ...]
    activations: tuple[Array, ...]
    error_signals: tuple[Array, ...]


@dataclass(frozen=True, eq=False)
class Expectation:
    """What is right, and how far rounding may lead from it.

    Parameters
    ----------
    form
        ``certified`` where a difference above the tolerance proves a fault; ``statistical`` where
        some tolerance rests on independent roundings.
    loss, loss_tolerance
        The loss, and the largest difference that rounding may explain.
    gradient, gradient_tolerance
        The gradient, and such a difference for each component, shape (n,).
    stages, stage_tolerances
        The same for every layer's pre-activations, activations and error signals.
    """

    form: Form
    loss: float
    loss_tolerance: float
    gradient: Parameters
    gradient_tolerance: Array
    stages: Stages
    stage_tolerances: StageTolerances


def expect(
    network: Network,
    parameters: Parameters,
    batch: Batch,
    unit_roundoff: float = 2.0**-53,
    relu_derivative_at_zero: float = 0.0,
) -> Expectation:
    """Return the right answer with its tolerances, for an arithmetic of this unit roundoff.

    The certified form is used alone in float64 and for fan-ins up to `WIDEST_CERTIFIED`; beyond, the
    smaller of both, component by component.

    Parameters
    ----------
    network, parameters, batch
        The question; values must be exact in the implementation's dtype.
    unit_roundoff
        u of the implementation: 2**-24 in float32, 2**-53 in float64.
    relu_derivative_at_zero
        Its choice for relu'(0).
    """
    with np.errstate(all="ignore"):
        right = stages(network, parameters, batch, relu_derivative_at_zero)
        found = _tolerances("certified", network, parameters, batch, right, unit_roundoff)
        form: Form = "certified"
        if unit_roundoff > OWN_ROUNDOFF and max(network.sizes[:-1]) > WIDEST_CERTIFIED:
            other = _tolerances("statistical", network, parameters, batch, right, unit_roundoff)
            form = "statistical"
            found = tuple(np.minimum(mine, its) for mine, its in zip(found, other, strict=True))
        # The oracle rounds too. A bound is a convex function of u that vanishes with u, so the oracle's
        # own bound is at most OWN_ROUNDOFF / u of this one.
        found = tuple(tolerance * (1 + OWN_ROUNDOFF / unit_roundoff) for tolerance in found)
        gradient = Parameters.zeros(network)
        for layer in range(network.layer_count):
            gradient.weight(layer)[...] = right.activations[layer].T @ right.error_signals[layer]
            if network.bias:
                gradient.bias(layer)[...] = right.error_signals[layer].sum(axis=0)
        loss = loss_value(network.loss, right.pre_activations[-1], batch).real
    count = network.layer_count
    of_stages = StageTolerances(found[2 : 2 + count], found[2 + count : 2 + 2 * count], found[2 + 2 * count :])
    return Expectation(form, loss, float(found[0]), gradient, found[1], right, of_stages)


def recovered_tolerance(expected: Expectation, parameters: Parameters, rate: float, unit_roundoff: float) -> Array:
    """Return the tolerance of a gradient recovered from one plain step, (theta - theta') / rate.

        theta' = fl(theta - fl(rate g)):  the product, the update and the last difference are rounded,
        e = e_g + [4 u rate (|g| + e_g) + 2 u |theta|] / rate

    Parameters
    ----------
    expected
        What `expect` returned for the same question.
    parameters
        Those before the step.
    rate
        Learning rate of the step.
    unit_roundoff
        u of the implementation.
    """
    e = expected.gradient_tolerance
    size = np.abs(expected.gradient.vector) + e
    rounded: Array = e + unit_roundoff * (4 * size + 2 * np.abs(parameters.vector.astype(np.float64)) / rate)
    return rounded


def detectable(expected: Array, tolerance: Array) -> Array:
    """Return, for each component, the relative fault that is seen whatever the rounding.

    A fault of epsilon |g| shows when it exceeds the tolerance on top of a rounding error of the
    other sign, which is itself at most the tolerance: epsilon = 2 tolerance / |g|. Infinite where g = 0.
    """
    size = np.abs(expected)
    result: Array = np.divide(2 * tolerance, size, out=np.full(size.shape, np.inf), where=size > 0)
    return result


def _underflow(unit_roundoff: float) -> float:
    """Return half the smallest subnormal number of the dtype with this unit roundoff."""
    if unit_roundoff <= OWN_ROUNDOFF:
        return 2.0**-1075
    return 2.0**-25 if unit_roundoff == 2.0**-11 else 2.0**-150  # float16; float32 and bfloat16


def _tolerances(
    form: Form, network: Network, parameters: Parameters, batch: Batch, right: Stages, unit_roundoff: float
) -> tuple[Numbers, ...]:
    """Return tolerances of loss, gradient, all z, all a and all delta, by one form."""
    model = ErrorModel(form, unit_roundoff, _underflow(unit_roundoff))
    error_z, error_a = _forward_errors(model, network, parameters, right)
    error_delta, gradient = _backward_errors(model, network, parameters, batch, right, error_z, error_a)
    loss = np.array(loss_error(model, network.loss, right.pre_activations[-1], error_z[-1], batch))
    return tuple(model.tolerance(error) for error in (loss, gradient, *error_z, *error_a, *error_delta))


def _forward_errors(
    model: ErrorModel, network: Network, parameters: Parameters, right: Stages
) -> tuple[list[Numbers], list[Numbers]]:
    """Return the errors of all z_l and of all a_l."""
    error_z, error_a = [], [np.zeros_like(right.activations[0])]
    for layer in range(network.layer_count):
        a, z = right.activations[layer], right.pre_activations[layer]
        weight = parameters.weight(layer).astype(np.float64)
        error = model.dot(a, error_a[-1], weight, np.zeros_like(weight))
        if network.bias:
            error = error + model.roundings(a.shape[1] + 2) * model.weigh(parameters.bias(layer).astype(np.float64))
        error_z.append(error)
        if layer < network.layer_count - 1:
            error_a.append(value_error(model, network.activations[layer], z, error))
    return error_z, error_a


def _backward_errors(
    model: ErrorModel,
    network: Network,
    parameters: Parameters,
    batch: Batch,
    right: Stages,
    error_z: list[Numbers],
    error_a: list[Numbers],
) -> tuple[list[Numbers], Numbers]:
    """Return the errors of all delta_l and of the gradient, flat."""
    error = error_signal_error(model, network.loss, right.pre_activations[-1], error_z[-1], batch)
    error_delta, gradient = [error], Parameters.zeros(network)
    for layer in reversed(range(network.layer_count)):
        delta, a = right.error_signals[layer], right.activations[layer]
        gradient.weight(layer)[...] = model.dot(a.T, error_a[layer].T, delta, error, extra=4)
        if network.bias:
            ones = np.ones((1, len(delta)))
            gradient.bias(layer)[...] = model.dot(ones, np.zeros_like(ones), delta, error, extra=4)[0]
        if layer == 0:
            break
        weight = parameters.weight(layer).astype(np.float64).T
        name, z = network.activations[layer - 1], right.pre_activations[layer - 1]
        back = delta @ weight
        error_back = model.dot(delta, error, weight, np.zeros_like(weight))
        error_slope = derivative_error(model, name, z, error_z[layer - 1], error_a[layer])
        error = model.product(back, error_back, derivative(name, z), error_slope)
        error_delta.insert(0, error)
    return error_delta, gradient.vector
