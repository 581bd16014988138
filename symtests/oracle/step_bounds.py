"""How far rounding may lead the parameters in one step, and a gradient that is recovered from one.

From a fresh state the first step of every optimizer is theta' = theta - rate q(g) with a q that grows
with g, so an error e of g moves it by at most the larger of q(g + e) - q(g) and q(g) - q(g - e). What
the usual programs round on the way comes on top of it.
"""

from __future__ import annotations

import math

import numpy as np

from symtests.float_json import Array
from symtests.oracle.error_bounds import OWN_ROUNDOFF, Expectation
from symtests.oracle.error_model import underflow_of
from symtests.parameters import Parameters
from symtests.training import Training
from symtests.validation import InvalidValue

__all__ = ["recovered_tolerance", "step_tolerance"]


def recovered_tolerance(
    expected: Expectation, parameters: Parameters, rate: float, unit_roundoff: float, found: Array | None = None
) -> Array:
    """Return the tolerance of a gradient recovered from one plain step, (theta - theta') / rate.

        theta' = fl(theta - fl(rate g)):  the rate, the product, the update, the last difference and its
        division are rounded, and the product may underflow:
        e = e_g + u [6 (|g| + e_g) + 2 |theta| / rate] + underflow / rate

    Parameters
    ----------
    expected
        What `expect` returned for the same question.
    parameters
        Those before the step.
    rate
        Learning rate of the step.
    unit_roundoff
        u of the implementation.
    found
        The gradient that was recovered, shape (n,): what was rounded is as large as this, where that is larger than
        the right one.
    """
    e = expected.gradient_tolerance
    size = np.abs(expected.gradient.vector) + e
    if found is not None:
        size = np.fmax(size, np.abs(found.astype(np.float64)))
    rounded: Array = e + unit_roundoff * (6 * size + 2 * np.abs(parameters.vector.astype(np.float64)) / rate)
    return rounded + np.where(size > 0, underflow_of(unit_roundoff) / rate, 0.0)


def step_tolerance(expected: Expectation, parameters: Parameters, training: Training, unit_roundoff: float) -> Array:
    """Return the tolerance of the parameters after one step from a fresh optimizer state, shape (n,).

    sgd and momentum move by rate g, nesterov by rate (1 + mu) g, the others by rate g / (w |g| + epsilon) with
    w = sqrt(1 - b2) for rmsprop and 1 else. Far above epsilon, the size of g hardly matters to these; but where its
    error hides its sign, they are uncertain by up to 2 rate / w.

    Parameters
    ----------
    expected
        What `expect` returned for the same question.
    parameters
        Those before the step.
    training
        One step of any optimizer; its settings may be rounded to the implementation's dtype.
    unit_roundoff
        u of the implementation.

    Raises
    ------
    InvalidValue
        Where the training has another number of steps.
    """
    if training.steps != 1:
        raise InvalidValue(f"steps={training.steps}: a step tolerance is that of one step; use training.with_steps(1)")
    u, rate = unit_roundoff, training.learning_rate
    theta = np.abs(parameters.vector.astype(np.float64))
    with np.errstate(all="ignore"):
        size, error = _direction_errors(expected.gradient.vector, expected.gradient_tolerance, training, u)
        # the rate, its product (or quotient) and the difference are rounded
        step = rate * (size + error)
        moved = rate * error + _grown(u, u, u) * step + np.where(step > 0, underflow_of(u) + u * theta, 0.0)
        # adamw: theta (1 - rate decay), or theta - rate decay theta
        decay = rate * training.weight_decay
        decayed = np.where(theta > 0, u * theta * (3 + 6 * decay) + underflow_of(u), 0.0) if decay else 0.0
        tolerance: Array = (moved + decayed) * (1 + OWN_ROUNDOFF / u)
    return tolerance


def _direction_errors(g: Array, e: Array, training: Training, u: float) -> tuple[Array, Array]:
    """Return the size of the direction q that the first step takes, and its error."""
    if training.optimizer in ("sgd", "momentum"):
        return np.abs(g), e
    if training.optimizer == "nesterov":  # g + mu g, or (1 + mu) g
        factor = 1 + training.momentum
        return factor * np.abs(g), factor * (e + _grown(u, u, u) * (np.abs(g) + e))
    return _scaled_direction_errors(g, e, training, u)


def _scaled_direction_errors(g: Array, e: Array, training: Training, u: float) -> tuple[Array, Array]:
    """Return size and error of q(g) = g / (w |g| + epsilon), computed from running means in some usual way."""
    b1, b2, epsilon = training.mean_decay, training.square_decay, training.epsilon
    underflow = underflow_of(u)
    if training.optimizer == "adagrad":  # s = g^2
        w, mean, root, lost_mean, lost_square = 1.0, 0.0, _grown(u), 0.0, underflow
    elif training.optimizer == "rmsprop":  # s = (1 - b2) g^2
        w, mean, lost_mean, lost_square = math.sqrt(1 - b2), 0.0, 0.0, 2 * underflow
        root = _grown(u, u, _complement(b2, u))
    else:  # m = (1 - b1) g and s = (1 - b2) g^2, divided by 1 - b1^t and 1 - b2^t
        w, lost_mean, lost_square = 1.0, 2 * underflow / (1 - b1), 3 * underflow / (1 - b2)
        mean = _grown(u, u, _complement(b1, u), _power_complement(b1, u))
        # either the root of a quotient or the quotient of two roots, each rounded
        root = _grown(u, u, u, _complement(b2, u), _power_complement(b2, u))
    root = math.sqrt(1 + root) * (1 + _grown(u, u, u)) - 1
    least = np.maximum(np.abs(g) - e, 0.0)
    lost_root = np.minimum(math.sqrt(lost_square), lost_square / np.maximum(w * least, 1e-300))
    below = w * least + epsilon
    denominator = root + lost_root / below + 2 * u  # epsilon and the sum are rounded too

    def q(gradient: Array) -> Array:
        with_sign: Array = np.divide(
            gradient, w * np.abs(gradient) + epsilon, out=np.zeros_like(gradient), where=gradient != 0
        )
        return with_sign

    size = np.abs(q(g))
    moved = np.maximum(q(g + e) - q(g), q(g) - q(g - e))
    quotient = _grown(u, u)  # or a reciprocal and a product
    relative = np.where(denominator < 1, (1 + mean) * (1 + quotient) / (1 - denominator) - 1, np.inf)
    rounded = relative * (size + moved) + lost_mean / below
    return size, moved + np.where(size + moved > 0, rounded, 0.0)


def _complement(b: float, u: float) -> float:
    """Return the relative error of 1 - b where b is rounded to the dtype first."""
    return u + _rounding(b, u) / (1 - b)


def _power_complement(b: float, u: float) -> float:
    """Return the relative error of 1 - b^t for t = 1, the power being off by up to one ulp."""
    return u + (_rounding(b, u) + 2 * u * b) / (1 - b)


def _rounding(b: float, u: float) -> float:
    """Return how far b is off when rounded to the dtype with this unit roundoff."""
    if u <= OWN_ROUNDOFF:
        return 0.0
    return abs(float(np.float32(b)) - b) if u == 2.0**-24 else u * b


def _grown(*errors: float) -> float:
    """Return the relative error of a product of factors and divisors with these relative errors."""
    return math.prod(1 / (1 - error) if error < 1 else math.inf for error in errors) - 1
