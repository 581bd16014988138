"""Ways to train a network with one hidden layer of tanh units, linear outputs and the mean squared error.

Each function takes a problem and returns a function that starts from its parameters, takes so many steps of plain
gradient descent, and returns the parameter vector. The gradient by hand is, with the error signals D,

    D_2 = 2 (a W_2 + b_2 - y) / (N m),        D_1 = (D_2 W_2^T) * (1 - a^2),        a = tanh(x W_1 + b_1)
    dL/dW_l = a_{l-1}^T D_l,        dL/db_l = sum over samples of D_l
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any

import numpy as np

from symtests.benchmarks.c_functions import compiled
from symtests.benchmarks.comparison import jax_with_float64, library
from symtests.benchmarks.one_hidden_layer import (
    Problem,
    Train,
    jax_layers,
    training_in_torch,
    training_step_in_jax,
    vector_of,
)
from symtests.float_json import Array

__all__ = [
    "c_with_libm",
    "c_with_our_tanh",
    "jax_loop",
    "jax_steps",
    "numpy_by_hand",
    "torch_autograd",
    "torch_by_hand",
    "torch_compiled",
]


def c_with_libm(problem: Problem) -> Train:
    """Return the loop in C, tanh from the machine's library."""
    return _in_c(problem)


def c_with_our_tanh(problem: Problem) -> Train:
    """Return the loop in C, with the tanh of the kernels written out."""
    return _in_c(problem, ["WRITTEN_OUT"], ["-fno-math-errno", "-fno-trapping-math"])  # so that gcc vectorises it


def _in_c(problem: Problem, definitions: Sequence[str] = (), options: Sequence[str] = ()) -> Train:
    sizes = zip(("INPUTS", "HIDDEN", "OUTPUTS"), problem.network.sizes, strict=True)
    settings = [*(f"{name}={size}" for name, size in sizes), f"SAMPLES={len(problem.batch)}"]
    function = compiled("small_net.c", [*settings, *definitions], options).train
    pointer = np.ctypeslib.ndpointer(np.float64, flags="C_CONTIGUOUS")
    function.argtypes = [pointer, pointer, pointer, ctypes.c_double, ctypes.c_int64]
    function.restype = None
    x, y = (np.ascontiguousarray(table, np.float64) for table in (problem.batch.x, problem.batch.y))

    def train(steps: int) -> Array:
        vector = problem.parameters.vector.copy()
        function(vector, x, y, problem.learning_rate, steps)
        return vector

    return train


def numpy_by_hand(problem: Problem) -> Train:
    """Return the loop in NumPy."""
    x, y = problem.batch.x, problem.batch.y

    def train(steps: int) -> Array:
        layers = problem.layers
        for _ in range(steps):
            _step_in_place(np.tanh, x, y, problem.learning_rate, *layers)
        return vector_of(layers)

    return train


def torch_by_hand(problem: Problem) -> Train:
    """Return the loop in PyTorch, without autograd."""
    torch = library("torch")
    return _in_torch(torch, problem, _step_in_place)


def torch_compiled(problem: Problem) -> Train:
    """Return the same, each step compiled by ``torch.compile``."""
    torch = library("torch")
    return _in_torch(torch, problem, torch.compile(_step_in_place))


def _in_torch(torch: Any, problem: Problem, step: Callable[..., None]) -> Train:
    x, y = torch.tensor(problem.batch.x), torch.tensor(problem.batch.y)

    def train(steps: int) -> Array:
        layers = [torch.tensor(each) for each in problem.layers]
        with torch.no_grad():
            for _ in range(steps):
                step(torch.tanh, x, y, problem.learning_rate, *layers)
        return vector_of(layers)

    return train


def _step_in_place(
    tanh: Callable[[Any], Any], x: Any, y: Any, rate: float, first: Any, bias_1: Any, second: Any, bias_2: Any
) -> None:
    """Take one step with the arrays of NumPy or PyTorch; the layers are written."""
    a = tanh(x @ first + bias_1)
    signals_2 = (a @ second + bias_2 - y) * (2 / (y.shape[0] * y.shape[1]))
    signals_1 = (signals_2 @ second.T) * (1 - a * a)
    first -= rate * (x.T @ signals_1)
    bias_1 -= rate * signals_1.sum(0)
    second -= rate * (a.T @ signals_2)
    bias_2 -= rate * signals_2.sum(0)


def torch_autograd(problem: Problem) -> Train:
    """Return PyTorch's own loop: a module, autograd and ``optim.SGD``."""
    train = training_in_torch(problem)
    torch = library("torch")
    x, y = torch.tensor(problem.batch.x), torch.tensor(problem.batch.y)
    return lambda steps: train(repeat((x, y), steps))


def jax_steps(problem: Problem) -> Train:
    """Return a loop in Python over a step that ``jax.jit`` has compiled."""
    jax, step = _jax_step(problem)
    compiled_step = jax.jit(step)

    def train(steps: int) -> Array:
        layers = jax_layers(problem)
        for _ in range(steps):
            layers = compiled_step(layers)
        return vector_of(layers)

    return train


def jax_loop(problem: Problem) -> Train:
    """Return the loop that ``jax.jit`` has compiled as a whole, by ``lax.fori_loop``."""
    jax, step = _jax_step(problem)
    loop = jax.jit(lambda layers, steps: jax.lax.fori_loop(0, steps, lambda _, each: step(each), layers))
    return lambda steps: vector_of(loop(jax_layers(problem), steps))


def _jax_step(problem: Problem) -> tuple[Any, Callable[[Any], Any]]:
    """Return JAX, and one step with the data as constants."""
    jax, step = jax_with_float64(), training_step_in_jax(problem)
    x, y = jax.numpy.asarray(problem.batch.x), jax.numpy.asarray(problem.batch.y)
    return jax, lambda layers: step(layers, x, y)
