"""Ways to train many networks at once: 2-2-1 on exclusive or, float32, tanh, bce, plain gradient descent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import numpy as np

from symtests import kernels
from symtests.benchmarks.comparison import Work, library
from symtests.datasets import load
from symtests.float_json import Array
from symtests.network import Network
from symtests.training import Training

__all__ = ["BATCH", "NETWORK", "Train", "drawn_starts", "jax_by_hand", "jax_vmap", "ours", "training_of", "work_of"]

NETWORK: Final = Network((2, 2, 1), "tanh", "bce")
BATCH: Final = load("xor").astype("float32")
RATE: Final = 0.5
_NETWORKS_OF_THE_ANSWER: Final = 1000
_STEPS_OF_THE_ANSWER: Final = 5

Train: TypeAlias = Callable[[Array, int], Array]
"""From starts, a parameter vector a row, and a number of steps to the ends."""


def work_of(build: Callable[[], Train], networks: int, steps: int, count: float) -> Work:
    """Return the training of so many networks for so many steps as a piece of work; the answer is always the same."""
    train, starts = build(), drawn_starts(max(networks, _NETWORKS_OF_THE_ANSWER))
    return Work(
        lambda: train(starts[:networks], steps),
        lambda: train(starts[:_NETWORKS_OF_THE_ANSWER], _STEPS_OF_THE_ANSWER),
        count,
    )


def drawn_starts(count: int) -> Array:
    """Return so many starts, a parameter vector a row, all of them from N(0, 1)."""
    return np.random.default_rng(0).standard_normal((count, NETWORK.parameter_count), np.float32)


def training_of(steps: int) -> Training:
    """Return so many steps of plain gradient descent."""
    return Training("sgd", RATE, steps)


def ours(threads: int) -> Train:
    """Return our training, by the kernel that is compiled for the shape, as the peers are compiled for theirs."""
    kernels.compile_population(NETWORK, len(BATCH), training_of(1))

    def train(starts: Array, steps: int) -> Array:
        return kernels.train_many(NETWORK, starts, BATCH, training_of(steps), threads=threads).parameters

    return train


def jax_by_hand() -> Train:
    """Return the gradient written out for arrays that hold one parameter of all networks, in one compiled loop."""
    jax = library("jax")
    jnp = jax.numpy
    x, y = BATCH.x.tolist(), BATCH.y[:, 0].tolist()

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
        return tuple(each - RATE * slope for each, slope in zip(parameters, slopes, strict=True))

    def loop(parameters: Any, steps: Any) -> Any:
        return jax.lax.fori_loop(0, steps, step, parameters)

    compiled = jax.jit(loop)

    def train(starts: Array, steps: int) -> Array:
        return np.stack(compiled(tuple(jnp.asarray(column) for column in starts.T), steps), axis=1)

    return train


def jax_vmap() -> Train:
    """Return the training of one network as one would write it, with ``jax.vmap`` over all."""
    jax = library("jax")
    jnp = jax.numpy
    x, y = jnp.asarray(BATCH.x), jnp.asarray(BATCH.y[:, 0])

    def loss(theta: Any) -> Any:
        z = jnp.tanh(x @ theta[:4].reshape(2, 2) + theta[4:6]) @ theta[6:8] + theta[8]
        return jnp.mean(jax.nn.softplus(z) - y * z)

    def one(theta: Any, steps: int) -> Any:
        return jax.lax.scan(lambda at, _: (at - RATE * jax.grad(loss)(at), None), theta, None, length=steps)[0]

    many = jax.jit(jax.vmap(one, in_axes=(0, None)), static_argnums=1)
    return lambda starts, steps: np.asarray(many(jnp.asarray(starts), steps))
