"""FANN, the Fast Artificial Neural Network Library, in its float and its double form, through ctypes.

What differs from the conventions of `symtests.network`, and what is done about it:

- a network lies behind a pointer; the weights of a unit stand together, the weight of its bias unit last. They are
  read and written where the structure of the public header ``fann_data.h`` points to;
- every activation multiplies by a steepness, 0.5 unless told, and FANN's logistic function is 1 / (1 + exp(-2 s z)): it
  is ours at s = 1/2, its symmetric one is tanh at s = 1, and LINEAR is the identity at s = 1;
- the error function is TANH unless told, which follows log((1 + d) / (1 - d)) instead of the difference d; here it is
  LINEAR;
- a step of batch training is rate / N times the sum of d sigma'(z) x over the samples: the gradient of half the sum
  over the outputs. The rate is multiplied by 2/m, which makes it that of our mean; the mean squared error that it
  reports is that mean. Incremental training moves the weights after each sample, and it alone has momentum;
- the derivative of a logistic unit is taken at an output of 0.01 to 0.99, that of tanh at -0.98 to 0.98, and every
  pre-activation is cut off at 150 / s: the gradient is wrong beyond;
- rate, momentum and reported error are single numbers in the double library too: its unit roundoff is declared so;
- gradients are read by its own internal functions: the slopes are summed up, and added to weights that are set to 0;
- it starts by `rand` of the C library, which it seeds from the clock: here it is seeded after a network is made;
- RPROP (the default), quickprop and sarprop are none of our optimizers.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Capabilities, Unsupported
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["Fann"]

_LIBRARIES: Final = {"float32": "floatfann", "float64": "doublefann"}
_NUMBERS: Final = {"float32": ctypes.c_float, "float64": ctypes.c_double}
_INCREMENTAL, _BATCH, _LINEAR_ERROR = 0, 1, 0
_ACTIVATIONS: Final = {"identity": (0, 1.0), "logistic": (3, 0.5), "tanh": (5, 1.0)}
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


class _Data(ctypes.Structure):
    """The struct fann_train_data: rows of inputs and outputs."""

    _fields_ = (
        ("errno_f", ctypes.c_int), ("error_log", ctypes.c_void_p), ("errstr", ctypes.c_void_p),
        ("num_data", ctypes.c_uint), ("num_input", ctypes.c_uint), ("num_output", ctypes.c_uint),
        ("input", ctypes.c_void_p), ("output", ctypes.c_void_p),
    )  # fmt: skip


class Fann:
    """FANN 2.2 with batch training, or, if asked for, with incremental training on single samples."""

    version = "2.2"

    def __init__(self, *, incremental: bool = False) -> None:
        self.name = "fann-incremental" if incremental else "fann"
        self.algorithm = _INCREMENTAL if incremental else _BATCH
        self.capabilities = Capabilities(
            dtypes=tuple(_LIBRARIES),
            activations=tuple(_ACTIVATIONS),
            losses=("mse", "logistic_mse"),
            optimizers=("sgd", "momentum") if incremental else ("sgd",),
            bias=(True,),
            sample_weights=False,
            max_samples=1 if incremental else None,
            unit_roundoff={"float64": 2.0**-24},
        )

    @classmethod
    def incremental(cls) -> Fann:
        """Return the one that moves the weights after each sample."""
        return cls(incremental=True)

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        """Return the parameters after so many epochs."""
        if not len(batch) or (self.algorithm == _INCREMENTAL and len(batch) > 1):
            raise Unsupported("it takes one sample at least, and exactly one where it moves the weights after each")
        dtype = str(parameters.dtype)
        with _made(network, dtype) as (library, ann, weights):
            weights[...] = _interleaved(parameters)
            library.fann_set_training_algorithm(ann, self.algorithm)
            library.fann_set_learning_rate(ann, training.learning_rate * 2 / network.sizes[-1])
            library.fann_set_learning_momentum(ann, training.momentum if training.optimizer == "momentum" else 0.0)
            rows = [np.ascontiguousarray(each, dtype) for each in (batch.x, batch.y)]
            pointers = [_row_pointers(each) for each in rows]
            data = _Data(0, None, None, len(batch), network.sizes[0], network.sizes[-1], *map(_address, pointers))
            for _ in range(training.steps):
                library.fann_train_epoch(ann, ctypes.byref(data))
            return _separated(network, weights)

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        """Return the mean squared error that it reports, and the mean of its slopes, times -2/m."""
        if not len(batch):
            raise Unsupported("it takes one sample at least")
        dtype = str(parameters.dtype)
        with _made(network, dtype) as (library, ann, weights):
            weights[...] = _interleaved(parameters)
            library.fann_reset_MSE(ann)
            for x, y in zip(np.ascontiguousarray(batch.x), np.ascontiguousarray(batch.y), strict=True):
                library.fann_run(ann, _address(x))
                library.fann_compute_MSE(ann, _address(y))
                library.fann_backpropagate_MSE(ann)
                library.fann_update_slopes_batch(ann, None, None)
            weights[...] = 0
            library.fann_set_learning_rate(ann, 1.0)
            library.fann_update_weights_batch(ann, 1, 0, weights.size)
            slopes = _separated(network, weights).vector
            scale = parameters.dtype.type(-2 / (len(batch) * network.sizes[-1]))
            return library.fann_get_MSE(ann), Parameters(network, slopes * scale)

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        """Return the outputs where they are linear."""
        if network.loss != "mse":
            raise Unsupported("it shows the outputs behind the activation")
        with _made(network, str(parameters.dtype)) as (library, ann, weights):
            weights[...] = _interleaved(parameters)
            outputs, number = np.empty((len(x), network.sizes[-1]), x.dtype), _NUMBERS[str(parameters.dtype)]
            for row, found in zip(np.ascontiguousarray(x), outputs, strict=True):
                pointer = ctypes.cast(library.fann_run(ann, _address(row)), ctypes.POINTER(number))
                found[...] = np.ctypeslib.as_array(pointer, found.shape)
            return outputs

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        """Return what `fann_randomize_weights` draws from [-1/2, 1/2], for ``uniform`` alone."""
        if scheme != "uniform":
            raise Unsupported(f"it starts in its own way only, not by {scheme}")
        with _made(network, "float64") as (library, ann, weights):
            ctypes.CDLL(None).srand(ctypes.c_uint(seed + 1))  # the C library takes 0 for 1
            library.fann_randomize_weights(ann, -0.5, 0.5)
            return _separated(network, weights)


@contextmanager
def _made(network: Network, dtype: str) -> Iterator[tuple[Any, int, Array]]:
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
            number, steepness = _ACTIVATIONS[name]
            library.fann_set_activation_function_layer(ann, number, layer)
            library.fann_set_activation_steepness_layer(ann, steepness, layer)
        pointer = ctypes.cast(seen.weights, ctypes.POINTER(_NUMBERS[dtype]))
        yield library, ann, np.ctypeslib.as_array(pointer, (network.parameter_count,))
    finally:
        library.fann_destroy(ann)


@cache
def _library(dtype: str) -> Any:
    """Load the library of this dtype and declare what it takes and gives."""
    library = ctypes.CDLL(ctypes.util.find_library(_LIBRARIES[dtype]))
    number, pointer, whole, single = _NUMBERS[dtype], ctypes.c_void_p, ctypes.c_uint, ctypes.c_float
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


def _address(array: Array) -> int:
    return array.ctypes.data


def _row_pointers(rows: Array) -> Array:
    """Return the address of each row."""
    return np.array([_address(rows) + i * rows.strides[0] for i in range(len(rows))], np.uintp)


def _interleaved(parameters: Parameters) -> Array:
    """Return the weights of each unit in turn, its bias last."""
    layers = zip(parameters.weights, parameters.biases, strict=True)
    return np.concatenate([np.vstack([weight, bias]).T.ravel() for weight, bias in layers])


def _separated(network: Network, weights: Array) -> Parameters:
    """Return the weights of each unit in turn as parameters."""
    result, start = Parameters.zeros(network, weights.dtype), 0
    for weight, bias in zip(result.weights, result.biases, strict=True):
        table = weights[start : start + weight.size + bias.size].reshape(bias.size, -1)
        weight[...], bias[...] = table[:, :-1].T, table[:, -1]
        start += table.size
    return result
