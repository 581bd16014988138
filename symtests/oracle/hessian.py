"""Second derivatives of the loss, exact to rounding, without a difference."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.network import Network
from symtests.oracle.activations import Numbers, derivative, second_derivative
from symtests.oracle.losses import error_signal_slope
from symtests.oracle.passes import Stages, matrices_of, stages
from symtests.parameters import Parameters

__all__ = ["hessian", "hessian_vector_product"]


def hessian_vector_product(network: Network, parameters: Parameters, batch: Batch, direction: npt.ArrayLike) -> Array:
    """Return H v, the derivative of the gradient along v.

    Both passes are differentiated along v = (V_1, c_1, V_2, ...), where R{.} is the derivative along v:

        R{z_l} = R{a_{l-1}} W_l + a_{l-1} V_l + c_l,      R{a_l} = sigma'(z_l) R{z_l}
        R{delta_l} = (R{delta_{l+1}} W_{l+1}^T + delta_{l+1} V_{l+1}^T) sigma'(z_l)
                     + (delta_{l+1} W_{l+1}^T) sigma''(z_l) R{z_l}
        R{dL/dW_l} = R{a_{l-1}}^T delta_l + a_{l-1}^T R{delta_l}

    Where a pre-activation of a relu or leaky_relu is 0 there is no second derivative; the kink counts as 0.

    Parameters
    ----------
    network, parameters, batch
        Where the derivative is taken.
    direction
        v, shape (n,), laid out as the parameter vector.

    Returns
    -------
        Shape (n,), float64.

    Source: Pearlmutter (1994), "Fast exact multiplication by the Hessian", section 3.
    """
    right = stages(network, parameters, batch)
    matrices = matrices_of(network, parameters.vector.astype(np.float64))
    directions = matrices_of(network, np.asarray(direction, np.float64))
    with np.errstate(all="ignore"):
        moved_z, moved_a = _forward(network, matrices, directions, right)
        moved_delta = _backward(network, matrices, directions, right, moved_z, batch)
    product = Parameters.zeros(network)
    for layer in range(network.layer_count):
        a, delta = right.activations[layer], right.error_signals[layer]
        product.weight(layer)[...] = moved_a[layer].T @ delta + a.T @ moved_delta[layer]
        if network.bias:
            product.bias(layer)[...] = moved_delta[layer].sum(axis=0)
    return product.vector


def hessian(network: Network, parameters: Parameters, batch: Batch) -> Array:
    """Return H, shape (n, n), float64, column by column: for networks of a few hundred parameters."""
    unit_vectors = np.eye(network.parameter_count)
    return np.stack([hessian_vector_product(network, parameters, batch, unit) for unit in unit_vectors], axis=1)


Layers = list[tuple[Numbers, Numbers]]


def _forward(
    network: Network, matrices: Layers, directions: Layers, right: Stages
) -> tuple[list[Numbers], list[Numbers]]:
    """Return R{z_l} and R{a_l}."""
    moved_z: list[Numbers] = []
    moved_a: list[Numbers] = [np.zeros_like(right.activations[0])]
    for layer, ((weight, _), (weight_direction, bias_direction)) in enumerate(zip(matrices, directions, strict=True)):
        moved_z.append(moved_a[-1] @ weight + right.activations[layer] @ weight_direction + bias_direction)
        if layer < network.layer_count - 1:
            slope = derivative(network.activations[layer], right.pre_activations[layer])
            moved_a.append(slope * moved_z[-1])
    return moved_z, moved_a


def _backward(
    network: Network, matrices: Layers, directions: Layers, right: Stages, moved_z: list[Numbers], batch: Batch
) -> list[Numbers]:
    """Return R{delta_l}."""
    moved_delta = [error_signal_slope(network.loss, right.pre_activations[-1], moved_z[-1], batch)]
    for layer in reversed(range(network.layer_count - 1)):
        name, z, delta = network.activations[layer], right.pre_activations[layer], right.error_signals[layer + 1]
        (weight, _), (weight_direction, _) = matrices[layer + 1], directions[layer + 1]
        back = moved_delta[0] @ weight.T + delta @ weight_direction.T
        bent = (delta @ weight.T) * second_derivative(name, z) * moved_z[layer]
        moved_delta.insert(0, back * derivative(name, z) + bent)
    return moved_delta
