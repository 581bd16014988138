"""A network as it is taught: 64-128-10 on a batch of 64 digits, relu, softmax cross-entropy, plain gradient descent.

The gradient by hand is, with the error signals D of N samples,

    D_2 = (softmax(a W_2 + b_2) - y) / N,        D_1 = (D_2 W_2^T) * (z_1 > 0),        a = max(z_1, 0)
    dL/dW_l = a_{l-1}^T D_l,        dL/db_l = sum over samples of D_l
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from symtests import kernels
from symtests.batch import Batch
from symtests.benchmarks.comparison import Comparison, Peer, Work, library
from symtests.benchmarks.small_net_peers import Problem, Train
from symtests.datasets import load
from symtests.float_json import Array
from symtests.initialization import initialize
from symtests.network import DTYPES, Network
from symtests.training import Training

__all__ = ["comparisons"]

_BATCH = 64
_STEPS = 20
_STEPS_OF_THE_ANSWER = 10


def comparisons() -> tuple[Comparison, ...]:
    """Return the comparisons: both dtypes, one thread."""
    return tuple(_comparison(dtype) for dtype in DTYPES)


def _comparison(dtype: str) -> Comparison:
    network, digits = Network((64, 128, 10), "relu", "softmax_cross_entropy"), load("digits")
    batch = Batch(digits.x[:_BATCH], digits.y[:_BATCH]).astype(dtype)
    problem = Problem(network, initialize(network, "glorot_uniform", 0, dtype), batch, 0.1)
    known: tuple[tuple[str, Callable[[Problem], Train], float | None], ...] = (
        ("PyTorch autograd, optim.SGD", _in_torch, 3.0),
        ("JAX, a call a step", _in_jax, 2.0),
        ("scikit-learn, MLPClassifier", _in_sklearn, 3.0),
        ("NumPy by hand", _in_numpy, None),
    )
    return Comparison(
        "digits",
        "-".join(map(str, network.sizes)),
        dtype,
        "training step",
        partial(_work, _ours, problem),
        tuple(Peer(name, partial(_work, build, problem), target) for name, build, target in known),
        quick=dtype == "float32",
    )


def _work(build: Callable[[Problem], Train], problem: Problem) -> Work:
    train = build(problem)
    return Work(lambda: train(_STEPS), lambda: train(_STEPS_OF_THE_ANSWER), _STEPS)


def _ours(problem: Problem) -> Train:
    def train(steps: int) -> Array:
        training = Training("sgd", problem.learning_rate, steps)
        return np.asarray(kernels.train(problem.network, problem.parameters, problem.batch, training).vector)

    return train


def _in_numpy(problem: Problem) -> Train:
    x, y = problem.batch.x, problem.batch.y

    def train(steps: int) -> Array:
        first, bias_1, second, bias_2 = layers = problem.layers
        for _ in range(steps):
            z = x @ first + bias_1
            a = np.maximum(z, 0)
            outputs = a @ second + bias_2
            powers = np.exp(outputs - outputs.max(1, keepdims=True))
            signals_2 = (powers / powers.sum(1, keepdims=True) - y) / len(x)
            signals_1 = (signals_2 @ second.T) * (z > 0)
            first -= problem.learning_rate * (x.T @ signals_1)
            bias_1 -= problem.learning_rate * signals_1.sum(0)
            second -= problem.learning_rate * (a.T @ signals_2)
            bias_2 -= problem.learning_rate * signals_2.sum(0)
        return np.concatenate([each.ravel() for each in layers])

    return train


def _in_torch(problem: Problem) -> Train:
    torch = library("torch")
    x, y = torch.tensor(problem.batch.x), torch.tensor(problem.batch.y)
    inputs, hidden, outputs = problem.network.sizes

    def train(steps: int) -> Array:
        linear_1 = torch.nn.Linear(inputs, hidden, dtype=x.dtype)
        linear_2 = torch.nn.Linear(hidden, outputs, dtype=x.dtype)
        module = torch.nn.Sequential(linear_1, torch.nn.ReLU(), linear_2)
        layers = linear_1.weight, linear_1.bias, linear_2.weight, linear_2.bias
        with torch.no_grad():
            for parameter, start in zip(layers, problem.layers, strict=True):
                parameter.copy_(torch.tensor(start.T))
        loss = torch.nn.CrossEntropyLoss()
        optimizer = torch.optim.SGD(module.parameters(), lr=problem.learning_rate)
        for _ in range(steps):
            optimizer.zero_grad()
            loss(module(x), y).backward()
            optimizer.step()
        return np.concatenate([each.detach().numpy().T.ravel() for each in layers])

    return train


def _in_jax(problem: Problem) -> Train:
    jax = library("jax")
    jax.config.update("jax_enable_x64", True)
    x, y = jax.numpy.asarray(problem.batch.x), jax.numpy.asarray(problem.batch.y)

    def loss(layers: Any) -> Any:
        first, bias_1, second, bias_2 = layers
        outputs = jax.nn.relu(x @ first + bias_1) @ second + bias_2
        return -jax.numpy.mean(jax.numpy.sum(y * jax.nn.log_softmax(outputs), axis=1))

    def step(layers: Any) -> Any:
        slopes = jax.grad(loss)(layers)
        return tuple(each - problem.learning_rate * slope for each, slope in zip(layers, slopes, strict=True))

    compiled = jax.jit(step)

    def train(steps: int) -> Array:
        layers = tuple(jax.numpy.asarray(each) for each in problem.layers)
        for _ in range(steps):
            layers = compiled(layers)
        return np.concatenate([np.asarray(each).ravel() for each in layers])

    return train


def _in_sklearn(problem: Problem) -> Train:
    library("sklearn", "scikit-learn")
    classifier = library("sklearn.neural_network", "scikit-learn").MLPClassifier
    x, labels = problem.batch.x, problem.batch.y.argmax(1)
    _, hidden, outputs = problem.network.sizes

    def train(steps: int) -> Array:
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
            for _ in range(steps):
                network.partial_fit(x, labels)
        (first, second), (bias_1, bias_2) = network.coefs_, network.intercepts_
        return np.concatenate([each.ravel() for each in (first, bias_1, second, bias_2)])

    return train
