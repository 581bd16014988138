"""The hidden activations and their derivatives.

Each is a branch-free function of one number, written with single rounded operations, selections and
bit changes alone: a number has the same result alone, in a vector register and in what is left over
behind the last full register. NaN stays NaN everywhere. tanh is exactly odd and never beyond 1; of two
float32 values, the larger never has the smaller logistic or tanh.

tanh and logistic are right to 1.5 units in the last place, silu to 2, softplus and gelu to 2.5, at every
float32, subnormal results included; float64 softplus and gelu to 2.75 and 3.25. The derivatives are right
to 4 machine epsilons (of 1). The figures are in docs/elementary_functions.md. gelu and silu are max(z, 0)
minus a tail, and both factors of a tail keep their relative accuracy however small they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from symtests.float_json import Array
from symtests.kernels.compiling.compile_policy import entry_point, scalar_function
from symtests.kernels.elementary.exponential import exponential, exponential_times
from symtests.kernels.elementary.logistic import logistic, over_one_plus, softplus
from symtests.kernels.elementary.normal_distribution import (
    INVERSE_ROOT_OF_TWO_PI,
    gaussian_times,
    normal_tail_times,
    tail_ratio_times,
)
from symtests.kernels.elementary.pieces import (
    elu,
    elu_derivative,
    hard_sigmoid,
    hard_sigmoid_derivative,
    hard_tanh,
    hard_tanh_derivative,
    leaky_relu,
    leaky_relu_derivative,
    relu,
    relu_derivative,
    selu,
    selu_derivative,
    softsign,
    softsign_derivative,
)
from symtests.kernels.elementary.tanh import tanh
from symtests.kernels.machine.intrinsics import (
    absolute,
    at_least,
    at_most,
    fused_multiply_add,
    keep_apart,
    where_less,
)
from symtests.network import ACTIVATIONS

__all__ = [
    "DERIVATIVE_BY_ACTIVATION",
    "DERIVATIVE_BY_PRE_ACTIVATION",
    "FUNCTIONS",
    "activate",
    "multiply_by_derivative",
]

Function = Callable[[float], float]

# Compiled code knows an activation by its place in ACTIVATIONS.
_IDENTITY = ACTIVATIONS.index("identity")
_LOGISTIC = ACTIVATIONS.index("logistic")
_TANH = ACTIVATIONS.index("tanh")
_RELU = ACTIVATIONS.index("relu")
_LEAKY_RELU = ACTIVATIONS.index("leaky_relu")
_SOFTPLUS = ACTIVATIONS.index("softplus")
_GELU = ACTIVATIONS.index("gelu")
_SILU = ACTIVATIONS.index("silu")
_MISH = ACTIVATIONS.index("mish")
_ELU = ACTIVATIONS.index("elu")
_SELU = ACTIVATIONS.index("selu")
_SOFTSIGN = ACTIVATIONS.index("softsign")
_HARD_TANH = ACTIVATIONS.index("hard_tanh")
_HARD_SIGMOID = ACTIVATIONS.index("hard_sigmoid")

_FAR = 1000.0  # exp(-1000) is 0: a larger argument makes no difference, and an infinity would make 0 * inf


@scalar_function
def gelu(z: float) -> float:
    """Return z Phi(z) = max(z, 0) - |z| Phi(-|z|)."""
    number = type(z)
    a = at_most(absolute(z), number(_FAR))
    return at_least(z, number(0.0)) - normal_tail_times(a, a)


@scalar_function
def gelu_derivative(z: float) -> float:
    """Return Phi(z) + z phi(z), which is exp(-a^2 / 2) (R(a) - a / sqrt(2 pi)) at -a, and 1 minus that at a."""
    number = type(z)
    a = at_most(absolute(z), number(_FAR))
    ratio = fused_multiply_add(a, number(-INVERSE_ROOT_OF_TWO_PI), tail_ratio_times(number(1.0), a))
    left = gaussian_times(ratio, a)
    return where_less(z, number(0.0), left, number(1.0) - left)


@scalar_function
def silu(z: float) -> float:
    """Return z logistic(z) = max(z, 0) - |z| exp(-|z|) / (1 + exp(-|z|))."""
    number = type(z)
    a = at_most(absolute(z), number(_FAR))
    tail = over_one_plus(exponential_times(a, -a, number(-0.0)), exponential(-a))
    return at_least(z, number(0.0)) - tail


@scalar_function
def silu_derivative(z: float) -> float:
    """Return s + z s (1 - s) with s = logistic(z).

    With e = exp(-a) it is (e - a e / (1 + e)) / (1 + e) at -a, and 1 minus that at a.
    """
    number = type(z)
    one = number(1.0)
    a = at_most(absolute(z), number(_FAR))
    e = exponential(-a)
    left = over_one_plus(e - over_one_plus(exponential_times(a, -a, number(-0.0)), e), e)
    return where_less(z, number(0.0), left, one - left)


@scalar_function
def _mish_parts(z: float) -> tuple[float, float, float, float]:
    """Return a = |z|, e = exp(-a), and n and d with tanh(softplus(z)) = e n / d below 0, and 1 - e n / d above.

    With E = exp(z), tanh(log(1 + E)) = ((1 + E)^2 - 1) / ((1 + E)^2 + 1), which is e (e + 2) / (e (e + 2) + 2) for
    E = e, and 1 - 2 e^2 / (2 e (1 + e) + 1) for E = 1 / e.
    """
    number = type(z)
    zero, one, two = number(0.0), number(1.0), number(2.0)
    a = at_most(absolute(z), number(_FAR))
    e = exponential(-a)
    numerator = where_less(z, zero, e + two, two * e)
    denominator = where_less(z, zero, fused_multiply_add(e, e + two, two), fused_multiply_add(two * e, one + e, one))
    return a, e, numerator, denominator


@scalar_function
def mish(z: float) -> float:
    """Return z tanh(softplus(z)) = max(z, 0) - |z| e n / d, with e, n and d of `_mish_parts`."""
    number = type(z)
    a, _, numerator, denominator = _mish_parts(z)
    return at_least(z, number(0.0)) - exponential_times(a, -a, number(-0.0)) * (numerator / denominator)


@scalar_function
def mish_derivative(z: float) -> float:
    """Return t + z s (1 - t^2) with t = tanh(softplus(z)) and s = logistic(z).

    It is e n / d - 4 a e (1 + e) / d^2 below 0, and 1 - (e n / d - 4 a e^2 (1 + e) / d^2) above.
    """
    number = type(z)
    zero, one, four = number(0.0), number(1.0), number(4.0)
    a, e, numerator, denominator = _mish_parts(z)
    reciprocal = one / denominator
    product = four * a * e * (one + e)
    bent = where_less(z, zero, product, product * e)
    left = reciprocal * fused_multiply_add(-bent, reciprocal, e * numerator)
    return where_less(z, zero, left, one - left)


@scalar_function
def tanh_derivative(a: float) -> float:
    """Return 1 - a^2 for a = tanh(z)."""
    return fused_multiply_add(-a, a, type(a)(1.0))


@scalar_function
def logistic_derivative(a: float) -> float:
    """Return a (1 - a) = a - a^2 for a = logistic(z)."""
    return fused_multiply_add(-a, a, a)


# For code that is written operation by operation; the identity is in none of them.
FUNCTIONS: Final[dict[str, Function]] = {
    "logistic": logistic, "tanh": tanh, "relu": relu, "leaky_relu": leaky_relu, "softplus": softplus, "gelu": gelu,
    "silu": silu, "mish": mish, "elu": elu, "selu": selu, "softsign": softsign, "hard_tanh": hard_tanh,
    "hard_sigmoid": hard_sigmoid,
}  # fmt: skip
DERIVATIVE_BY_ACTIVATION: Final[dict[str, Function]] = {"logistic": logistic_derivative, "tanh": tanh_derivative}
DERIVATIVE_BY_PRE_ACTIVATION: Final[dict[str, Function]] = {
    "relu": relu_derivative, "leaky_relu": leaky_relu_derivative, "softplus": logistic, "gelu": gelu_derivative,
    "silu": silu_derivative, "mish": mish_derivative, "elu": elu_derivative, "selu": selu_derivative,
    "softsign": softsign_derivative, "hard_tanh": hard_tanh_derivative, "hard_sigmoid": hard_sigmoid_derivative,
}  # fmt: skip


@entry_point
def activate(activation: int, z: Array, a: Array) -> None:
    """Write sigma(z) to a, both flat."""
    keep_apart()
    if activation == _IDENTITY:
        for i in range(z.size):
            a[i] = z[i]
    elif activation == _LOGISTIC:
        for i in range(z.size):
            a[i] = logistic(z[i])
    elif activation == _TANH:
        for i in range(z.size):
            a[i] = tanh(z[i])
    elif activation == _RELU:
        for i in range(z.size):
            a[i] = relu(z[i])
    elif activation == _LEAKY_RELU:
        for i in range(z.size):
            a[i] = leaky_relu(z[i])
    elif activation == _SOFTPLUS:
        for i in range(z.size):
            a[i] = softplus(z[i])
    elif activation == _GELU:
        for i in range(z.size):
            a[i] = gelu(z[i])
    elif activation == _SILU:
        for i in range(z.size):
            a[i] = silu(z[i])
    elif activation == _MISH:
        for i in range(z.size):
            a[i] = mish(z[i])
    elif activation == _ELU:
        for i in range(z.size):
            a[i] = elu(z[i])
    elif activation == _SELU:
        for i in range(z.size):
            a[i] = selu(z[i])
    elif activation == _SOFTSIGN:
        for i in range(z.size):
            a[i] = softsign(z[i])
    elif activation == _HARD_TANH:
        for i in range(z.size):
            a[i] = hard_tanh(z[i])
    elif activation == _HARD_SIGMOID:
        for i in range(z.size):
            a[i] = hard_sigmoid(z[i])


@entry_point
def multiply_by_derivative(activation: int, z: Array, a: Array, error_signals: Array) -> None:
    """Multiply the error signals by sigma'(z), where a = sigma(z), all flat."""
    keep_apart()
    if activation == _LOGISTIC:
        for i in range(z.size):
            error_signals[i] *= logistic_derivative(a[i])
    elif activation == _TANH:
        for i in range(z.size):
            error_signals[i] *= tanh_derivative(a[i])
    elif activation == _RELU:
        for i in range(z.size):
            error_signals[i] *= relu_derivative(z[i])
    elif activation == _LEAKY_RELU:
        for i in range(z.size):
            error_signals[i] *= leaky_relu_derivative(z[i])
    elif activation == _SOFTPLUS:
        for i in range(z.size):
            error_signals[i] *= logistic(z[i])
    elif activation == _GELU:
        for i in range(z.size):
            error_signals[i] *= gelu_derivative(z[i])
    elif activation == _SILU:
        for i in range(z.size):
            error_signals[i] *= silu_derivative(z[i])
    elif activation == _MISH:
        for i in range(z.size):
            error_signals[i] *= mish_derivative(z[i])
    elif activation == _ELU:
        for i in range(z.size):
            error_signals[i] *= elu_derivative(z[i])
    elif activation == _SELU:
        for i in range(z.size):
            error_signals[i] *= selu_derivative(z[i])
    elif activation == _SOFTSIGN:
        for i in range(z.size):
            error_signals[i] *= softsign_derivative(z[i])
    elif activation == _HARD_TANH:
        for i in range(z.size):
            error_signals[i] *= hard_tanh_derivative(z[i])
    elif activation == _HARD_SIGMOID:
        for i in range(z.size):
            error_signals[i] *= hard_sigmoid_derivative(z[i])
