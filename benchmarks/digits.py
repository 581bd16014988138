"""A network as it is taught: 64-128-10 through all digits in batches of 64, relu, softmax cross-entropy, plain descent.

Each epoch goes through the 1,797 digits in a new random order, the same for everybody; the last of its 29 batches has
five. Each library takes its batches out of arrays of its own, as one writes that for it. The gradient by hand is, with
the error signals D of N samples,

    D_2 = (softmax(a W_2 + b_2) - y) / N,        D_1 = (D_2 W_2^T) * (z_1 > 0),        a = max(z_1, 0)
    dL/dW_l = a_{l-1}^T D_l,        dL/db_l = sum over samples of D_l
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from symtests import kernels
from symtests.benchmarks.comparison import Comparison, Peer, jax_with_float64, library
from symtests.benchmarks.one_hidden_layer import (
    Problem,
    Train,
    jax_layers,
    training_in_torch,
    training_step_in_jax,
    vector_of,
    work_of,
)
from symtests.datasets import load
from symtests.float_json import Array
from symtests.initialization import initialize
from symtests.network import DTYPES, Network
from symtests.training import Training

__all__ = ["comparisons"]

_BATCH = 64
_EPOCHS = 4
_EPOCHS_OF_THE_ANSWER = 1

Order: TypeAlias = npt.NDArray[np.int64]


def comparisons() -> tuple[Comparison, ...]:
    """Return the comparisons: both dtypes, one thread."""
    return tuple(_comparison(dtype) for dtype in DTYPES)


def _comparison(dtype: str) -> Comparison:
    network = Network((64, 128, 10), "relu", "softmax_cross_entropy")
    problem = Problem(network, initialize(network, "glorot_uniform", 0, dtype), load("digits", dtype), 0.1)
    known: tuple[tuple[str, Callable[[Problem], Train], float | None], ...] = (
        ("PyTorch autograd, optim.SGD", _in_torch, 3.0),
        ("JAX, a call a batch", _in_jax, 2.0),
        ("JAX, lax.scan over the batches", _in_jax_as_a_whole, 2.0),
        ("scikit-learn, MLPClassifier", _in_sklearn, 3.0),
        ("NumPy by hand", _in_numpy, None),
    )
    return Comparison(
        "digits",
        "-".join(map(str, network.sizes)),
        dtype,
        "epoch in batches of 64",
        partial(work_of, _ours, problem, _EPOCHS, _EPOCHS_OF_THE_ANSWER),
        tuple(
            Peer(name, partial(work_of, build, problem, _EPOCHS, _EPOCHS_OF_THE_ANSWER), target)
            for name, build, target in known
        ),
        quick=dtype == "float32",
    )


def _ours(problem: Problem) -> Train:
    training, orders = Training("sgd", problem.learning_rate, 1), _orders(problem)

    def train(epochs: int) -> Array:
        ends = kernels.train_in_batches(
            problem.network, problem.parameters, problem.batch, training,
            batch_size=_BATCH, epochs=epochs, order=orders[:epochs],
        )  # fmt: skip
        return np.asarray(ends.vector)

    return train


def _orders(problem: Problem) -> Order:
    """Return the order of the samples in each epoch, shape (epochs, samples)."""
    random = np.random.default_rng(0)
    return np.stack([random.permutation(len(problem.batch)) for _ in range(_EPOCHS)])


def _batches(orders: Any) -> Iterator[Any]:
    """Yield the places of the samples of each batch, epoch after epoch."""
    for order in orders:
        for first in range(0, len(order), _BATCH):
            yield order[first : first + _BATCH]


def _in_numpy(problem: Problem) -> Train:
    x, y, orders = problem.batch.x, problem.batch.y, _orders(problem)

    def train(epochs: int) -> Array:
        layers = problem.layers
        for chosen in _batches(orders[:epochs]):
            _step_by_hand(x[chosen], y[chosen], problem.learning_rate, *layers)
        return vector_of(layers)

    return train


def _step_by_hand(x: Array, y: Array, rate: float, first: Array, bias_1: Array, second: Array, bias_2: Array) -> None:
    """Take one step; the layers are written."""
    z = x @ first + bias_1
    a = np.maximum(z, 0)
    outputs = a @ second + bias_2
    powers = np.exp(outputs - outputs.max(1, keepdims=True))
    signals_2 = (powers / powers.sum(1, keepdims=True) - y) / len(x)
    signals_1 = (signals_2 @ second.T) * (z > 0)
    first -= rate * (x.T @ signals_1)
    bias_1 -= rate * signals_1.sum(0)
    second -= rate * (a.T @ signals_2)
    bias_2 -= rate * signals_2.sum(0)


def _in_torch(problem: Problem) -> Train:
    torch = library("torch")
    x, y, orders = (torch.tensor(each) for each in (problem.batch.x, problem.batch.y, _orders(problem)))
    train = training_in_torch(problem)
    return lambda epochs: train((x[chosen], y[chosen]) for chosen in _batches(orders[:epochs]))


def _in_jax(problem: Problem) -> Train:
    """Return a loop in Python over a step that ``jax.jit`` has compiled, for a whole batch and for the last one."""
    step = jax_with_float64().jit(training_step_in_jax(problem))
    x, y, orders = problem.batch.x, problem.batch.y, _orders(problem)

    def train(epochs: int) -> Array:
        layers = jax_layers(problem)
        for chosen in _batches(orders[:epochs]):
            layers = step(layers, x[chosen], y[chosen])
        return vector_of(layers)

    return train


def _in_jax_as_a_whole(problem: Problem) -> Train:
    """Return all epochs in one compiled function: whole batches by ``lax.scan``, and then the last one."""
    jax, step = jax_with_float64(), training_step_in_jax(problem)
    x, y = jax.numpy.asarray(problem.batch.x), jax.numpy.asarray(problem.batch.y)
    orders = jax.numpy.asarray(_orders(problem))
    whole = len(problem.batch) // _BATCH * _BATCH

    def epoch(layers: Any, order: Any) -> Any:
        def one(at: Any, chosen: Any) -> Any:
            return step(at, x[chosen], y[chosen]), None

        layers, _ = jax.lax.scan(one, layers, order[:whole].reshape(-1, _BATCH))
        return one(layers, order[whole:])

    compiled = jax.jit(lambda layers, orders: jax.lax.scan(epoch, layers, orders)[0])
    return lambda epochs: vector_of(compiled(jax_layers(problem), orders[:epochs]))


def _in_sklearn(problem: Problem) -> Train:
    library("sklearn", "scikit-learn")
    classifier = library("sklearn.neural_network", "scikit-learn").MLPClassifier
    x, labels, orders = problem.batch.x, problem.batch.y.argmax(1), _orders(problem)
    _, hidden, outputs = problem.network.sizes

    def train(epochs: int) -> Array:
        first, bias_1, second, bias_2 = problem.layers
        network = classifier(
            (hidden,), solver="sgd", alpha=0.0, momentum=0.0, nesterovs_momentum=False, shuffle=False,
            batch_size=_BATCH, learning_rate_init=problem.learning_rate,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            network.partial_fit(x[:1], labels[:1], classes=np.arange(outputs))  # makes what the start is written to
            for own, start in zip(network.coefs_ + network.intercepts_, (first, second, bias_1, bias_2), strict=True):
                own[...] = start
            for order in orders[:epochs]:
                network.partial_fit(x[order], labels[order])  # goes through all of them once, batch by batch
        (first, second), (bias_1, bias_2) = network.coefs_, network.intercepts_
        return vector_of((first, bias_1, second, bias_2))

    return train
