"""FANN's networks, which lie behind pointers: how one is made, where its weights are, in which order they stand.

The weights of a unit stand together, the weight of its bias unit last. They are read and written where the structure of
the public header ``fann_data.h`` points to.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import numpy as np

from symtests.float_json import Array
from symtests.network import Network
from symtests.parameters import Parameters

__all__ = ["ACTIVATIONS", "LIBRARIES", "NUMBERS", "Data", "address", "interleaved", "made", "row_pointers", "separated"]

LIBRARIES: Final = {"float32": "floatfann", "float64": "doublefann"}
NUMBERS: Final = {"float32": ctypes.c_float, "float64": ctypes.c_double}
_LINEAR_ERROR = 0
ACTIVATIONS: Final = {"identity": (0, 1.0), "logistic": (3, 0.5), "tanh": (5, 1.0)}
"""Number and steepness of each."""


class _Ann(ctypes.Structure):
    """The beginning of struct fann."""

    _fields_ = (
        ("errno_f", ctypes.c_int), ("error_log", ctypes.c_void_p), ("errstr", ctypes.c_void_p),
        ("learning_rate", ctypes.c_float), ("learning_momentum", ctypes.c_float), ("connection_rate", ctypes.c_float),
        ("network_type", ctypes.c_int), ("first_layer", ctypes.c_void_p), ("last_layer", ctypes.c_void_p),
        ("total_neurons", ctypes.c_uint), ("num_input", ctypes.c_uint), ("num_output", ctypes.c_uint),
        ("weights", ctypes.c_void_p),
    )  # fmt: skip


class Data(ctypes.Structure):
    """The struct fann_train_data: rows of inputs and outputs."""

    _fields_ = (
        ("errno_f", ctypes.c_int), ("error_log", ctypes.c_void_p), ("errstr", ctypes.c_void_p),
        ("num_data", ctypes.c_uint), ("num_input", ctypes.c_uint), ("num_output", ctypes.c_uint),
        ("input", ctypes.c_void_p), ("output", ctypes.c_void_p),
    )  # fmt: skip


@contextmanager
def made(network: Network, dtype: str) -> Iterator[tuple[Any, int, Array]]:
    """Make a network, and give the library, a pointer to it and a view of its weights."""
    library = _library(dtype)
    sizes = (ctypes.c_uint * len(network.sizes))(*network.sizes)
    ann = library.fann_create_standard_array(len(sizes), sizes)
    try:
        seen = ctypes.cast(ann, ctypes.POINTER(_Ann)).contents
        if (seen.num_input, seen.num_output) != (network.sizes[0], network.sizes[-1]):
            raise RuntimeError("this version of FANN keeps its networks in another structure")
        library.fann_set_train_error_function(ann, _LINEAR_ERROR)
        output = "logistic" if network.loss == "logistic_mse" else "identity"
        for layer, name in enumerate((*network.activations, output), 1):
            number, steepness = ACTIVATIONS[name]
            library.fann_set_activation_function_layer(ann, number, layer)
            library.fann_set_activation_steepness_layer(ann, steepness, layer)
        pointer = ctypes.cast(seen.weights, ctypes.POINTER(NUMBERS[dtype]))
        yield library, ann, np.ctypeslib.as_array(pointer, (network.parameter_count,))
    finally:
        library.fann_destroy(ann)


@cache
def _library(dtype: str) -> Any:
    """Load the library of this dtype and declare what it takes and gives."""
    library = ctypes.CDLL(ctypes.util.find_library(LIBRARIES[dtype]))
    number, pointer, whole, single = NUMBERS[dtype], ctypes.c_void_p, ctypes.c_uint, ctypes.c_float
    for name, result, *arguments in (
        ("create_standard_array", pointer, whole, pointer), ("destroy", None, pointer),
        ("run", pointer, pointer, pointer),
        ("set_train_error_function", None, pointer, whole), ("set_training_algorithm", None, pointer, whole),
        ("set_activation_function_layer", None, pointer, whole, ctypes.c_int),
        ("set_activation_steepness_layer", None, pointer, number, ctypes.c_int),
        ("set_learning_rate", None, pointer, single), ("set_learning_momentum", None, pointer, single),
        ("train_epoch", single, pointer, pointer), ("reset_MSE", None, pointer), ("get_MSE", single, pointer),
        ("compute_MSE", None, pointer, pointer), ("backpropagate_MSE", None, pointer),
        ("update_slopes_batch", None, pointer, pointer, pointer),
        ("update_weights_batch", None, pointer, whole, whole, whole),
        ("randomize_weights", None, pointer, number, number),
    ):  # fmt: skip
        function = getattr(library, f"fann_{name}")
        function.restype, function.argtypes = result, arguments
    return library


def address(array: Array) -> int:
    """Return where the first number of an array lies."""
    return array.ctypes.data


def row_pointers(rows: Array) -> Array:
    """Return the address of each row."""
    return np.array([address(rows) + i * rows.strides[0] for i in range(len(rows))], np.uintp)


def interleaved(parameters: Parameters) -> Array:
    """Return the weights of each unit in turn, its bias last."""
    layers = zip(parameters.weights, parameters.biases, strict=True)
    return np.concatenate([np.vstack([weight, bias]).T.ravel() for weight, bias in layers])


def separated(network: Network, weights: Array) -> Parameters:
    """Return the weights of each unit in turn as parameters."""
    result, start = Parameters.zeros(network, weights.dtype), 0
    for weight, bias in zip(result.weights, result.biases, strict=True):
        table = weights[start : start + weight.size + bias.size].reshape(bias.size, -1)
        weight[...], bias[...] = table[:, :-1].T, table[:, -1]
        start += table.size
    return result
