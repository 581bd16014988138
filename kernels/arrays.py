"""What the compiled functions are given: flat arrays and numbers, grouped by what they describe."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from symtests.float_json import Array
from symtests.kernels.matrix_product import scratch_size
from symtests.network import ACTIVATIONS, LOSSES, Network

__all__ = ["Layers", "Samples", "Workspace", "aligned", "layers_of", "workspace_for"]

_CACHE_LINE = 64  # bytes


class Layers(NamedTuple):
    """A network in numbers.

    Parameters
    ----------
    sizes
        n_0, ..., n_L.
    activations
        For each hidden layer the place of its name in ACTIVATIONS.
    loss
        The place of the loss in LOSSES.
    bias
        Whether every layer adds a bias.
    """

    sizes: npt.NDArray[np.int64]
    activations: npt.NDArray[np.int64]
    loss: int
    bias: bool


class Samples(NamedTuple):
    """A batch in flat arrays, row after row.

    Parameters
    ----------
    x, y
        Inputs and targets.
    weights
        s_i for each sample.
    divisor
        S m, or S for softmax_cross_entropy: the loss is a weighted sum divided by this number.
    scales
        s_i / divisor for each target.
    """

    x: Array
    y: Array
    weights: Array
    divisor: float
    scales: Array


class Workspace(NamedTuple):
    """What forward and backward pass write; each holds its layers one after another, row after row.

    Parameters
    ----------
    pre_activations
        z_1, ..., z_L.
    activations
        a_1, ..., a_{L-1}.
    error_signals
        dL/dz_1, ..., dL/dz_L.
    gradient
        dL/dtheta, laid out as the parameter vector is.
    scratch
        For `add_product`.
    """

    pre_activations: Array
    activations: Array
    error_signals: Array
    gradient: Array
    scratch: Array


def layers_of(network: Network) -> Layers:
    """Return the network in numbers."""
    return Layers(
        np.array(network.sizes, np.int64),
        np.array([ACTIVATIONS.index(name) for name in network.activations], np.int64),
        LOSSES.index(network.loss),
        network.bias,
    )


def workspace_for(network: Network, samples: int, dtype: np.dtype[Any]) -> Workspace:
    """Return a workspace for this many samples; nothing is written to it yet."""
    units = samples * sum(network.sizes[1:])
    scratch = max(
        max(scratch_size(samples, m, n), scratch_size(samples, n, m), scratch_size(m, samples, n))
        for m, n in zip(network.sizes[:-1], network.sizes[1:], strict=True)
    )
    return Workspace(
        aligned(units, dtype),
        aligned(units - samples * network.sizes[-1], dtype),
        aligned(units, dtype),
        aligned(network.parameter_count, dtype),
        aligned(scratch, dtype),
    )


def aligned(size: int, dtype: np.dtype[Any]) -> Array:
    """Return an empty flat array that starts at a multiple of 64 bytes.

    A vector register that is filled from two cache lines is filled half as fast.
    """
    space = np.empty(size * dtype.itemsize + _CACHE_LINE, np.uint8)
    start = -space.ctypes.data % _CACHE_LINE
    return space[start:start + size * dtype.itemsize].view(dtype)
