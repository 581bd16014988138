"""The optimizers: what one step does with the gradient.

Each rule works on every parameter by itself, so that parameters with equal values, gradients and state
stay equal. The settings, and what is computed from settings alone (1 - b1, 1 - b2, 1 - b1^t, 1 - b2^t,
1 - eta weight_decay), are float64 numbers that are rounded once to the dtype of the parameters: in
float32 arithmetic 1 - 0.999 would keep only three digits.
"""

from __future__ import annotations

from typing import NamedTuple

from symtests.float_json import Array
from symtests.kernels.compiling.compile_policy import routine
from symtests.kernels.machine.intrinsics import fused_multiply_add, keep_apart, square_root
from symtests.network import OPTIMIZERS
from symtests.training import Training

__all__ = ["Settings", "settings_of", "update"]

# Compiled code knows an optimizer by its place in OPTIMIZERS.
_SGD = OPTIMIZERS.index("sgd")
_MOMENTUM = OPTIMIZERS.index("momentum")
_NESTEROV = OPTIMIZERS.index("nesterov")
_ADAM = OPTIMIZERS.index("adam")
_ADAMW = OPTIMIZERS.index("adamw")
_RMSPROP = OPTIMIZERS.index("rmsprop")
_ADAGRAD = OPTIMIZERS.index("adagrad")


class Settings(NamedTuple):
    """The place of the optimizer's name in OPTIMIZERS, and the settings of `symtests.training.Training`."""

    optimizer: int
    learning_rate: float
    momentum: float
    mean_decay: float
    square_decay: float
    epsilon: float
    weight_decay: float


def settings_of(training: Training) -> Settings:
    """Return the training in numbers."""
    return Settings(
        OPTIMIZERS.index(training.optimizer),
        training.learning_rate,
        training.momentum,
        training.mean_decay,
        training.square_decay,
        training.epsilon,
        training.weight_decay,
    )


@routine
def update(
    settings: Settings,
    mean_correction: float,
    square_correction: float,
    parameters: Array,
    gradient: Array,
    mean: Array,
    square: Array,
) -> None:
    """Take one step.

        sgd        theta <- fma(-eta, g, theta)
        momentum   v <- fma(mu, v, g);                      theta <- fma(-eta, v, theta)
        nesterov   v <- fma(mu, v, g);                      theta <- fma(-eta, fma(mu, v, g), theta)
        adam       m <- fma(1-b1, g, b1 m);  s <- fma(1-b2, g^2, b2 s)
                   theta <- fma(-eta, (m / (1-b1^t)) / (sqrt(s / (1-b2^t)) + epsilon), theta)
        adamw      theta <- (1 - eta weight_decay) theta, then as adam
        rmsprop    s <- fma(1-b2, g^2, b2 s);               theta <- fma(-eta, g / (sqrt(s) + epsilon), theta)
        adagrad    s <- fma(g, g, s);                       theta <- fma(-eta, g / (sqrt(s) + epsilon), theta)

    Parameters
    ----------
    settings
        Which rule, and its settings.
    mean_correction, square_correction
        1 - b1^t and 1 - b2^t.
    parameters
        theta, shape (n,); written.
    gradient
        g, shape (n,).
    mean, square
        The state, shape (n,), all 0 before the first step: v or m, and s; written.
    """
    keep_apart()
    number = type(parameters[0])
    optimizer = settings.optimizer
    if optimizer == _SGD:
        rate = number(-settings.learning_rate)
        for i in range(parameters.size):
            parameters[i] = fused_multiply_add(rate, gradient[i], parameters[i])
    elif optimizer == _MOMENTUM:
        _momentum(settings, parameters, gradient, mean)
    elif optimizer == _NESTEROV:
        _nesterov(settings, parameters, gradient, mean)
    elif optimizer == _ADAM:
        _adam(settings, mean_correction, square_correction, parameters, gradient, mean, square)
    elif optimizer == _ADAMW:
        decay = number(1.0 - settings.learning_rate * settings.weight_decay)
        for i in range(parameters.size):
            parameters[i] *= decay
        _adam(settings, mean_correction, square_correction, parameters, gradient, mean, square)
    elif optimizer == _RMSPROP:
        _rmsprop(settings, parameters, gradient, square)
    elif optimizer == _ADAGRAD:
        _adagrad(settings, parameters, gradient, square)


@routine
def _momentum(settings: Settings, parameters: Array, gradient: Array, velocity: Array) -> None:
    number = type(parameters[0])
    rate, momentum = number(-settings.learning_rate), number(settings.momentum)
    for i in range(parameters.size):
        velocity[i] = fused_multiply_add(momentum, velocity[i], gradient[i])
        parameters[i] = fused_multiply_add(rate, velocity[i], parameters[i])


@routine
def _nesterov(settings: Settings, parameters: Array, gradient: Array, velocity: Array) -> None:
    number = type(parameters[0])
    rate, momentum = number(-settings.learning_rate), number(settings.momentum)
    for i in range(parameters.size):
        velocity[i] = fused_multiply_add(momentum, velocity[i], gradient[i])
        ahead = fused_multiply_add(momentum, velocity[i], gradient[i])
        parameters[i] = fused_multiply_add(rate, ahead, parameters[i])


@routine
def _adam(
    settings: Settings,
    mean_correction: float,
    square_correction: float,
    parameters: Array,
    gradient: Array,
    mean: Array,
    square: Array,
) -> None:
    number = type(parameters[0])
    rate, epsilon = number(-settings.learning_rate), number(settings.epsilon)
    mean_kept, mean_new = number(settings.mean_decay), number(1.0 - settings.mean_decay)
    square_kept, square_new = number(settings.square_decay), number(1.0 - settings.square_decay)
    of_mean, of_square = number(mean_correction), number(square_correction)
    for i in range(parameters.size):
        g = gradient[i]
        m = fused_multiply_add(mean_new, g, mean_kept * mean[i])
        s = fused_multiply_add(square_new, g * g, square_kept * square[i])
        mean[i], square[i] = m, s
        step = (m / of_mean) / (square_root(s / of_square) + epsilon)
        parameters[i] = fused_multiply_add(rate, step, parameters[i])


@routine
def _rmsprop(settings: Settings, parameters: Array, gradient: Array, square: Array) -> None:
    number = type(parameters[0])
    rate, epsilon = number(-settings.learning_rate), number(settings.epsilon)
    kept, new = number(settings.square_decay), number(1.0 - settings.square_decay)
    for i in range(parameters.size):
        g = gradient[i]
        square[i] = fused_multiply_add(new, g * g, kept * square[i])
        parameters[i] = fused_multiply_add(rate, g / (square_root(square[i]) + epsilon), parameters[i])


@routine
def _adagrad(settings: Settings, parameters: Array, gradient: Array, square: Array) -> None:
    number = type(parameters[0])
    rate, epsilon = number(-settings.learning_rate), number(settings.epsilon)
    for i in range(parameters.size):
        g = gradient[i]
        square[i] = fused_multiply_add(g, g, square[i])
        parameters[i] = fused_multiply_add(rate, g / (square_root(square[i]) + epsilon), parameters[i])
