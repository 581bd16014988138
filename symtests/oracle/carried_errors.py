"""How errors are carried through the two passes, layer by layer, by either form of `ErrorModel`.

Quadratic terms are kept, so that the certified form is a bound and not an estimate.
"""

from __future__ import annotations

import numpy as np

from symtests.oracle.activation_errors import derivative_error, value_error
from symtests.oracle.activations import Numbers
from symtests.oracle.error_model import ErrorModel
from symtests.oracle.errors import Errors
from symtests.oracle.loss_errors import error_signal_error, loss_error
from symtests.oracle.workings import Workings

__all__ = ["carried_errors"]


def carried_errors(model: ErrorModel, exact: Workings) -> Errors:
    """Return the errors of everything that the two passes compute."""
    error_z, error_a = _forward_errors(model, exact)
    error_delta, gradient = _backward_errors(model, exact, error_z, error_a)
    loss = loss_error(model, exact.network.loss, exact.stages.pre_activations[-1], error_z[-1], exact.batch)
    return Errors(np.array(loss), gradient, tuple(error_z), tuple(error_a), tuple(error_delta))


def _forward_errors(model: ErrorModel, exact: Workings) -> tuple[list[Numbers], list[Numbers]]:
    """Return the errors of all z_l and of all a_l."""
    error_z, error_a = [], [np.zeros_like(exact.batch.x)]
    for layer, (matrix, inputs) in enumerate(zip(exact.matrices, exact.inputs, strict=True)):
        error_z.append(model.dot(inputs, exact.with_bias_input(error_a[-1]), matrix))
        if layer < len(exact.curves):
            error_a.append(value_error(model, exact.curves[layer], error_z[-1]))
    return error_z, error_a


def _backward_errors(
    model: ErrorModel, exact: Workings, error_z: list[Numbers], error_a: list[Numbers]
) -> tuple[list[Numbers], Numbers]:
    """Return the errors of all delta_l and of the gradient, flat."""
    error = error_signal_error(model, exact.network.loss, exact.stages.pre_activations[-1], error_z[-1], exact.batch)
    error_delta: list[Numbers] = [error]
    gradient: list[Numbers] = []
    for layer in reversed(range(exact.network.layer_count)):
        delta, inputs = exact.stages.error_signals[layer], exact.inputs[layer]
        error_inputs = exact.with_bias_input(error_a[layer])
        gradient.insert(0, model.dot(inputs.T, error_inputs.T, delta, error, extra=4).ravel())
        if layer == 0:
            break
        weight, below = exact.weights[layer].T, exact.curves[layer - 1]
        error_back = model.dot(delta, error, weight)
        error_slope = derivative_error(model, below, error_z[layer - 1], error_a[layer])
        error = model.product(delta @ weight, error_back, below.slope, error_slope)
        error_delta.insert(0, error)
    return error_delta, np.concatenate(gradient)
