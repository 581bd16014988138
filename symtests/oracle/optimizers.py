"""The optimizers of `symtests.training`, one rule a line, in float64."""

from __future__ import annotations

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.network import Network
from symtests.oracle.passes import loss_and_gradient
from symtests.parameters import Parameters
from symtests.training import Training
from symtests.validation import InvalidValue

__all__ = ["State", "apply", "fresh_state", "train"]

State = tuple[Array, Array]
"""The running mean of the gradient (or the velocity) and the running mean (or sum) of its square."""


def fresh_state(size: int) -> State:
    """Return the state before the first step: zeros of shape (size,)."""
    return np.zeros(size), np.zeros(size)


def apply(training: Training, theta: Array, g: Array, state: State, step: int) -> tuple[Array, State]:
    """Return theta, shape (n,), and the state after step number `step` (the first is 1) with gradient g."""
    rate, epsilon = training.learning_rate, training.epsilon
    mu, b1, b2 = training.momentum, training.mean_decay, training.square_decay
    m, s = state
    match training.optimizer:
        case "sgd":
            return theta - rate * g, state
        case "momentum":
            v = mu * m + g
            return theta - rate * v, (v, s)
        case "nesterov":
            v = mu * m + g
            return theta - rate * (g + mu * v), (v, s)
        case "adam" | "adamw":
            decay = 1 - rate * training.weight_decay
            m, s = b1 * m + (1 - b1) * g, b2 * s + (1 - b2) * g**2
            mean, square = m / (1 - b1**step), s / (1 - b2**step)
            return decay * theta - rate * mean / (np.sqrt(square) + epsilon), (m, s)
        case "rmsprop":
            s = b2 * s + (1 - b2) * g**2
            return theta - rate * g / (np.sqrt(s) + epsilon), (m, s)
        case "adagrad":
            s = s + g**2
            return theta - rate * g / (np.sqrt(s) + epsilon), (m, s)
    raise InvalidValue(f"optimizer={training.optimizer!r}: the oracle does not know it")


def train(
    network: Network, parameters: Parameters, batch: Batch, training: Training, relu_derivative_at_zero: float = 0.0
) -> Parameters:
    """Return the parameters after ``training.steps`` full-batch steps from a fresh optimizer state."""
    theta: Array = parameters.vector.astype(np.float64)
    state = fresh_state(network.parameter_count)
    with np.errstate(all="ignore"):
        for step in range(1, training.steps + 1):
            _, gradient = loss_and_gradient(network, Parameters(network, theta), batch, relu_derivative_at_zero)
            theta, state = apply(training, theta, gradient.vector, state, step)
    return Parameters(network, theta)
