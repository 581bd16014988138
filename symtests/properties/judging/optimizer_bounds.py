"""What each step of an optimizer moves, and how far rounding may lead it, where gradients are known to within errors.

The rules of `symtests.training` are followed with intervals: v, m and s are known to within e_v, e_m and e_s, which
grow with every step by what its gradient is uncertain and by what a program rounds on the way. Programs write the rules
in several ways, as b m + (1 - b) g or m + (1 - b) (g - m), as (m / c) / (sqrt(s / c') + epsilon) or with both
corrections in the learning rate; the roundings counted here cover all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from symtests.float_json import Array
from symtests.oracle.error_model import underflow_of
from symtests.properties.judging.answers import OWN_ROUNDOFF
from symtests.training import Training

__all__ = ["Moves", "moves"]

_MEAN_ROUNDINGS: Final = 4
"""Of each term of a running mean or a velocity: setting, product (lerp: difference, product), rate, sum."""
_SQUARE_ROUNDINGS: Final = 5
"""Of each term of a running mean of squares: the square besides."""
_QUOTIENT_ROUNDINGS: Final = 4
"""Of m / c and its quotient by the root: rate / c, product, quotient, reciprocal."""
_ROOT_ROUNDINGS: Final = 4
"""Of sqrt(s / c) + epsilon: quotient, root (or the quotient of two roots), sum."""
_STEP_ROUNDINGS: Final = 3
"""Of the learning rate, its product and the sum with the parameter, as far as they are relative to the step."""


@dataclass(frozen=True, eq=False)
class Moves:
    """What a correct implementation moves each parameter by in each step.

    Parameters
    ----------
    expected
        theta_t - theta_(t-1) for t = 1 .. T, shape (T, n).
    tolerance
        How far rounding may lead each of them, of the same shape.
    """

    expected: Array
    tolerance: Array


def moves(
    training: Training, thetas: Sequence[Array], gradients: Sequence[Array], errors: Sequence[Array], u: float
) -> Moves:
    """Return the movement of each step from a fresh state.

    Parameters
    ----------
    training
        Optimizer and settings; its number of steps does not matter.
    thetas
        Parameters before each step, each of shape (n,), exact.
    gradients, errors
        Gradient of each step, each of shape (n,), and how far that of the implementation may lie from it.
    u
        Unit roundoff of the implementation.
    """
    state = _State(training, u, len(thetas[0]))
    expected: list[Array] = []
    tolerances: list[Array] = []
    with np.errstate(all="ignore"):
        for theta, g, e in zip(thetas, gradients, errors, strict=True):
            moved, tolerance = _step(training, np.abs(theta), theta, *state.direction(g, e), u)
            if expected:
                # Parameters that are kept in a wider arithmetic are rounded where they are handed out, also those from
                # which this step began. Its gradient was then one of parameters that are off by u |theta|: one rounding
                # more in each product with a weight, of the two that `ErrorModel.dot` counts besides those of the sum.
                tolerance = tolerance + np.where(np.abs(moved) + tolerance > 0, u * np.abs(theta), 0.0)
            expected.append(moved)
            tolerances.append(np.where(np.isnan(tolerance), np.inf, tolerance))
    return Moves(np.array(expected), np.array(tolerances))


def _step(
    training: Training, size: Array, theta: Array, direction: Array, error: Array, u: float
) -> tuple[Array, Array]:
    """Return -rate q - rate decay theta and its tolerance, where q is known to within an error."""
    rate, decay = training.learning_rate, training.learning_rate * training.weight_decay
    step = rate * (np.abs(direction) + error)
    moves_at_all = step > 0
    # theta' is rounded, to within u |theta'|; a step may underflow
    tolerance = rate * error + _relative(_STEP_ROUNDINGS, u) * step
    tolerance += np.where(moves_at_all, underflow_of(u) + u * (size + step), 0.0)
    if decay:  # theta (1 - rate decay), or theta - rate decay theta, or rate (q + decay theta) taken off
        tolerance += np.where(size > 0, u * size * (3 + 6 * decay) + underflow_of(u), 0.0)
    both = 1 + OWN_ROUNDOFF / u  # the properties compute the expected step as well
    return -rate * direction - decay * theta, tolerance * both


class _State:
    """Velocity or running mean m, and running mean or sum s of the squares, each with its error; shapes (n,)."""

    def __init__(self, training: Training, u: float, size: int) -> None:
        self.training = training
        self.u = u
        self.steps = 0
        self.m: Array = np.zeros(size)
        self.m_error: Array = np.zeros(size)
        self.s: Array = np.zeros(size)
        self.s_error: Array = np.zeros(size)

    def direction(self, g: Array, e: Array) -> tuple[Array, Array]:
        """Return q of the next step, theta' = theta - rate q, and its error, given the gradient and its error."""
        self.steps += 1
        b2 = self.training.square_decay
        match self.training.optimizer:
            case "sgd":
                return g, e
            case "momentum":
                self._accelerate(g, e)
                return self.m, self.m_error
            case "nesterov":
                self._accelerate(g, e)
                return self._sum(self.training.momentum, self.m, self.m_error, g, e)
            case "adam" | "adamw":
                self._average(g, e)
                self._average_squares(g, e, b2, 1 - b2)
                of_mean, of_square = self._correction(self.training.mean_decay), self._correction(b2)
                return self._quotient(self.m, self.m_error, of_mean, of_square)
            case "rmsprop":
                self._average_squares(g, e, b2, 1 - b2)
            case "adagrad":
                self._average_squares(g, e, 1.0, 1.0)
        return self._quotient(g, e, (1.0, 0.0), (1.0, 0.0))

    def _accelerate(self, g: Array, e: Array) -> None:
        """Make v = mu v + g of v."""
        self.m, self.m_error = self._sum(self.training.momentum, self.m, self.m_error, g, e)

    def _sum(self, mu: float, v: Array, v_error: Array, g: Array, e: Array) -> tuple[Array, Array]:
        """Return mu v + g and its error."""
        size = mu * (np.abs(v) + v_error) + np.abs(g) + e
        rounded = _relative(_MEAN_ROUNDINGS, self.u) * size + _rounding(mu, self.u) * (np.abs(v) + v_error)
        return mu * v + g, mu * v_error + e + rounded + self._lost(size)

    def _average(self, g: Array, e: Array) -> None:
        """Make m = b1 m + (1 - b1) g of m."""
        b = self.training.mean_decay
        m, g_size = np.abs(self.m) + self.m_error, np.abs(g) + e
        size = m + (1 - b) * g_size  # m, not b m: m + (1 - b) (g - m) rounds differences of this size
        rounded = _relative(_MEAN_ROUNDINGS, self.u) * size + _rounding(b, self.u) * (m + g_size)
        self.m_error = b * self.m_error + (1 - b) * e + rounded + self._lost(size)
        self.m = b * self.m + (1 - b) * g

    def _average_squares(self, g: Array, e: Array, kept: float, new: float) -> None:
        """Make s = kept s + new g^2 of s."""
        s, square = self.s + self.s_error, (np.abs(g) + e) ** 2
        size = s + new * square
        rounded = _relative(_SQUARE_ROUNDINGS, self.u) * size + _rounding(kept, self.u) * (s + square)
        self.s_error = kept * self.s_error + new * (square - g**2) + rounded + self._lost(size)
        self.s = kept * self.s + new * g**2

    def _lost(self, size: Array) -> Array:
        """Return what underflows of up to three products may lose."""
        return np.where(size > 0, 3 * underflow_of(self.u), 0.0)

    def _correction(self, b: float) -> tuple[float, float]:
        """Return 1 - b^t and its relative error: of b^t, by t roundings of b and of products, and of the difference."""
        t, u = self.steps, self.u
        power = b**t
        error = power * _relative(t + 1, u) + t * _rounding(b, u)
        return 1 - power, error / (1 - power) + u

    def _quotient(
        self, m: Array, e: Array, of_mean: tuple[float, float], of_square: tuple[float, float]
    ) -> tuple[Array, Array]:
        """Return (m / c) / (sqrt(s / c') + epsilon) and its error, for corrections c and c' with relative errors."""
        epsilon = self.training.epsilon
        (mean_correction, mean_error), (square_correction, square_error) = of_mean, of_square
        above = 1 + _relative(_QUOTIENT_ROUNDINGS, self.u)
        above = above / (1 - mean_error) if mean_error < 1 else np.inf
        below = _relative(_ROOT_ROUNDINGS, self.u)

        def root(s: Array) -> Array:
            return np.sqrt(s / square_correction)

        denominator = root(self.s) + epsilon
        low_root = root(np.maximum(self.s - self.s_error, 0.0)) / np.sqrt(1 + square_error)
        high_root = root(self.s + self.s_error) / np.sqrt(max(1 - square_error, 0.0))
        least, greatest = (low_root + epsilon) / (1 + below), (high_root + epsilon) * (1 + below)
        size = np.abs(m)
        right = _ratio(size, mean_correction * denominator)
        highest = _ratio((size + e) * above, mean_correction * least)
        # where the sign of m is uncertain, the quotient may be as far below 0
        towards_zero = np.where(
            size > e,
            _ratio((size - e) / above, mean_correction * greatest),
            _ratio((size - e) * above, mean_correction * least),
        )
        return np.sign(m) * right, np.maximum(highest - right, right - towards_zero)


def _ratio(above: Array, below: Array) -> Array:
    """Return the quotient; 0 where the dividend is 0."""
    quotient: Array = np.divide(above, below, out=np.zeros_like(above), where=above != 0)
    return quotient


def _relative(count: int, u: float) -> float:
    """Return the relative error of so many roundings (Higham 2002, lemma 3.1)."""
    return count * u / (1 - count * u) if count * u < 1 else np.inf


def _rounding(b: float, u: float) -> float:
    """Return how far a setting is off when rounded to the arithmetic: by nothing if eight bits hold it."""
    if u <= OWN_ROUNDOFF or (b * 256).is_integer():
        return 0.0
    return u * b
