"""The bounds of steps hold for the rules as different programs write them, and are not much wider than need be."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from symtests.float_json import Array
from symtests.network import OPTIMIZERS
from symtests.oracle.optimizers import apply, fresh_state
from symtests.properties.judging.optimizer_bounds import moves
from symtests.training import Training

DTYPES = {np.float16: 2.0**-11, np.float32: 2.0**-24, np.float64: 2.0**-53}
STEPS, SIZE = 6, 400
Rule = Callable[[Training, Any, Any, Any, Any, int], tuple[Any, Any, Any]]
"""From theta, g, m, s and the number of the step to theta, m, s, all in one dtype."""


def textbook(t: Training, theta: Any, g: Any, m: Any, s: Any, step: int) -> tuple[Any, Any, Any]:
    """As the documentation writes it; settings, and what is computed of them, in the dtype."""
    number = theta.dtype.type
    rate, mu, b1, b2 = number(t.learning_rate), number(t.momentum), number(t.mean_decay), number(t.square_decay)
    one, epsilon = number(1), number(t.epsilon)
    match t.optimizer:
        case "sgd":
            return theta - rate * g, m, s
        case "momentum" | "nesterov":
            m = mu * m + g
            return theta - rate * (g + mu * m if t.optimizer == "nesterov" else m), m, s
        case "adam" | "adamw":
            theta = theta * (one - rate * number(t.weight_decay))
            m, s = b1 * m + (one - b1) * g, b2 * s + (one - b2) * g * g
            root = np.sqrt(s / (one - b2**step))
            return theta - rate * (m / (one - b1**step)) / (root + epsilon), m, s
        case "rmsprop":
            s = b2 * s + (one - b2) * g * g
        case _:
            s = s + g * g
    return theta - rate * g / (np.sqrt(s) + epsilon), m, s


def rearranged(t: Training, theta: Any, g: Any, m: Any, s: Any, step: int) -> tuple[Any, Any, Any]:
    """As frameworks write it: velocities that hold the rate, interpolation, corrections in the rate."""
    number = theta.dtype.type
    rate, mu, epsilon = number(t.learning_rate), number(t.momentum), number(t.epsilon)
    new_mean, new_square = number(1 - t.mean_decay), number(1 - t.square_decay)
    match t.optimizer:
        case "sgd":
            return theta + -rate * g, m, s
        case "momentum" | "nesterov":
            m = mu * m - rate * g
            return theta + (mu * m - rate * g if t.optimizer == "nesterov" else m), m, s
        case "adam" | "adamw":
            m, s = m + new_mean * (g - m), s + new_square * (g * g - s)
            corrected = number(t.learning_rate / (1 - t.mean_decay**step))
            root = np.sqrt(s) / number(np.sqrt(1 - t.square_decay**step)) + epsilon
            return theta - (rate * number(t.weight_decay) * theta + corrected * m / root), m, s
        case "rmsprop":
            s = s + new_square * (g * g - s)
        case _:
            s = s + np.square(g)
    return theta - rate * (g * (number(1) / (np.sqrt(s) + epsilon))), m, s


def trainings(optimizer: str) -> list[Training]:
    decay = 0.5 if optimizer == "adamw" else 0.0
    rate = 0.5 if optimizer in ("sgd", "momentum", "nesterov") else 0.125
    return [
        Training(optimizer, rate, STEPS, 0.5, 0.5, 0.75, 0.5, decay),
        Training(optimizer, 0.1, STEPS, 0.9, 0.9, 0.999, 2.0**-10, decay),
        Training(optimizer, rate, STEPS, 0.75, 0.9, 0.5, 0.0625, decay),
    ]


def gradients(random: Any, dtype: Any) -> Any:
    """Return those of all steps: of any sign and size, and 0 throughout for some parameters."""
    sizes = 2.0 ** random.integers(-6, 3, SIZE)
    sizes[:10] = 0
    return (random.normal(size=(STEPS, SIZE)) * sizes).astype(dtype)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rule", [textbook, rearranged])
@pytest.mark.parametrize("uncertain", [0.0, 2.0**-7])
def test_every_way_to_write_a_rule_stays_within_its_bounds(
    optimizer: str, dtype: Any, rule: Rule, uncertain: float
) -> None:
    random, u = np.random.default_rng(0), DTYPES[dtype]
    for training in trainings(optimizer):
        used = gradients(random, dtype)
        # what the implementation uses lies within the error of what is right
        errors = uncertain * np.abs(used.astype(float))
        right = used.astype(float) + random.choice((-1.0, 0.0, 1.0), used.shape) * errors
        theta, m, s = random.normal(size=SIZE).astype(dtype), np.zeros(SIZE, dtype), np.zeros(SIZE, dtype)
        thetas = [theta]
        for step, g in enumerate(used, 1):
            theta, m, s = rule(training, theta, g, m, s, step)
            thetas.append(theta)
        assert theta.dtype == dtype
        before = [theta.astype(np.float64) for theta in thetas[:-1]]
        found = moves(training, before, list(right), list(errors), u)
        moved = np.diff([theta.astype(np.float64) for theta in thetas], axis=0)
        assert (np.abs(moved - found.expected) <= found.tolerance).all()
        assert (moved[:, :10] == 0).all() or training.weight_decay


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_expected_moves_are_those_of_the_oracle(optimizer: str) -> None:
    random = np.random.default_rng(1)
    for training in trainings(optimizer):
        theta: Array = random.normal(size=SIZE)
        state, used = fresh_state(SIZE), gradients(random, np.float64)
        thetas = [theta]
        for step, g in enumerate(used, 1):
            theta, state = apply(training, theta, g, state, step)
            thetas.append(theta)
        found = moves(training, thetas[:-1], list(used), [np.zeros(SIZE)] * STEPS, 2.0**-53)
        assert np.allclose(np.diff(thetas, axis=0), found.expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_fault_of_a_thousandth_shows_in_float32(optimizer: str) -> None:
    random = np.random.default_rng(2)
    for training in trainings(optimizer):
        used = gradients(random, np.float32).astype(np.float64)
        found = moves(training, [np.zeros(SIZE)] * STEPS, list(used), [np.zeros(SIZE)] * STEPS, 2.0**-24)
        seen = found.tolerance < 1e-3 * np.abs(found.expected)
        assert seen[:, 10:].mean() > 0.95
