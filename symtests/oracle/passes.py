"""The forward and the backward pass, in float64, one formula a line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symtests.batch import Batch
from symtests.network import Network
from symtests.oracle.activations import Numbers, derivative, value
from symtests.oracle.losses import error_signal, loss_value
from symtests.parameters import Parameters

__all__ = ["Stages", "forward", "gradient_of", "loss", "loss_and_gradient", "matrices_of", "predict", "stages"]


@dataclass(frozen=True, eq=False)
class Stages:
    """What each layer holds on the way forward and back.

    Parameters
    ----------
    pre_activations
        z_1 ... z_L, each of shape (N, n_l); the last one is the output.
    activations
        a_0 = x, a_1 ... a_{L-1}: what each layer is fed with.
    error_signals
        dL/dz_1 ... dL/dz_L.
    """

    pre_activations: tuple[Numbers, ...]
    activations: tuple[Numbers, ...]
    error_signals: tuple[Numbers, ...]


def predict(network: Network, parameters: Parameters, x: Numbers) -> Numbers:
    """Return the linear outputs z_L, shape (N, m)."""
    with np.errstate(all="ignore"):
        return forward(network, matrices_of(network, parameters.vector.astype(np.float64)), x.astype(np.float64))[0][-1]


def loss(network: Network, parameters: Parameters, batch: Batch) -> float:
    """Return the loss L."""
    with np.errstate(all="ignore"):
        return loss_value(network.loss, predict(network, parameters, batch.x), batch).real


def stages(network: Network, parameters: Parameters, batch: Batch, relu_derivative_at_zero: float = 0.0) -> Stages:
    """Return pre-activations, activations and error signals of every layer.

        delta_L = dL/dz_L,    delta_l = (delta_{l+1} W_{l+1}^T) * sigma'(z_l)

    Source: Rumelhart, Hinton & Williams (1986).
    """
    with np.errstate(all="ignore"):
        matrices = matrices_of(network, parameters.vector.astype(np.float64))
        z, a = forward(network, matrices, batch.x.astype(np.float64))
        delta = [error_signal(network.loss, z[-1], batch)]
        for layer in reversed(range(network.layer_count - 1)):
            slope = derivative(network.activations[layer], z[layer], relu_derivative_at_zero)
            delta.insert(0, (delta[0] @ matrices[layer + 1][0].T) * slope)
        return Stages(tuple(z), tuple(a), tuple(delta))


def loss_and_gradient(
    network: Network, parameters: Parameters, batch: Batch, relu_derivative_at_zero: float = 0.0
) -> tuple[float, Parameters]:
    """Return the loss and its gradient."""
    with np.errstate(all="ignore"):
        found = stages(network, parameters, batch, relu_derivative_at_zero)
        return loss_value(network.loss, found.pre_activations[-1], batch).real, gradient_of(network, found)


def gradient_of(network: Network, found: Stages) -> Parameters:
    """Return dL/dW_l = a_{l-1}^T delta_l and dL/db_l = column sums of delta_l."""
    gradient = Parameters.zeros(network)
    for layer, (a, delta) in enumerate(zip(found.activations, found.error_signals, strict=True)):
        gradient.weight(layer)[...] = a.T @ delta
        if network.bias:
            gradient.bias(layer)[...] = delta.sum(axis=0)
    return gradient


def matrices_of(network: Network, vector: Numbers) -> list[tuple[Numbers, Numbers]]:
    """Return (W, b) of each layer, real or complex; b is 0 without biases."""
    layers = []
    for layer in range(network.layer_count):
        weight = vector[network.weight_slice(layer)].reshape(network.sizes[layer], network.sizes[layer + 1])
        layers.append((weight, vector[network.bias_slice(layer)] if network.bias else np.zeros(1)))
    return layers


def forward(
    network: Network, matrices: list[tuple[Numbers, Numbers]], x: Numbers
) -> tuple[list[Numbers], list[Numbers]]:
    """Return all z_l = a_{l-1} W_l + b_l and all a_l = sigma_l(z_l)."""
    pre_activations, activations = [], [x]
    for layer, (weight, bias) in enumerate(matrices):
        pre_activations.append(activations[-1] @ weight + bias)
        if layer < network.layer_count - 1:
            activations.append(value(network.activations[layer], pre_activations[-1]))
    return pre_activations, activations
