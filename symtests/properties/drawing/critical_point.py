"""Critical points that are made, not searched for.

For given weights and inputs of a network with one hidden layer, any error signals delta that cancel against 1, against
the activations a and against v sigma'(z) x are those of a critical point, if the targets are chosen for them:

    dL/dV = a^T delta = 0,    dL/dc = 1^T delta = 0,    dL/dW = x^T (delta V^T * sigma'(z)) = 0,  x with 1 for b.

These conditions are linear in delta, so that the delta are the kernel of a matrix.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.network import Network
from symtests.oracle import passes
from symtests.oracle.activations import derivative, logistic, second_derivative
from symtests.parameters import Parameters

__all__ = ["bend", "critical_batch", "gradient_left", "samples_for", "with_bias_input"]

_RANK: Final = 1e-9
_DECOMPOSITION: Final = 2.0**-44
"""Relative error of a singular value decomposition of some hundred rows in float64."""


def samples_for(network: Network) -> int:
    """Return half as many samples again as there have to be, so that the kernel has room."""
    inputs, units, outputs = network.sizes
    conditions = outputs * (units + network.bias) + units * (inputs + network.bias)
    return 3 * conditions // (2 * outputs) + 1


def with_bias_input(network: Network, x: Array) -> Array:
    """Return x with a last column of 1 where there are biases, in float64."""
    x = x.astype(np.float64)
    return np.column_stack([x, np.ones(len(x))]) if network.bias else x


def critical_batch(parameters: Parameters, x: Array, unit: int, direction: Array, sign: float) -> Batch:
    """Return a batch for which the gradient is 0 although the error signals are not, in float64.

    Of all delta in the kernel it takes the one that bends the loss most, up or down, where `unit` is doubled and the
    two parts are moved apart.

    Parameters
    ----------
    parameters
        Of a network with one hidden layer and the loss mse, logistic_mse or bce.
    x
        Inputs, shape (N, n), N at least `samples_for` the network.
    unit
        A hidden unit.
    direction
        d, shape (n + bias,).
    sign
        1 to bend up, -1 to bend down.
    """
    network = parameters.network
    activation, outputs = network.activations[0], network.sizes[-1]
    stages = passes.stages(network, parameters, Batch(x, np.zeros((len(x), outputs))))
    z, outgoing = stages.pre_activations[0], parameters.weight(1).astype(np.float64)
    inputs, above = with_bias_input(network, x), with_bias_input(network, stages.activations[1])
    # Rows: each condition as a linear function of delta, shape (conditions, N m).
    of_outputs = np.einsum("ij,kl->jkil", above, np.eye(outputs))
    of_hidden = np.einsum("ip,ij,jl->pjil", inputs, derivative(activation, z), outgoing)
    size = len(x) * outputs
    conditions = np.concatenate([of_outputs.reshape(-1, size), of_hidden.reshape(-1, size)])
    _, values, rows = np.linalg.svd(conditions)
    kernel = rows[int((values > _RANK * values[0]).sum()) :]
    wanted = np.outer(second_derivative(activation, z[:, unit]) * (inputs @ direction) ** 2, outgoing[unit])
    delta = sign * (kernel.T @ (kernel @ wanted.ravel())).reshape(wanted.shape)
    return Batch(x, _targets_of(network.loss, stages.pre_activations[-1], delta))


def _targets_of(loss: str, z: Array, delta: Array) -> Array:
    """Return the y whose error signals are a multiple of delta: as large as suits the loss."""
    if not delta.any():
        return z if loss == "mse" else logistic(z)
    if loss == "mse":
        return z - 2 * delta / np.abs(delta).max()
    p = logistic(z)
    if loss == "logistic_mse":
        slope = p * (1 - p)
        if not slope.all():
            return p  # a saturated output has no error signal whatever its target
        away = delta / slope
        return p - away / (2 * np.abs(away).max())
    room = np.minimum(p, 1 - p)[delta != 0] / np.abs(delta[delta != 0])
    return p - 0.75 * room.min() * delta


def bend(parameters: Parameters, batch: Batch, units: list[int], direction: Array) -> float:
    """Return d^T B d = sum_i <delta_i, v> sigma''(z_i) (x_i . d)^2 for tied units, v the sum of what leaves them."""
    network = parameters.network
    stages = passes.stages(network, parameters, batch)
    outgoing = parameters.weight(1).astype(np.float64)[units].sum(axis=0)
    curve = second_derivative(network.activations[0], stages.pre_activations[0][:, units[0]])
    along = with_bias_input(network, batch.x) @ direction
    return float(((stages.error_signals[-1] @ outgoing) * curve * along**2).sum())


def gradient_left(parameters: Parameters, batch: Batch) -> Array:
    """Return the gradient that may be left at a critical point because its targets have been rounded, shape (n,).

    y is off by u |y| and by what the decomposition that made it leaves, delta by at most 2 / (N m) times that; and the
    gradient is a linear function of delta.
    """
    network, y = parameters.network, np.abs(batch.y.astype(np.float64))
    stages = passes.stages(network, parameters, batch)
    off = np.finfo(batch.y.dtype).eps / 2 * y + _DECOMPOSITION * (1 + y + np.abs(stages.pre_activations[-1]))
    signals = 2 / off.size * off
    slope = np.abs(derivative(network.activations[0], stages.pre_activations[0]))
    below = signals @ np.abs(parameters.weight(1).astype(np.float64)).T * slope
    left = Parameters.zeros(network)
    for layer, of_layer in enumerate((below, signals)):
        left.weight(layer)[...] = np.abs(stages.activations[layer]).T @ of_layer
        left.bias(layer)[...] = of_layer.sum(axis=0) if network.bias else 0
    return left.vector
