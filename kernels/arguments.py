"""What callers hand in, checked, as the flat arrays that compiled functions take."""

from __future__ import annotations

from typing import Any

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.kernels.arrays import Samples, aligned
from symtests.network import DTYPES, Network
from symtests.parameters import Parameters
from symtests.validation import InvalidValue

__all__ = ["inputs_of", "samples_of", "vector_of"]


def vector_of(network: Network, parameters: Parameters) -> Array:
    """Return a copy of the parameter vector.

    Raises
    ------
    InvalidValue
        Where the parameters belong to a network of another shape, or are neither float32 nor float64.
    """
    theirs = parameters.network
    if (theirs.sizes, theirs.bias) != (network.sizes, network.bias):
        raise InvalidValue(
            f"parameters=<of a network of sizes {theirs.sizes}, bias={theirs.bias}>: must belong to a network of "
            f"sizes {network.sizes}, bias={network.bias}"
        )
    if parameters.dtype.name not in DTYPES:
        raise InvalidValue(f"parameters=<{parameters.dtype}>: must be float32 or float64; use parameters.astype")
    return _copy(parameters.vector, parameters.dtype)


def inputs_of(network: Network, x: Array, dtype: np.dtype[Any]) -> Array:
    """Return a copy of the inputs, flat, row after row.

    Raises
    ------
    InvalidValue
        Where x is no table of at least one row of n_0 numbers of this dtype.
    """
    return _table("x", x, network.sizes[0], "inputs", dtype)


def samples_of(network: Network, batch: Batch, dtype: np.dtype[Any]) -> Samples:
    """Return a copy of the batch in flat arrays.

    The sum of the sample weights is taken in ascending order.

    Raises
    ------
    InvalidValue
        Where the batch has no sample, does not fit the network or the dtype, or its weights are all 0.
    """
    x = _table("x", batch.x, network.sizes[0], "inputs", dtype)
    outputs = network.sizes[-1]
    y = _table("y", batch.y, outputs, "outputs", dtype)
    with np.errstate(over="ignore", invalid="ignore"):  # infinite weights make NaN, as they should
        if batch.sample_weights is None:
            weights, total = _copy(np.ones(len(batch)), dtype), dtype.type(len(batch))
        else:
            weights = _copy(batch.sample_weights, dtype)
            total = np.cumsum(weights)[-1]  # one after another, which a sum in pairs would not be
        if total == 0:
            raise InvalidValue("sample_weights=<all 0>: must have a sum above 0")
        divisor = total if network.loss == "softmax_cross_entropy" else total * dtype.type(outputs)
        scales = _copy(np.repeat(weights / divisor, outputs), dtype)
    return Samples(x, y, weights, divisor, scales)


def _table(name: str, array: Array, width: int, of: str, dtype: np.dtype[Any]) -> Array:
    array = np.asarray(array)
    if array.ndim != 2 or array.shape[1] != width:
        raise InvalidValue(
            f"{name}=<array of shape {array.shape}>: must have shape (samples, {width}), the network's {of}"
        )
    if len(array) == 0:
        raise InvalidValue(f"{name}=<no samples>: must have at least one row; a mean over none does not exist")
    if array.dtype.name != dtype.name:
        raise InvalidValue(
            f"{name}=<{array.dtype} array>: must have the dtype of the parameters, which is {dtype}; use astype"
        )
    return _copy(array, dtype)


def _copy(array: Array, dtype: np.dtype[Any]) -> Array:
    """Return a flat copy, whatever the layout, byte order or writability of the array: one type to compile for."""
    copy = aligned(array.size, dtype.newbyteorder("="))
    copy.reshape(array.shape)[...] = array
    return copy
