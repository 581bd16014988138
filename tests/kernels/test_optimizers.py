"""The optimizers, bit for bit: each rule as its documentation writes it, one rounding an operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.kernels import loss_and_gradient, train
from symtests.kernels.optimizers import settings_of, update
from symtests.network import OPTIMIZERS, Network
from symtests.oracle.optimizers import apply, fresh_state
from symtests.parameters import Parameters
from symtests.training import Training
from tests.kernels.bits import DTYPES, Dtype, Numbers, from_python, fused, same_bits
from tests.oracle.questions import question

NETWORK = Network((2, 3, 1), "tanh", "bce")
UPDATE = from_python(update)


def stepped(training: Training, step: int, theta: Any, g: Any, m: Any, s: Any) -> tuple[Any, Any, Any]:
    """One component after one step, with its state; m is the velocity of momentum and nesterov."""
    number = type(theta)
    rate, mu = number(-training.learning_rate), number(training.momentum)
    b1, b2 = training.mean_decay, training.square_decay
    epsilon = number(training.epsilon)
    name = training.optimizer
    if name == "sgd":
        return fused(rate, g, theta), m, s
    if name in ("momentum", "nesterov"):
        m = fused(mu, m, g)
        return fused(rate, m if name == "momentum" else fused(mu, m, g), theta), m, s
    if name in ("adam", "adamw"):
        if name == "adamw":
            theta = theta * number(1 - training.learning_rate * training.weight_decay)
        m = fused(number(1 - b1), g, number(b1) * m)
        s = fused(number(1 - b2), g * g, number(b2) * s)
        mean = m / number(1 - np.prod([b1] * step))
        square = s / number(1 - np.prod([b2] * step))
        return fused(rate, mean / (np.sqrt(square) + epsilon), theta), m, s
    s = fused(number(1 - b2), g * g, number(b2) * s) if name == "rmsprop" else fused(g, g, s)
    return fused(rate, g / (np.sqrt(s) + epsilon), theta), m, s


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_steps_are_the_documented_operations(optimizer: str, dtype: Dtype) -> None:
    training = Training(optimizer, 0.1, 4, 0.9, 0.8, 0.99, 1e-4, 0.03 if optimizer == "adamw" else 0.0)
    start = question(np.random.default_rng(1), NETWORK, 4, dtype=dtype)
    theta = list(start.parameters.vector)
    means, squares = [dtype(0)] * len(theta), [dtype(0)] * len(theta)
    for step in range(1, training.steps + 1):
        gradient = loss_and_gradient(NETWORK, Parameters(NETWORK, np.array(theta, dtype)), start.batch)[1].vector
        for i, g in enumerate(gradient):
            theta[i], means[i], squares[i] = stepped(training, step, theta[i], g, means[i], squares[i])
    assert same_bits(train(NETWORK, start.parameters, start.batch, training).vector, np.array(theta, dtype))


def updated(training: Training, start: Numbers, gradients: Sequence[Numbers]) -> Numbers:
    """The parameters after one step with each of these gradients, from a fresh state."""
    theta, mean, square = start.copy(), np.zeros_like(start), np.zeros_like(start)
    mean_power = square_power = 1.0
    for g in gradients:
        mean_power, square_power = mean_power * training.mean_decay, square_power * training.square_decay
        UPDATE(settings_of(training), 1 - mean_power, 1 - square_power, theta, g, mean, square)
    return theta


@given(
    optimizer=st.sampled_from(OPTIMIZERS),
    dtype=st.sampled_from(DTYPES),
    steps=st.integers(0, 40),
    seed=st.integers(0, 2**32 - 1),
    rate=st.sampled_from([0.5, 0.01]),
    epsilon=st.sampled_from([0.0, 0.5, 1e-8]),
)
def test_agrees_with_the_oracle(
    optimizer: str, dtype: Dtype, steps: int, seed: int, rate: float, epsilon: float
) -> None:
    """All gradients are positive, so nothing cancels, and every rounding is a relative error of the result.

    A step rounds the settings, m, s, the quotient and theta: fewer than 10 roundings, which add up.
    """
    gradients = list(np.random.default_rng(seed).uniform(0.1, 1, (steps, 37)).astype(dtype))
    training = Training(optimizer, rate, steps, 0.9, 0.8, 0.99, epsilon)
    expected: Numbers = np.zeros(37)
    state = fresh_state(37)
    for step, g in enumerate(gradients, 1):
        expected, state = apply(training, expected, g.astype(np.float64), state, step)
    found = updated(training, np.zeros(37, dtype), gradients)
    assert (np.abs(found - expected) <= 10 * (steps + 1) * np.finfo(dtype).eps * np.abs(expected)).all()


@given(
    optimizer=st.sampled_from(OPTIMIZERS),
    dtype=st.sampled_from(DTYPES),
    seed=st.integers(0, 2**32 - 1),
    size=st.integers(1, 70),
    steps=st.integers(1, 5),
)
def test_every_parameter_is_updated_by_itself(optimizer: str, dtype: Dtype, seed: int, size: int, steps: int) -> None:
    random = np.random.default_rng(seed)
    training = Training(optimizer, 0.1, weight_decay=0.1 if optimizer == "adamw" else 0.0)
    start, gradients = random.normal(size=size).astype(dtype), random.normal(size=(steps, size)).astype(dtype)
    together = updated(training, start, list(gradients))
    for i in range(size):
        alone = updated(training, start[i : i + 1], [g[i : i + 1].copy() for g in gradients])
        assert same_bits(alone, together[i : i + 1])
    assert same_bits(updated(training, -start, list(-gradients)), -together)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_no_gradient_or_no_rate_moves_nothing(optimizer: str, dtype: Dtype) -> None:
    start = np.array([1.5, -0.25, 1e-30], dtype)
    gradients = [np.array([1.0, -2.0, 3.0], dtype)] * 5
    assert same_bits(updated(Training(optimizer, 0.0), start, gradients), start)
    assert same_bits(updated(Training(optimizer, 0.5), start, [np.zeros(3, dtype)] * 5), start)


@pytest.mark.parametrize("dtype", DTYPES)
def test_weight_decay_alone_multiplies(dtype: Dtype) -> None:
    start = np.array([1.5, -0.25, 1e-30], dtype)
    decayed = updated(Training("adamw", 0.5, weight_decay=0.25), start, [np.zeros(3, dtype)])
    assert same_bits(decayed, start * dtype(0.875))


@pytest.mark.parametrize("optimizer", ["momentum", "nesterov"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_without_momentum_it_is_gradient_descent(optimizer: str, dtype: Dtype) -> None:
    gradients = list(np.random.default_rng(2).normal(size=(9, 20)).astype(dtype))
    start = np.ones(20, dtype)
    plain = updated(Training("sgd", 0.3), start, gradients)
    assert same_bits(updated(Training(optimizer, 0.3, momentum=0.0), start, gradients), plain)


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "adagrad"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_scale_of_the_gradient_does_not_matter_without_epsilon(optimizer: str, dtype: Dtype) -> None:
    gradients = list(np.random.default_rng(2).normal(size=(9, 20)).astype(dtype))
    training, start = Training(optimizer, 0.125, epsilon=0.0), np.ones(20, dtype)
    larger = updated(training, start, [g * dtype(2.0**20) for g in gradients])
    assert same_bits(larger, updated(training, start, gradients))


def test_float32_is_never_widened() -> None:
    updated(Training(), np.ones(1, np.float32), [np.ones(1, np.float32)])
    compiled: Any = update
    code = next(text for signature, text in compiled.inspect_llvm().items() if "float32" in str(signature))
    assert "fpext" not in code
