"""How errors are carried through the two passes, layer by layer, by either form of `ErrorModel`.

Quadratic terms are kept, so that the certified form is a bound and not an estimate.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from symtests.batch import Batch
from symtests.network import Network
from symtests.oracle.activation_errors import Curve, derivative_error, value_error
from symtests.oracle.activations import Numbers
from symtests.oracle.error_model import ErrorModel
from symtests.oracle.errors import Errors
from symtests.oracle.loss_errors import error_signal_error, loss_error
from symtests.oracle.passes import Stages
from symtests.parameters import Parameters

__all__ = ["carried_errors"]


def carried_errors(
    model: ErrorModel, network: Network, parameters: Parameters, batch: Batch, right: Stages, curves: Sequence[Curve]
) -> Errors:
    """Return the errors of everything that the two passes compute.

    Parameters
    ----------
    model
        How errors add up.
    network, parameters, batch
        The question; float64.
    right, curves
        The exact stages, and the activation of each hidden layer at them.
    """
    error_z, error_a = _forward_errors(model, network, parameters, right, curves)
    error_delta, gradient = _backward_errors(model, network, parameters, batch, right, curves, error_z, error_a)
    loss = np.array(loss_error(model, network.loss, right.pre_activations[-1], error_z[-1], batch))
    return Errors(loss, gradient, tuple(error_z), tuple(error_a), tuple(error_delta))


def _forward_errors(
    model: ErrorModel, network: Network, parameters: Parameters, right: Stages, curves: Sequence[Curve]
) -> tuple[list[Numbers], list[Numbers]]:
    """Return the errors of all z_l and of all a_l."""
    error_z, error_a = [], [np.zeros_like(right.activations[0])]
    for layer, weight in enumerate(parameters.weights):
        error = model.dot(right.activations[layer], error_a[-1], weight)
        if network.bias:
            error = error + model.roundings(len(weight) + 2) * model.weigh(parameters.bias(layer))
        error_z.append(error)
        if layer < len(curves):
            error_a.append(value_error(model, curves[layer], error))
    return error_z, error_a


def _backward_errors(
    model: ErrorModel,
    network: Network,
    parameters: Parameters,
    batch: Batch,
    right: Stages,
    curves: Sequence[Curve],
    error_z: list[Numbers],
    error_a: list[Numbers],
) -> tuple[list[Numbers], Numbers]:
    """Return the errors of all delta_l and of the gradient, flat."""
    error = error_signal_error(model, network.loss, right.pre_activations[-1], error_z[-1], batch)
    error_delta, gradient = [error], Parameters.zeros(network)
    ones = np.ones((1, len(batch)))
    for layer in reversed(range(network.layer_count)):
        delta, a = right.error_signals[layer], right.activations[layer]
        gradient.weight(layer)[...] = model.dot(a.T, error_a[layer].T, delta, error, extra=4)
        if network.bias:
            gradient.bias(layer)[...] = model.dot(ones, np.zeros_like(ones), delta, error, extra=4)[0]
        if layer == 0:
            break
        weight, below = parameters.weight(layer).T, curves[layer - 1]
        error_back = model.dot(delta, error, weight)
        error_slope = derivative_error(model, below, error_z[layer - 1], error_a[layer])
        error = model.product(delta @ weight, error_back, below.slope, error_slope)
        error_delta.insert(0, error)
    return error_delta, gradient.vector
