"""What callers hand in, checked, and copied into the one array that compiled functions take."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.kernels.arrays import Samples, aligned
from symtests.network import DTYPES, Network
from symtests.parameters import Parameters
from symtests.validation import InvalidValue

__all__ = ["check_batch", "check_inputs", "check_parameters", "samples_of"]

_KNOWN: Final = tuple(map(np.dtype, DTYPES))  # to compare with these takes a tenth of what a dtype's name takes


def check_parameters(network: Network, parameters: Parameters) -> np.dtype[Any]:
    """Return the dtype of the parameters, in the byte order of this machine.

    Raises
    ------
    InvalidValue
        Where the parameters belong to a network of another shape, or are neither float32 nor float64.
    """
    theirs = parameters.network
    if theirs is not network and (theirs.sizes, theirs.bias) != (network.sizes, network.bias):
        raise InvalidValue(
            f"parameters=<of a network of sizes {theirs.sizes}, bias={theirs.bias}>: must belong to a network of "
            f"sizes {network.sizes}, bias={network.bias}"
        )
    dtype = parameters.vector.dtype.newbyteorder("=")
    if dtype not in _KNOWN:
        raise InvalidValue(f"parameters=<{dtype}>: must be float32 or float64; use parameters.astype")
    return dtype


def check_inputs(network: Network, x: Array, dtype: np.dtype[Any]) -> Array:
    """Return the inputs as an array.

    Raises
    ------
    InvalidValue
        Where x is no table of at least one row of n_0 numbers of this dtype.
    """
    return _checked_table("x", x, network.sizes[0], "inputs", dtype)


def check_batch(network: Network, batch: Batch, dtype: np.dtype[Any]) -> None:
    """Refuse a batch that cannot be trained on.

    Raises
    ------
    InvalidValue
        Where the batch has no sample, does not fit the network or the dtype, or its weights are all 0.
    """
    _checked_table("x", batch.x, network.sizes[0], "inputs", dtype)
    _checked_table("y", batch.y, network.sizes[-1], "outputs", dtype)
    if batch.sample_weights is not None and not batch.sample_weights.any():
        raise InvalidValue("sample_weights=<all 0>: must have a sum above 0")


def samples_of(network: Network, batch: Batch, dtype: np.dtype[Any]) -> Samples:
    """Return a copy of the batch in flat arrays; the sum of the sample weights is taken in ascending order.

    Raises
    ------
    InvalidValue
        As `check_batch`.
    """
    check_batch(network, batch, dtype)
    given = np.ones(len(batch)) if batch.sample_weights is None else batch.sample_weights
    weights, outputs = _copy(given, dtype), network.sizes[-1]
    with np.errstate(over="ignore", invalid="ignore"):  # infinite weights make NaN, as they should
        total = np.cumsum(weights)[-1]  # one after another, which a sum in pairs would not be
        divisor = total if network.loss == "softmax_cross_entropy" else total * dtype.type(outputs)
        scales = _copy(np.repeat(weights / divisor, outputs), dtype)
    return Samples(_copy(batch.x, dtype), _copy(batch.y, dtype), weights, divisor, scales)


def _copy(array: Array, dtype: np.dtype[Any]) -> Array:
    copy = aligned(array.size, dtype)
    copy.reshape(array.shape)[...] = array
    return copy


def _checked_table(name: str, array: Array, width: int, of: str, dtype: np.dtype[Any]) -> Array:
    array = np.asarray(array)
    if array.ndim != 2 or array.shape[1] != width:
        raise InvalidValue(
            f"{name}=<array of shape {array.shape}>: must have shape (samples, {width}), the network's {of}"
        )
    if len(array) == 0:
        raise InvalidValue(f"{name}=<no samples>: must have at least one row; a mean over none does not exist")
    if array.dtype.newbyteorder("=") != dtype:
        raise InvalidValue(
            f"{name}=<{array.dtype} array>: must have the dtype of the parameters, which is {dtype}; use astype"
        )
    return array
