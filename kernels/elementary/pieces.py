"""Activations that are made of pieces: each is another formula below and above some place, where its slope may jump.

At a place where the slope jumps it is that from below for relu, leaky_relu and selu, and 0 for hard_tanh and
hard_sigmoid, as PyTorch has it.
"""

from __future__ import annotations

from symtests.kernels.compiling.compile_policy import scalar_function
from symtests.kernels.elementary.exponential import exponential, exponential_minus_one
from symtests.kernels.machine.intrinsics import absolute, at_least, at_most, copy_sign, where_less, where_nan
from symtests.model.activations import SELU_ALPHA, SELU_SCALE
from symtests.network import LEAKY_SLOPE

__all__ = [
    "elu",
    "elu_derivative",
    "hard_sigmoid",
    "hard_sigmoid_derivative",
    "hard_tanh",
    "hard_tanh_derivative",
    "leaky_relu",
    "leaky_relu_derivative",
    "relu",
    "relu_derivative",
    "selu",
    "selu_derivative",
    "softsign",
    "softsign_derivative",
]

_SELU_BELOW = SELU_SCALE * SELU_ALPHA
_FAR = 1e30  # a larger argument makes no difference, and an infinity would make inf / inf


@scalar_function
def relu(z: float) -> float:
    """Return max(z, 0)."""
    return at_least(z, type(z)(0.0))


@scalar_function
def relu_derivative(z: float) -> float:
    """Return 1 above zero, 0 at zero and below."""
    number = type(z)
    zero = number(0.0)
    return where_less(zero, z, number(1.0), where_nan(z, z, zero))


@scalar_function
def leaky_relu(z: float) -> float:
    """Return z above zero, slope z below."""
    number = type(z)
    return where_less(z, number(0.0), number(LEAKY_SLOPE) * z, z)


@scalar_function
def leaky_relu_derivative(z: float) -> float:
    """Return 1 above zero, the slope at zero and below."""
    number = type(z)
    return where_less(number(0.0), z, number(1.0), where_nan(z, z, number(LEAKY_SLOPE)))


@scalar_function
def elu(z: float) -> float:
    """Return z above zero, exp(z) - 1 below."""
    zero = type(z)(0.0)
    return where_less(z, zero, exponential_minus_one(at_most(z, zero)), z)


@scalar_function
def elu_derivative(z: float) -> float:
    """Return 1 above zero, exp(z) at zero and below."""
    number = type(z)
    return where_less(number(0.0), z, number(1.0), exponential(at_most(z, number(0.0))))


@scalar_function
def selu(z: float) -> float:
    """Return s z above zero, s alpha (exp(z) - 1) below."""
    number = type(z)
    zero = number(0.0)
    below = number(_SELU_BELOW) * exponential_minus_one(at_most(z, zero))
    return where_less(z, zero, below, number(SELU_SCALE) * z)


@scalar_function
def selu_derivative(z: float) -> float:
    """Return s above zero, s alpha exp(z) at zero and below."""
    number = type(z)
    below = number(_SELU_BELOW) * exponential(at_most(z, number(0.0)))
    return where_less(number(0.0), z, number(SELU_SCALE), below)


@scalar_function
def softsign(z: float) -> float:
    """Return z / (1 + |z|)."""
    number = type(z)
    a = at_most(absolute(z), number(_FAR))
    return copy_sign(a / (number(1.0) + a), z)


@scalar_function
def softsign_derivative(z: float) -> float:
    """Return 1 / (1 + |z|)^2."""
    number = type(z)
    reciprocal = number(1.0) / (number(1.0) + absolute(z))
    return reciprocal * reciprocal


@scalar_function
def hard_tanh(z: float) -> float:
    """Return z, but -1 below -1 and 1 above 1."""
    number = type(z)
    return at_most(at_least(z, number(-1.0)), number(1.0))


@scalar_function
def hard_tanh_derivative(z: float) -> float:
    """Return 1 between -1 and 1, 0 elsewhere."""
    number = type(z)
    return where_less(absolute(z), number(1.0), number(1.0), where_nan(z, z, number(0.0)))


@scalar_function
def hard_sigmoid(z: float) -> float:
    """Return (z + 3) / 6, but 0 below -3 and 1 above 3."""
    number = type(z)
    six = number(6.0)
    return at_most(at_least(z + number(3.0), number(0.0)), six) / six


@scalar_function
def hard_sigmoid_derivative(z: float) -> float:
    """Return 1/6 between -3 and 3, 0 elsewhere."""
    number = type(z)
    return where_less(absolute(z), number(3.0), number(1.0) / number(6.0), where_nan(z, z, number(0.0)))
