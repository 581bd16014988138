"""What the compiled functions are given: numbers that describe a training, and one array that holds all of it."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from symtests.float_json import Array
from symtests.kernels.products.blocked_product import scratch_size
from symtests.network import ACTIVATIONS, LOSSES, Network

__all__ = ["Layers", "Layout", "Memory", "Samples", "Workspace", "aligned", "layers_of", "layout_of", "memory_for"]

_CACHE_LINE: Final = 64  # bytes


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
    """Samples in flat arrays, row after row.

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


class Memory(NamedTuple):
    """All that a training reads and writes, each part flat; what holds layers holds one after another, row after row.

    Parameters
    ----------
    parameters, gradient
        theta and dL/dtheta.
    mean, square
        The state of the optimizer.
    x, y, weights
        All samples: inputs, targets and s_i.
    batch_x, batch_y, batch_weights
        Those of one batch, where training goes on in batches.
    scales
        s_i / divisor for each target of a batch.
    zeros
        A row of zeros: what sums start from.
    pre_activations
        z_1, ..., z_L.
    activations
        a_1, ..., a_{L-1}.
    error_signals
        dL/dz_1, ..., dL/dz_L.
    scratch
        For products; every thread has its own part.
    """

    parameters: Array
    gradient: Array
    mean: Array
    square: Array
    x: Array
    y: Array
    weights: Array
    batch_x: Array
    batch_y: Array
    batch_weights: Array
    scales: Array
    zeros: Array
    pre_activations: Array
    activations: Array
    error_signals: Array
    scratch: Array


class Workspace(NamedTuple):
    """What `symtests.kernels.populations.training` writes; each holds its layers one after another, row after row.

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
        A part as long as the gradient.
    """

    pre_activations: Array
    activations: Array
    error_signals: Array
    gradient: Array
    scratch: Array


class Layout(NamedTuple):
    """Where the parts of a memory begin and end in one flat array.

    Parameters
    ----------
    parts
        In the order of `Memory`.
    size
        Of the array.
    """

    parts: tuple[slice, ...]
    size: int


@lru_cache(maxsize=64)
def layers_of(network: Network) -> Layers:
    """Return the network in numbers."""
    return Layers(
        np.array(network.sizes, np.int64),
        np.array([ACTIVATIONS.index(name) for name in network.activations], np.int64),
        LOSSES.index(network.loss),
        network.bias,
    )


@lru_cache(maxsize=64)
def layout_of(network: Network, samples: int, batch_size: int, bytes_of_number: int, threads: int) -> Layout:
    """Return the layout for so many samples, which pass through the network in batches, or at once with size 0.

    Every part begins with a cache line: a vector register that is filled from two of them is filled half as fast.
    """
    sizes = network.sizes
    inputs, outputs = sizes[0], sizes[-1]
    batch, copied = batch_size or samples, batch_size
    units = batch * sum(sizes[1:])
    scratch = max(
        scratch_size(*inner_and_columns, bytes_of_number)
        for m, n in pairwise(sizes)
        for inner_and_columns in ((m, n), (n, m), (batch, n))
    )
    count = network.parameter_count
    parts = (
        count, count, count, count,
        samples * inputs, samples * outputs, samples, copied * inputs, copied * outputs, copied, batch * outputs,
        max(sizes), units, units - batch * outputs, units, scratch * threads,
    )  # fmt: skip
    line, slices, start = _CACHE_LINE // bytes_of_number, [], 0
    for part in parts:
        slices.append(slice(start, start + part))
        start += -(-part // line) * line
    return Layout(tuple(slices), start)


def memory_for(layout: Layout, dtype: np.dtype[Any]) -> Memory:
    """Return memory that is laid out so; only its zeros are written yet."""
    numbers = aligned(layout.size, dtype)
    memory = Memory(*[numbers[part] for part in layout.parts])
    memory.zeros[...] = 0
    return memory


def aligned(size: int, dtype: np.dtype[Any]) -> Array:
    """Return an empty flat array that starts with a cache line."""
    space = np.empty(size * dtype.itemsize + _CACHE_LINE, np.uint8)
    start = -space.__array_interface__["data"][0] % _CACHE_LINE
    return space[start : start + size * dtype.itemsize].view(dtype)
