"""Derivatives without a backward pass and without cancellation.

    dL/dt along d = Im L(theta + i h d) / h + O(h^2),   h = 1e-30

Source: Squire & Trapp (1998), "Using complex variables to estimate derivatives of real functions".
"""

from __future__ import annotations

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.network import Network
from symtests.oracle.losses import loss_value
from symtests.oracle.passes import forward, matrices_of
from symtests.parameters import Parameters

__all__ = ["complex_step_gradient", "complex_step_slope"]

STEP = 1e-30


def complex_step_slope(network: Network, parameters: Parameters, batch: Batch, direction: Array) -> float:
    """Return the derivative of the loss along `direction`, shape (n,).

    Exact to rounding where no pre-activation of a relu or leaky_relu is 0.
    """
    vector = parameters.vector.astype(np.float64) + 1j * STEP * np.asarray(direction, np.float64)
    with np.errstate(all="ignore"):
        z = forward(network, matrices_of(network, vector), batch.x.astype(np.float64))[0][-1]
        return float(np.imag(loss_value(network.loss, z, batch)) / STEP)


def complex_step_gradient(network: Network, parameters: Parameters, batch: Batch) -> Parameters:
    """Return the gradient, one component at a time: n forward passes."""
    slopes = [complex_step_slope(network, parameters, batch, unit) for unit in np.eye(network.parameter_count)]
    return Parameters(network, np.array(slopes, np.float64))
