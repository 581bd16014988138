"""The first step of each optimizer, as usual programs compute it, every operation rounded to the dtype.

None of them shares a line with the oracle. `theta` and `g` are arrays of one dtype, which the answer has too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from symtests.training import Training

Numbers = npt.NDArray[Any]
FirstStep = Callable[[Training, Numbers, Numbers], Numbers]


def as_written(training: Training, theta: Numbers, g: Numbers) -> Numbers:
    """All settings are rounded to the dtype first; then the formulas as they stand in books."""
    number = theta.dtype.type
    rate, mu, epsilon = number(training.learning_rate), number(training.momentum), number(training.epsilon)
    b1, b2, one = number(training.mean_decay), number(training.square_decay), number(1)
    decay = number(training.weight_decay)
    match training.optimizer:
        case "sgd" | "momentum":
            return theta - rate * g
        case "nesterov":
            return theta - rate * (g + mu * g)
        case "adam" | "adamw":
            m, s = b1 * number(0) + (one - b1) * g, b2 * number(0) + (one - b2) * (g * g)
            mean, square = m / (one - np.power(b1, one)), s / (one - np.power(b2, one))
            kept = theta * (one - rate * decay) if training.optimizer == "adamw" else theta
            return kept - rate * mean / (np.sqrt(square) + epsilon)
        case "rmsprop":
            return theta - rate * g / (np.sqrt((one - b2) * (g * g)) + epsilon)
    return theta - rate * g / (np.sqrt(g * g) + epsilon)


def scalars_in_float64(training: Training, theta: Numbers, g: Numbers) -> Numbers:
    """Settings and what is computed of them alone are float64; the bias corrections go into rate and root."""
    t, number = training, theta.dtype.type
    match t.optimizer:
        case "sgd" | "momentum":
            return theta + number(-t.learning_rate) * g
        case "nesterov":
            return theta - number(t.learning_rate * (1 + t.momentum)) * g
        case "adam" | "adamw":
            m = g * number(1 - t.mean_decay)
            s = number(1 - t.square_decay) * g * g
            root = np.sqrt(s) / number(np.sqrt(1 - t.square_decay**1)) + number(t.epsilon)
            step = number(t.learning_rate / (1 - t.mean_decay**1))
            kept = theta - number(t.learning_rate * t.weight_decay) * theta if t.optimizer == "adamw" else theta
            return kept - step * (m / root)
        case "rmsprop":
            root = np.sqrt(number(1 - t.square_decay) * (g * g)) + number(t.epsilon)
            return theta - number(t.learning_rate) * (g / root)
    return theta - number(t.learning_rate) * (g / (np.sqrt(g * g) + number(t.epsilon)))


def reciprocals_and_mixed_scalars(training: Training, theta: Numbers, g: Numbers) -> Numbers:
    """The running means use float64 settings, their corrections rounded ones; divisions are by reciprocals."""
    t, number = training, theta.dtype.type
    one, rate = number(1), number(t.learning_rate)
    if t.optimizer in ("sgd", "momentum", "nesterov"):
        velocity = number(-t.learning_rate) * g
        return theta + (number(t.momentum) * velocity - rate * g if t.optimizer == "nesterov" else velocity)
    if t.optimizer in ("adam", "adamw"):
        zero = np.zeros_like(g)
        m = zero + (g - zero) * number(1 - t.mean_decay)
        s = zero + (g * g - zero) * number(1 - t.square_decay)
        mean = m * (one / (one - number(t.mean_decay)))
        square = s * (one / (one - number(t.square_decay)))
        kept = theta - rate * (number(t.weight_decay) * theta) if t.optimizer == "adamw" else theta
        return kept - rate * (mean * (one / (np.sqrt(square) + number(t.epsilon))))
    kept_square = number(1 - t.square_decay) if t.optimizer == "rmsprop" else one
    return theta - (rate * g) * (one / (np.sqrt(kept_square * g * g) + number(t.epsilon)))


FIRST_STEPS: Final[tuple[FirstStep, ...]] = (as_written, scalars_in_float64, reciprocals_and_mixed_scalars)
