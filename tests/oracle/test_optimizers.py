"""Optimizers: closed forms for a constant gradient, and the rules as they stand, in 50 digits."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symtests import oracle
from symtests.batch import Batch
from symtests.network import OPTIMIZERS, Network
from symtests.oracle.optimizers import apply, fresh_state
from symtests.parameters import Parameters
from symtests.training import Training
from symtests.validation import InvalidValue
from tests.oracle import many_digits
from tests.oracle.questions import question

RATE, STEPS = 0.125, 40
G = np.array([2.0, -0.5, 1e-3, -30.0])
K = np.arange(1, STEPS + 1)


def moved(training: Training, gradients: list[np.ndarray]) -> np.ndarray:
    """Return theta after a step with each of the gradients, starting at 0."""
    theta, state = np.zeros_like(gradients[0]), fresh_state(len(gradients[0]))
    for step, g in enumerate(gradients, 1):
        theta, state = apply(training, theta, g, state, step)
    return theta


def closed_form(optimizer: str, training: Training) -> np.ndarray:
    """Return what K steps with the gradient G add up to."""
    mu, rho, epsilon = training.momentum, training.square_decay, training.epsilon
    match optimizer:
        case "sgd":
            return -RATE * STEPS * G
        case "momentum":
            return -RATE * G * ((1 - mu**K) / (1 - mu)).sum()
        case "nesterov":
            return -RATE * G * ((1 - mu ** (K + 1)) / (1 - mu)).sum()
        case "adam" | "adamw":
            return -RATE * STEPS * G / (np.abs(G) + epsilon)
        case "rmsprop":
            return -RATE * np.sign(G) * (1 / np.sqrt(1 - rho**K)).sum()
    return -RATE * np.sign(G) * (1 / np.sqrt(K)).sum()


@pytest.mark.parametrize("epsilon", [0.0, 0.5])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_constant_gradient_adds_up_to_the_closed_form(optimizer: str, epsilon: float) -> None:
    if optimizer in ("rmsprop", "adagrad"):
        epsilon = 0.0  # there is no closed form with one
    training = Training(optimizer, RATE, epsilon=epsilon)
    np.testing.assert_allclose(moved(training, [G] * STEPS), closed_form(optimizer, training), rtol=1e-12)


def literal_steps(training: Training, start: float, gradients: list[float]) -> Any:
    """The rules of `Training`, one coordinate, in many digits, with no cleverness at all."""
    t = training
    rate, mu, b1, b2, epsilon, decay = many_digits.numbers(
        np.array([t.learning_rate, t.momentum, t.mean_decay, t.square_decay, t.epsilon, t.weight_decay])
    )
    theta, v, m, s = mpmath.mpf(start), mpmath.mpf(0), mpmath.mpf(0), mpmath.mpf(0)
    for k, gradient in enumerate(gradients, 1):
        g = mpmath.mpf(gradient)
        if t.optimizer == "sgd":
            theta -= rate * g
        elif t.optimizer == "momentum":
            v = mu * v + g
            theta -= rate * v
        elif t.optimizer == "nesterov":
            v = mu * v + g
            theta -= rate * (g + mu * v)
        elif t.optimizer in ("adam", "adamw"):
            if t.optimizer == "adamw":
                theta *= 1 - rate * decay
            m, s = b1 * m + (1 - b1) * g, b2 * s + (1 - b2) * g**2
            theta -= rate * (m / (1 - b1**k)) / (mpmath.sqrt(s / (1 - b2**k)) + epsilon)
        else:
            s = b2 * s + (1 - b2) * g**2 if t.optimizer == "rmsprop" else s + g**2
            theta -= rate * g / (mpmath.sqrt(s) + epsilon)
    return theta


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@settings(max_examples=50)
@given(
    start=st.floats(-2, 2),
    gradients=st.lists(st.floats(-3, 3).filter(lambda g: g == 0 or abs(g) > 1e-9), min_size=1, max_size=8),
    decays=st.sampled_from([(0.9, 0.9, 0.999, 1e-8), (0.0, 0.0, 0.0, 1e-3), (0.5, 0.75, 0.5, 0.5)]),
)
def test_steps_follow_the_rules(
    optimizer: str, start: float, gradients: list[float], decays: tuple[float, float, float, float]
) -> None:
    mu, b1, b2, epsilon = decays
    decay = 0.25 if optimizer == "adamw" else 0.0
    training = Training(optimizer, RATE, 1, mu, b1, b2, epsilon, decay)
    theta, state = np.array([start]), fresh_state(1)
    for step, g in enumerate(gradients, 1):
        theta, state = apply(training, theta, np.array([g]), state, step)
    with mpmath.workdps(many_digits.DIGITS):
        right = float(literal_steps(training, start, gradients))
    # each step moves by at most rate times 3 / sqrt(1 - b2) + sum of velocities, of which 2^-46 is rounding
    assert theta[0] == pytest.approx(right, rel=2.0**-46, abs=2.0**-44)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_training_takes_its_gradients_where_it_has_come_to(optimizer: str) -> None:
    asked = question(np.random.default_rng(1), Network((2, 3, 2), "tanh"), 4)
    training = Training(optimizer, RATE, 5, weight_decay=0.1 if optimizer == "adamw" else 0.0)
    theta, state = asked.parameters.vector.copy(), fresh_state(asked.network.parameter_count)
    for step in range(1, 6):
        _, gradient = oracle.loss_and_gradient(asked.network, Parameters(asked.network, theta), asked.batch)
        theta, state = apply(training, theta, gradient.vector, state, step)
    found = oracle.train(asked.network, asked.parameters, asked.batch, training)
    np.testing.assert_array_equal(found.vector, theta)
    once = oracle.train(asked.network, asked.parameters, asked.batch, training.with_steps(1))
    assert np.abs(found.vector - once.vector).max() > 1e-3


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_no_steps_leave_the_parameters_and_any_number_leaves_the_argument(optimizer: str) -> None:
    asked = question(np.random.default_rng(1), Network((2, 3, 2), "tanh"), 4, dtype=np.float32)
    before = asked.parameters.vector.copy()
    none = oracle.train(asked.network, asked.parameters, asked.batch, Training(optimizer, RATE, 0))
    np.testing.assert_array_equal(none.vector, before)
    oracle.train(asked.network, asked.parameters, asked.batch, Training(optimizer, RATE, 3))
    np.testing.assert_array_equal(asked.parameters.vector, before)
    assert none.dtype == np.float64


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_gradient_of_zero_moves_nothing(optimizer: str) -> None:
    training = Training(optimizer, RATE)
    theta, _ = apply(training, np.array([1.0, -2.0]), np.zeros(2), fresh_state(2), 1)
    np.testing.assert_array_equal(theta, [1.0, -2.0])


def test_the_derivative_of_relu_at_zero_reaches_a_training() -> None:
    network = Network((1, 1, 1), "relu")
    parameters, batch = Parameters(network, np.array([0.0, 0.0, 3.0, 0.0])), Batch(np.ones((1, 1)), -np.ones((1, 1)))
    moves = [oracle.train(network, parameters, batch, Training("sgd", 1.0), choice).vector[0] for choice in (0.0, 1.0)]
    assert moves == [0.0, -6.0]


def test_an_unknown_name_is_named() -> None:
    training = Training()
    object.__setattr__(training, "optimizer", "lion")
    with pytest.raises(InvalidValue, match="optimizer='lion'"):
        apply(training, np.zeros(1), np.zeros(1), fresh_state(1), 1)
