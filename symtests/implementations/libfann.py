"""FANN, the Fast Artificial Neural Network Library, in its float and its double form, through ctypes.

What differs from the conventions of `symtests.network`, and what is done about it:

- a network lies behind a pointer, with its weights in another order (`symtests.implementations.libfann_networks`);
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

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import DEFAULT_START, Capabilities, Unsupported
from symtests.implementations.libfann_networks import (
    ACTIVATIONS,
    LIBRARIES,
    NUMBERS,
    Data,
    address,
    interleaved,
    made,
    row_pointers,
    separated,
)
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.start_distributions import Drawn, StartDistribution
from symtests.training import Training

__all__ = ["Fann"]

_INCREMENTAL, _BATCH = 0, 1


_USUAL_BOUND = 0.1
_SMALL = Drawn("uniform", _USUAL_BOUND**2 / 3)
_OWN_START = StartDistribution(_SMALL, _SMALL)
"""What new networks have, as the manual says of `fann_randomize_weights`: "from the beginning the weights are random
between -0.1 and 0.1". It seeds itself from the clock when it makes one: the same is drawn again, from a seed."""


class Fann:
    """FANN 2.2 with batch training, or, if asked for, with incremental training on single samples."""

    version = "2.2"

    def __init__(self, *, incremental: bool = False) -> None:
        self.name = "fann-incremental" if incremental else "fann"
        self.algorithm = _INCREMENTAL if incremental else _BATCH
        self.capabilities = Capabilities(
            dtypes=tuple(LIBRARIES),
            activations=tuple(ACTIVATIONS),
            losses=("mse", "logistic_mse"),
            optimizers=("sgd", "momentum") if incremental else ("sgd",),
            bias=(True,),
            sample_weights=False,
            max_samples=1 if incremental else None,
            starts=("uniform",),
            start_distributions={DEFAULT_START: _OWN_START},
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
        with made(network, dtype) as (library, ann, weights):
            weights[...] = interleaved(parameters)
            library.fann_set_training_algorithm(ann, self.algorithm)
            library.fann_set_learning_rate(ann, training.learning_rate * 2 / network.sizes[-1])
            library.fann_set_learning_momentum(ann, training.momentum if training.optimizer == "momentum" else 0.0)
            rows = [np.ascontiguousarray(each, dtype) for each in (batch.x, batch.y)]
            pointers = [row_pointers(each) for each in rows]
            data = Data(0, None, None, len(batch), network.sizes[0], network.sizes[-1], *map(address, pointers))
            for _ in range(training.steps):
                library.fann_train_epoch(ann, ctypes.byref(data))
            return separated(network, weights)

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        """Return the mean squared error that it reports, and the mean of its slopes, times -2/m."""
        if not len(batch):
            raise Unsupported("it takes one sample at least")
        dtype = str(parameters.dtype)
        with made(network, dtype) as (library, ann, weights):
            weights[...] = interleaved(parameters)
            library.fann_reset_MSE(ann)
            for x, y in zip(np.ascontiguousarray(batch.x), np.ascontiguousarray(batch.y), strict=True):
                library.fann_run(ann, address(x))
                library.fann_compute_MSE(ann, address(y))
                library.fann_backpropagate_MSE(ann)
                library.fann_update_slopes_batch(ann, None, None)
            weights[...] = 0
            library.fann_set_learning_rate(ann, 1.0)
            library.fann_update_weights_batch(ann, 1, 0, weights.size)
            slopes = separated(network, weights).vector
            scale = parameters.dtype.type(-2 / (len(batch) * network.sizes[-1]))
            return library.fann_get_MSE(ann), Parameters(network, slopes * scale)

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        """Return the outputs where they are linear."""
        if network.loss != "mse":
            raise Unsupported("it shows the outputs behind the activation")
        with made(network, str(parameters.dtype)) as (library, ann, weights):
            weights[...] = interleaved(parameters)
            outputs, number = np.empty((len(x), network.sizes[-1]), x.dtype), NUMBERS[str(parameters.dtype)]
            for row, found in zip(np.ascontiguousarray(x), outputs, strict=True):
                pointer = ctypes.cast(library.fann_run(ann, address(row)), ctypes.POINTER(number))
                found[...] = np.ctypeslib.as_array(pointer, found.shape)
            return outputs

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        """Return what `fann_randomize_weights` draws: from [-1/2, 1/2], or from its usual bounds."""
        bounds = {"uniform": 0.5, DEFAULT_START: _USUAL_BOUND}
        if scheme not in bounds:
            raise Unsupported(f"it starts in its own way only, not by {scheme}")
        with made(network, "float64") as (library, ann, weights):
            ctypes.CDLL(None).srand(ctypes.c_uint(seed + 1))  # the C library takes 0 for 1
            library.fann_randomize_weights(ann, -bounds[scheme], bounds[scheme])
            return separated(network, weights)
