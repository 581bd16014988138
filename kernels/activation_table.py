"""The activations and their derivatives by name, for code that is written operation by operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from symtests.kernels.activations import (
    gelu,
    gelu_derivative,
    leaky_relu,
    leaky_relu_derivative,
    logistic_derivative,
    relu,
    relu_derivative,
    silu,
    silu_derivative,
    tanh_derivative,
)
from symtests.kernels.elementary.logistic import logistic, softplus
from symtests.kernels.elementary.tanh import tanh

__all__ = ["DERIVATIVE_BY_ACTIVATION", "DERIVATIVE_BY_PRE_ACTIVATION", "FUNCTIONS", "Function"]

Function = Callable[[float], float]

# The identity is in none of them.
FUNCTIONS: Final[dict[str, Function]] = {
    "logistic": logistic, "tanh": tanh, "relu": relu, "leaky_relu": leaky_relu, "softplus": softplus, "gelu": gelu,
    "silu": silu,
}  # fmt: skip
DERIVATIVE_BY_ACTIVATION: Final[dict[str, Function]] = {"logistic": logistic_derivative, "tanh": tanh_derivative}
DERIVATIVE_BY_PRE_ACTIVATION: Final[dict[str, Function]] = {
    "relu": relu_derivative, "leaky_relu": leaky_relu_derivative, "softplus": logistic, "gelu": gelu_derivative,
    "silu": silu_derivative,
}  # fmt: skip
