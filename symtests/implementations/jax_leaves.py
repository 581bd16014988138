"""The arrays in which libraries on JAX hold parameters, and the dtype in which JAX computes with them."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from symtests.network import Network
from symtests.parameters import Parameters

__all__ = ["Leaves", "float64_allowed", "to_leaves", "to_parameters"]

Leaves = list[dict[str, Any]]
"""For each layer its ``kernel``, of shape (fan-in, fan-out), and its ``bias`` if there is one."""


def float64_allowed() -> Any:
    """Return a context in which JAX computes in the dtype of its arguments, whatever the user has set.

    JAX rounds float64 to float32 without a word unless ``jax_enable_x64`` is set.
    """
    return jax.enable_x64(True)


def to_leaves(parameters: Parameters) -> Leaves:
    """Return the parameters layer by layer: views, which change with them."""
    if not parameters.network.bias:
        return [{"kernel": weight} for weight in parameters.weights]
    return [{"kernel": w, "bias": b} for w, b in zip(parameters.weights, parameters.biases, strict=True)]


def to_parameters(network: Network, leaves: Leaves) -> Parameters:
    """Return the parameters that arrays of JAX hold."""
    weights = [np.asarray(layer["kernel"]) for layer in leaves]
    biases = [np.asarray(layer["bias"]) for layer in leaves] if network.bias else []
    return Parameters.from_layers(network, weights, biases, weights[0].dtype)
