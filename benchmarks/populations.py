"""A hundred thousand XOR networks at once: 2-2-1, float32, tanh, bce, plain gradient descent.

Beside the same work in other libraries stands the shortest time in which the processor could issue so many operations:
each addition, multiplication, division or fused multiply-add counts as one of the fused multiply-adds of which it
issues the most, and what selects, compares and moves counts as nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeAlias

import numpy as np
from numba import njit

from symtests import kernels
from symtests.benchmarks.comparison import Comparison, NotMeasured, Peer, Work, library
from symtests.datasets import load
from symtests.float_json import Array
from symtests.kernels.intrinsics import fused_multiply_add
from symtests.kernels.lanes import load as load_lanes
from symtests.kernels.lanes import prefer_wide_vectors, store
from symtests.kernels.population_choice import shape_of
from symtests.kernels.population_step import compiled
from symtests.network import Network
from symtests.training import Training

__all__ = ["comparisons"]

_NETWORK: Final = Network((2, 2, 1), "tanh", "bce")
_BATCH: Final = load("xor").astype("float32")
_RATE: Final = 0.5
_NETWORKS: Final = 100_000
_STEPS_OF_THE_ANSWER: Final = 5
_CHAINS: Final = 6  # of operations that wait for each other: what fills the processor and fits into its registers
_LANES: Final = 16

_Train: TypeAlias = Callable[[Array, int], Array]
"""From starts, a parameter vector a row, and a number of steps to the ends."""


def comparisons() -> tuple[Comparison, ...]:
    """Return the comparisons: the accurate and the fast form on one thread, the accurate one on two."""
    jax = partial(_work, _jax_by_hand, 30)
    peers = (
        Peer("JAX, fused by hand", jax, 3.0),
        Peer("JAX, vmap and scan", partial(_work, _jax_vmap, 5), 20.0),
        Peer("operations at the peak", _peak, 0.5),
    )
    of_threads = (Peer("one thread", partial(_work, partial(_ours, 1), 60), 1.8),)
    fast = (Peer("JAX, fused by hand", jax, 5.0), Peer("accurate tanh", partial(_work, partial(_ours, 1), 60)))
    return (
        _comparison("2-2-1, 100,000 networks", partial(_ours, 1), peers, quick=True),
        _comparison("2-2-1, 100,000 networks, fast tanh", _ours_fast, fast),
        _comparison("2-2-1, 100,000 networks", partial(_ours, 2), of_threads, threads=2),
    )


def _comparison(
    name: str, ours: Callable[[], _Train], peers: tuple[Peer, ...], *, threads: int = 1, quick: bool = False
) -> Comparison:
    of_one = "training step of one network"
    return Comparison("populations", name, "float32", of_one, partial(_work, ours, 60), peers, threads, quick)


def _work(build: Callable[[], _Train], steps: int) -> Work:
    train = build()
    starts = np.random.default_rng(0).normal(size=(_NETWORKS, _NETWORK.parameter_count)).astype(np.float32)
    return Work(
        lambda: train(starts, steps), lambda: train(starts[:1000], _STEPS_OF_THE_ANSWER), float(steps * _NETWORKS)
    )


def _ours(threads: int) -> _Train:
    """Return our training, by the kernel that is compiled for the shape, as the peers are compiled for theirs."""
    kernels.compile_population(_NETWORK, len(_BATCH), _training(1))

    def train(starts: Array, steps: int) -> Array:
        return kernels.train_many(_NETWORK, starts, _BATCH, _training(steps), threads=threads).parameters

    return train


def _ours_fast() -> _Train:
    return lambda starts, steps: kernels.train_many_fast(_NETWORK, starts, _BATCH, _training(steps)).parameters


def _training(steps: int) -> Training:
    return Training("sgd", _RATE, steps)


def _jax_by_hand() -> _Train:
    """Return the gradient written out for arrays that hold one parameter of all networks, in one compiled loop."""
    jax = library("jax")
    jnp = jax.numpy
    x, y = _BATCH.x.tolist(), _BATCH.y[:, 0].tolist()

    def step(_: int, parameters: Any) -> Any:
        w_11, w_12, w_21, w_22, b_1, b_2, v_1, v_2, c = parameters
        slopes: list[Any] = [0.0] * 9
        for (x_1, x_2), target in zip(x, y, strict=True):
            a_1 = jnp.tanh(x_1 * w_11 + x_2 * w_21 + b_1)
            a_2 = jnp.tanh(x_1 * w_12 + x_2 * w_22 + b_2)
            signal = (jax.nn.sigmoid(a_1 * v_1 + a_2 * v_2 + c) - target) / len(y)
            d_1, d_2 = signal * v_1 * (1 - a_1 * a_1), signal * v_2 * (1 - a_2 * a_2)
            terms = x_1 * d_1, x_1 * d_2, x_2 * d_1, x_2 * d_2, d_1, d_2, signal * a_1, signal * a_2, signal
            slopes = [slope + term for slope, term in zip(slopes, terms, strict=True)]
        return tuple(each - _RATE * slope for each, slope in zip(parameters, slopes, strict=True))

    def loop(parameters: Any, steps: Any) -> Any:
        return jax.lax.fori_loop(0, steps, step, parameters)

    compiled = jax.jit(loop)

    def train(starts: Array, steps: int) -> Array:
        return np.stack(compiled(tuple(jnp.asarray(column) for column in starts.T), steps), axis=1)

    return train


def _jax_vmap() -> _Train:
    """Return the training of one network as one would write it, with ``jax.vmap`` over all."""
    jax = library("jax")
    jnp = jax.numpy
    x, y = jnp.asarray(_BATCH.x), jnp.asarray(_BATCH.y[:, 0])

    def loss(theta: Any) -> Any:
        z = jnp.tanh(x @ theta[:4].reshape(2, 2) + theta[4:6]) @ theta[6:8] + theta[8]
        return jnp.mean(jax.nn.softplus(z) - y * z)

    def one(theta: Any, steps: int) -> Any:
        return jax.lax.scan(lambda at, _: (at - _RATE * jax.grad(loss)(at), None), theta, None, length=steps)[0]

    many = jax.jit(jax.vmap(one, in_axes=(0, None)), static_argnums=1)
    return lambda starts, steps: np.asarray(many(jnp.asarray(starts), steps))


def _peak() -> Work:
    """Return as many fused multiply-adds, on registers alone, as our kernel has operations."""
    train, operations = _ours(1), _operations_of_a_step()
    turns, numbers = 200_000, np.full(_LANES * (_CHAINS + 1), 0.5, np.float32)
    starts = np.random.default_rng(0).normal(size=(1000, _NETWORK.parameter_count)).astype(np.float32)
    return Work(
        lambda: _multiply_and_add(numbers, turns),
        lambda: train(starts, _STEPS_OF_THE_ANSWER),  # this work has no answer of its own
        turns * _CHAINS * _LANES / operations,
    )


def _operations_of_a_step() -> float:
    """Return how many operations the compiled code has for a step of one network."""
    kernel: Any = compiled(shape_of(_NETWORK, len(_BATCH)))
    function: Any = njit(error_model="numpy")(kernel.py_func)  # what comes from the cache cannot be looked at
    nothing = np.zeros(0, np.float32)
    function(nothing, nothing, nothing, 0, 0)
    (code,) = function.inspect_llvm().values()
    found = re.findall(r"= f(?:add|sub|mul|div) <(\d+) x float>|call <(\d+) x float> @llvm\.fma", code)
    lanes = sum(int(operation or fused) for operation, fused in found)
    stored = sum(int(count) for count in re.findall(r"store <(\d+) x float>", code))
    if not lanes or not stored:
        raise NotMeasured("the operations of the compiled code cannot be counted")
    return lanes * _NETWORK.parameter_count / stored  # a step of a network stores each of its parameters once


@njit(forceinline=True)
def _chained(x: float, factor: float) -> float:
    return fused_multiply_add(x, factor, factor)


@njit(nogil=True)
def _multiply_and_add(numbers: Array, turns: int) -> None:
    """Take so many turns of six independent chains of fused multiply-adds of sixteen lanes."""
    prefer_wide_vectors()
    factor = load_lanes(numbers, 96, 16)
    a, b, c = load_lanes(numbers, 0, 16), load_lanes(numbers, 16, 16), load_lanes(numbers, 32, 16)
    d, e, f = load_lanes(numbers, 48, 16), load_lanes(numbers, 64, 16), load_lanes(numbers, 80, 16)
    for _ in range(turns):
        a, b, c = _chained(a, factor), _chained(b, factor), _chained(c, factor)
        d, e, f = _chained(d, factor), _chained(e, factor), _chained(f, factor)
    store(numbers, 0, a + b + c + d + e + f)
