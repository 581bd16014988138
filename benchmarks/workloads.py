"""What is measured: networks from the smallest to one that fills a cache, with data, and the three operations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from symtests.batch import Batch
from symtests.datasets import load
from symtests.float_json import Array
from symtests.initialization import initialize
from symtests.network import DTYPES, Network
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["OPERATIONS", "Workload", "call", "numbers", "workloads"]

OPERATIONS: Final = ("predict", "loss_and_gradient", "train")
"""The forward pass, the gradient, and a training of `Workload.training`'s steps, by their names everywhere."""


@dataclass(frozen=True)
class Workload:
    """A network with parameters, a batch and a training, all of one dtype."""

    network: Network
    parameters: Parameters
    batch: Batch
    training: Training

    @property
    def name(self) -> str:
        """The layer sizes, as in ``64-128-10``."""
        return "-".join(map(str, self.network.sizes))

    @property
    def dtype(self) -> str:
        """Name of the dtype of everything."""
        return str(self.parameters.dtype)


def workloads(quick: bool) -> list[Workload]:
    """Return the workloads in every dtype, smallest first; with `quick` only the two that differ most in character.

    ===========  ==============  ======  =====  =================================================
    network      data             batch  steps  what it shows
    ===========  ==============  ======  =====  =================================================
    2-2-1        xor                  4     50  the price of a call
    2-16-1       xor                  4     50  one vector register of hidden units
    64-128-10    digits              64     20  a network as it is taught
    256-256-10   normal numbers     128      5  matrix products that fill the cache of a core
    ===========  ==============  ======  =====  =================================================
    """
    xor, digits = load("xor"), load("digits")
    first_digits = Batch(digits.x[:64], digits.y[:64])
    known = [
        (Network((2, 2, 1), "tanh", "bce"), xor, 50),
        (Network((2, 16, 1), "tanh", "bce"), xor, 50),
        (Network((64, 128, 10), "relu", "softmax_cross_entropy"), first_digits, 20),
        (Network((256, 256, 10), "relu", "softmax_cross_entropy"), _normal_numbers(), 5),
    ]
    chosen = [known[0], known[2]] if quick else known
    return [
        Workload(
            network,
            initialize(network, "glorot_uniform", 0, dtype),
            batch.astype(dtype),
            Training("sgd", 0.01, steps),
        )
        for network, batch, steps in chosen
        for dtype in DTYPES
    ]


def call(implementation: Any, operation: str, workload: Workload) -> Callable[[], object]:
    """Return a function without arguments that carries an operation out once."""
    network, parameters, batch = workload.network, workload.parameters, workload.batch
    if operation == "predict":
        return lambda: implementation.predict(network, parameters, batch.x)
    if operation == "loss_and_gradient":
        return lambda: implementation.loss_and_gradient(network, parameters, batch)
    return lambda: implementation.train(network, parameters, batch, workload.training)


def numbers(answer: Any) -> Array:
    """Return the numbers of an answer as one float64 vector: the loss first, where there is one."""
    if isinstance(answer, tuple):
        loss, gradient = answer
        return np.append(float(loss), numbers(gradient))
    return np.asarray(getattr(answer, "vector", answer), np.float64).ravel()


def _normal_numbers() -> Batch:
    random = np.random.default_rng(0)
    return Batch(random.normal(size=(128, 256)), np.eye(10)[random.integers(10, size=128)])
