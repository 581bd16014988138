"""A network with one hidden layer and all that its training needs, as NumPy, PyTorch and JAX hold and train it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from symtests.batch import Batch
from symtests.benchmarks.comparison import Work, jax_with_float64, library
from symtests.float_json import Array
from symtests.network import Network
from symtests.parameters import Parameters

__all__ = [
    "Problem", "Train", "jax_layers", "training_in_torch", "training_step_in_jax", "vector_of", "work_of",
]  # fmt: skip

Train: TypeAlias = Callable[[int], Array]
"""From a number of steps, or of epochs, to the parameter vector behind them."""


@dataclass(frozen=True, eq=False)
class Problem:
    """A network with its start, all of its data, and the learning rate."""

    network: Network
    parameters: Parameters
    batch: Batch
    learning_rate: float

    @property
    def layers(self) -> tuple[Array, Array, Array, Array]:
        """Copies of W_1, b_1, W_2, b_2."""
        (first, second), (bias_1, bias_2) = self.parameters.weights, self.parameters.biases
        return first.copy(), bias_1.copy(), second.copy(), bias_2.copy()


def work_of(build: Callable[[Problem], Train], problem: Problem, count: int, count_of_the_answer: int) -> Work:
    """Return a training as a piece of work: so many steps or epochs where it is timed, and so many of the answer."""
    train = build(problem)
    return Work(lambda: train(count), lambda: train(count_of_the_answer), count)


def vector_of(layers: Iterable[Any]) -> Array:
    """Return W_1, b_1, W_2, b_2 in one NumPy vector."""
    return np.concatenate([np.asarray(each).ravel() for each in layers])


def training_in_torch(problem: Problem) -> Callable[[Iterable[tuple[Any, Any]]], Array]:
    """Return PyTorch's own loop, with a module, autograd and ``optim.SGD``: a step for each pair of inputs and targets.

    Called, it starts from the parameters of the problem, and returns the parameter vector.
    """
    torch = library("torch")
    inputs, hidden, outputs = problem.network.sizes
    activation = {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}[problem.network.activations[0]]
    loss = {"mse": torch.nn.MSELoss, "softmax_cross_entropy": torch.nn.CrossEntropyLoss}[problem.network.loss]()
    starts = [torch.tensor(each.T) for each in problem.layers]

    def train(batches: Iterable[tuple[Any, Any]]) -> Array:
        linear_1 = torch.nn.Linear(inputs, hidden, dtype=starts[0].dtype)
        linear_2 = torch.nn.Linear(hidden, outputs, dtype=starts[0].dtype)
        module = torch.nn.Sequential(linear_1, activation(), linear_2)
        layers = linear_1.weight, linear_1.bias, linear_2.weight, linear_2.bias
        with torch.no_grad():
            for parameter, start in zip(layers, starts, strict=True):
                parameter.copy_(start)
        optimizer = torch.optim.SGD(module.parameters(), lr=problem.learning_rate)
        for x, y in batches:
            optimizer.zero_grad()
            loss(module(x), y).backward()
            optimizer.step()
        return vector_of(each.detach().numpy().T for each in layers)

    return train


def jax_layers(problem: Problem) -> Any:
    """Return the start as arrays of JAX."""
    jax = jax_with_float64()
    return tuple(jax.numpy.asarray(each) for each in problem.layers)


def training_step_in_jax(problem: Problem) -> Callable[[Any, Any, Any], Any]:
    """Return one step by JAX's own gradient, not compiled: from layers, inputs and targets to the layers behind it."""
    jax = jax_with_float64()
    activation = {"tanh": jax.numpy.tanh, "relu": jax.nn.relu}[problem.network.activations[0]]

    def squares(outputs: Any, y: Any) -> Any:
        return jax.numpy.mean((outputs - y) ** 2)

    def cross_entropy(outputs: Any, y: Any) -> Any:
        return -jax.numpy.mean(jax.numpy.sum(y * jax.nn.log_softmax(outputs), axis=1))

    loss = {"mse": squares, "softmax_cross_entropy": cross_entropy}[problem.network.loss]

    def loss_of(layers: Any, x: Any, y: Any) -> Any:
        first, bias_1, second, bias_2 = layers
        return loss(activation(x @ first + bias_1) @ second + bias_2, y)

    def step(layers: Any, x: Any, y: Any) -> Any:
        slopes = jax.grad(loss_of)(layers, x, y)
        return tuple(each - problem.learning_rate * slope for each, slope in zip(layers, slopes, strict=True))

    return step
