"""Faults that a start at zero lays bare."""

import numpy as np

from symtests.float_json import Array
from symtests.network import Network
from symtests.parameters import Parameters
from tests.mutants.base import Correct


class ZeroWeightsReplaced(Correct):
    """Silently replaces weights that are zero by 1e-3."""

    def pre_activation(self, below: Array, weight: Array, bias: Array | None) -> Array:
        return super().pre_activation(below, np.where(weight == 0, weight.dtype.type(1e-3), weight), bias)

    def hidden_error_signals(self, name: str, z: Array, above: Array, weight_above: Array) -> Array:
        replaced = np.where(weight_above == 0, weight_above.dtype.type(1e-3), weight_above)
        return super().hidden_error_signals(name, z, above, replaced)


class LogisticFromTable(Correct):
    """Reads the logistic function from a table with steps of 1/16, in the middle of each step."""

    def activate(self, name: str, z: Array) -> Array:
        return super().activate(name, (np.floor(z * 16) + 0.5) / 16 if name == "logistic" else z)


class ErrorSignalsPassAllWeights(Correct):
    """Sums the error signals above without multiplying them by the weights."""

    def hidden_error_signals(self, name: str, z: Array, above: Array, weight_above: Array) -> Array:
        return super().hidden_error_signals(name, z, above, np.ones_like(weight_above))


class ReluSlopeOneAtZero(Correct):
    """Takes relu'(0) = 1, and declares 0."""

    def slope(self, name: str, z: Array) -> Array:
        return (z >= 0).astype(z.dtype) if name == "relu" else super().slope(name, z)


class InputsReachOutputs(Correct):
    """Adds the mean input to every output, past all weights."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        pre_activations, activations = super().forward(network, parameters, x)
        pre_activations[-1] = pre_activations[-1] + x.mean(axis=1, keepdims=True)
        return pre_activations, activations


class BiasesFrozen(Correct):
    """Has no gradient for biases."""

    def bias_gradient(self, signals: Array) -> Array:
        return np.zeros_like(signals[0])
