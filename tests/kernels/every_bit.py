"""Hashes of everything that the kernels compute, by name: run as a script with dtypes, it prints them as JSON.

It imports no other test, so that it can be run on its own with another processor's instructions.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from symtests import kernels
from symtests.batch import Batch
from symtests.kernels.activations import activate, multiply_by_derivative
from symtests.network import ACTIVATIONS, LOSSES, OPTIMIZERS, Network
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["hashes"]

SAMPLES = 21
WIDTHS = (5, 19, 34, 3)  # with something left over behind vectors of 2, 4, 8 and 16 numbers


def hashes(dtype: str) -> dict[str, str]:
    """Return a hash of each result by what it is of."""
    return {f"{name}, {dtype}": _hash(*arrays) for name, arrays in _results(dtype)}


def _hash(*arrays: Any) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        numbers = np.array(array)
        if numbers.dtype.kind == "f":
            numbers[np.isnan(numbers)] = np.nan  # that a result is NaN is certain, its other bits are not
        digest.update(numbers.tobytes())
    return digest.hexdigest()[:16]


def _results(dtype: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
    z = _numbers_of_all_sizes(dtype)
    for index, name in enumerate(ACTIVATIONS):
        a, slopes = np.zeros_like(z), np.ones_like(z)
        activate(index, z, a)
        multiply_by_derivative(index, z, a, slopes)
        yield f"activation {name}", (a, slopes)
        yield f"passes with {name}", _passes(Network(WIDTHS, name), dtype)
    for name in LOSSES:
        for bias in (True, False):
            network = Network(WIDTHS, "tanh", name, bias)
            yield f"loss {name} {'with' if bias else 'without'} biases", _passes(network, dtype)
    for name in OPTIMIZERS:
        for activation, loss in (("tanh", "mse"), ("gelu", "bce")):
            network = Network(WIDTHS, activation, loss)
            start, batch = _start(network, dtype), _batch(network, dtype)
            decay = {"weight_decay": 0.1} if name == "adamw" else {}
            trained = kernels.train(network, start, batch, Training(name, 0.01, 12, **decay))
            yield f"training by {name} of {activation} with {loss}", (trained.vector,)
    for hidden in (1, 2, 16):
        network = Network((2, hidden, 1), "tanh", "bce")
        trained = kernels.train(network, _start(network, dtype), _corners(dtype), Training("sgd", 0.5, 200))
        yield f"training of {hidden} hidden units for xor", (trained.vector,)
    yield from _paths(dtype)


def _paths(dtype: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Give what other code than that of one training gives: in batches, on threads, of one shape, of many networks."""
    wide = Network(WIDTHS, "tanh", "softmax_cross_entropy")
    training = Training("momentum", 0.05, 9, momentum=0.5)
    start, batch = _start(wide, dtype), _batch(wide, dtype)
    epochs = kernels.train_in_batches(wide, start, batch, training, batch_size=8, epochs=3, order_seed=4)
    yield "training in batches", (epochs.vector,)
    yield "training on two threads", (kernels.train(wide, start, batch, training, threads=2, least_work=0).vector,)
    network, corners = Network((2, 2, 1), "tanh", "bce"), _corners(dtype)
    starts = np.random.default_rng(5).normal(size=(37, network.parameter_count)).astype(dtype)
    many = kernels.train_many(network, starts, corners, Training("sgd", 0.5, 30))
    solved = kernels.train_many(network, starts, corners, Training("adam", 0.05, 60), solved_below=0.3)
    yield "training of many", (many.parameters, many.losses)
    yield "training of many until they solve it", (solved.parameters, solved.losses, solved.steps_to_solve)
    training = Training("sgd", 0.5, 50)
    assert kernels.compile_small_net(network, len(corners), training, dtype)
    assert kernels.compile_population(network, len(corners), training)
    one = kernels.train(network, Parameters(network, starts[0].copy()), corners, training)
    together = kernels.train_many(network, starts, corners, training, threads=2)
    fast = kernels.train_many_fast(network, starts, corners, training)
    yield "training of one shape", (one.vector,)
    yield "training of many of one shape", (together.parameters, together.losses)
    yield "fast training of many", (fast.parameters, fast.losses)


def _corners(dtype: str) -> Batch:
    """The exclusive or."""
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype)
    return Batch(corners, np.array([[0], [1], [1], [0]], dtype))


def _numbers_of_all_sizes(dtype: str) -> Any:
    kind = np.dtype(dtype)
    bits = np.random.default_rng(0).integers(0, 256, 20_000 * kind.itemsize, dtype=np.uint8).view(f"<u{kind.itemsize}")
    special = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, np.finfo(kind).tiny, np.finfo(kind).smallest_subnormal]
    near = np.random.default_rng(1).normal(size=20_000) * 5
    return np.concatenate([bits.astype(f"u{kind.itemsize}").view(kind), np.array(special, kind), near.astype(kind)])


def _start(network: Network, dtype: str) -> Parameters:
    vector = np.random.default_rng(2).normal(size=network.parameter_count) / 4
    return Parameters(network, vector.astype(dtype))


def _batch(network: Network, dtype: str) -> Batch:
    random = np.random.default_rng(3)
    chosen = random.integers(network.sizes[-1], size=SAMPLES)
    batch = Batch(random.normal(size=(SAMPLES, network.sizes[0])), np.eye(network.sizes[-1])[chosen],
                  random.uniform(0.5, 2, SAMPLES))  # fmt: skip
    return batch.astype(dtype)


def _passes(network: Network, dtype: str) -> tuple[Any, ...]:
    start, batch = _start(network, dtype), _batch(network, dtype)
    loss, gradient = kernels.loss_and_gradient(network, start, batch)
    stages = kernels.stages(network, start, batch)
    outputs = kernels.predict(network, start, batch.x)
    return (
        [loss, kernels.loss(network, start, batch)], gradient.vector, outputs, *stages.pre_activations,
        *stages.activations, *stages.error_signals,
    )  # fmt: skip


if __name__ == "__main__":
    print(json.dumps({name: value for dtype in sys.argv[1:] for name, value in hashes(dtype).items()}))
