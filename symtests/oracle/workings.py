"""What the two passes compute on the way, in the form in which errors are counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symtests.batch import Batch
from symtests.network import Network
from symtests.oracle.activation_errors import Curve, curve
from symtests.oracle.activations import Numbers
from symtests.oracle.passes import Stages, stages
from symtests.parameters import Parameters

__all__ = ["Workings", "work_out", "workings_of"]


@dataclass(frozen=True, eq=False)
class Workings:
    """A question with everything that is worked out to answer it, float64.

    A bias is a weight of an input that is always 1: z_l = [a_{l-1} 1] [W_l; b_l].

    Parameters
    ----------
    network, batch
        From the question.
    weights
        W_1 ... W_L.
    matrices
        [W_l; b_l] of each layer; W_l without biases.
    stages
        Pre-activations, activations and error signals.
    inputs
        [a_{l-1} 1] of each layer; a_{l-1} without biases.
    curves
        Activation and derivatives of each hidden layer.
    """

    network: Network
    batch: Batch
    weights: tuple[Numbers, ...]
    matrices: tuple[Numbers, ...]
    stages: Stages
    inputs: tuple[Numbers, ...]
    curves: tuple[Curve, ...]

    def with_bias_input(self, errors: Numbers) -> Numbers:
        """Return errors of activations, shape (..., n), with those of the constant input: 0."""
        if not self.network.bias:
            return errors
        return np.concatenate([errors, np.zeros((*errors.shape[:-1], 1), errors.dtype)], axis=-1)


def work_out(network: Network, parameters: Parameters, batch: Batch, relu_derivative_at_zero: float) -> Workings:
    """Return what the two passes compute."""
    found = stages(network, parameters.astype(np.float64), batch.astype(np.float64), relu_derivative_at_zero)
    return workings_of(network, parameters, batch, found, relu_derivative_at_zero)


def workings_of(
    network: Network, parameters: Parameters, batch: Batch, found: Stages, relu_derivative_at_zero: float
) -> Workings:
    """Return the workings whose stages, float64, are these, whoever has computed them."""
    parameters, batch = parameters.astype(np.float64), batch.astype(np.float64)
    matrices = tuple(
        parameters.vector[network.weight_slice(layer).start : network.bias_slice(layer).stop].reshape(-1, fan_out)
        for layer, fan_out in enumerate(network.sizes[1:])
    )
    ones = np.ones((len(batch), 1))
    return Workings(
        network,
        batch,
        tuple(matrix[:fan_in] for matrix, fan_in in zip(matrices, network.sizes[:-1], strict=True)),
        matrices,
        found,
        tuple(np.hstack([a, ones]) if network.bias else a for a in found.activations),
        tuple(
            curve(name, z, relu_derivative_at_zero)
            for name, z in zip(network.activations, found.pre_activations[:-1], strict=True)
        ),
    )
