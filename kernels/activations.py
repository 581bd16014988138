"""The hidden activations and their derivatives.

Each is a branch-free function of one number, written with single rounded operations, selections and
bit changes alone: a number has the same result alone, in a vector register and in what is left over
behind the last full register. NaN stays NaN everywhere. tanh is exactly odd and never beyond 1.

Largest errors of a normal result, in units in its last place, over every float32 with
2^-11 <= |z| <= 2^7 and over 135,000 float64 values; gelu and silu hold them far into the tail. A
subnormal result is right to two units. Derivatives are right to 4 machine epsilons (of 1).

    ==========  =======  =======
    function    float32  float64
    ==========  =======  =======
    logistic    1.49     1.41
    tanh        1.34     1.29
    softplus    2.40     2.09
    gelu        5.95     4.62
    silu        3.35     2.73
    ==========  =======  =======

Of two neighbouring float32 values in that range, the larger never has the smaller logistic or tanh.
"""

from __future__ import annotations

from symtests.float_json import Array
from symtests.kernels.compile_policy import routine, scalar_function
from symtests.kernels.exponential import exponential, exponential_times
from symtests.kernels.intrinsics import absolute, at_least, at_most, fused_multiply_add, where_less, where_nan
from symtests.kernels.logistic import logistic, softplus
from symtests.kernels.normal_distribution import INVERSE_ROOT_OF_TWO_PI, gaussian, tail_ratio
from symtests.kernels.tanh import tanh
from symtests.network import ACTIVATIONS, LEAKY_SLOPE

__all__ = ["activate", "multiply_by_derivative"]

# Compiled code knows an activation by its place in ACTIVATIONS.
_IDENTITY = ACTIVATIONS.index("identity")
_LOGISTIC = ACTIVATIONS.index("logistic")
_TANH = ACTIVATIONS.index("tanh")
_RELU = ACTIVATIONS.index("relu")
_LEAKY_RELU = ACTIVATIONS.index("leaky_relu")
_SOFTPLUS = ACTIVATIONS.index("softplus")
_GELU = ACTIVATIONS.index("gelu")
_SILU = ACTIVATIONS.index("silu")

_FAR = 1000.0  # exp(-1000) is 0: a larger argument makes no difference, and an infinity would make 0 * inf


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
def gelu(z: float) -> float:
    """Return z Phi(z) = max(z, 0) - |z| Phi(-|z|)."""
    a = absolute(z)
    tail = at_most(a, type(z)(_FAR)) * tail_ratio(a) * gaussian(a)
    return at_least(z, type(z)(0.0)) - tail


@scalar_function
def gelu_derivative(z: float) -> float:
    """Return Phi(z) + z phi(z), which is exp(-a^2 / 2) (R(a) - a / sqrt(2 pi)) at -a, and 1 minus that at a."""
    number = type(z)
    a = absolute(z)
    ratio = fused_multiply_add(at_most(a, number(_FAR)), number(-INVERSE_ROOT_OF_TWO_PI), tail_ratio(a))
    left = gaussian(a) * ratio
    return where_less(z, number(0.0), left, number(1.0) - left)


@scalar_function
def silu(z: float) -> float:
    """Return z logistic(z) = max(z, 0) - |z| exp(-|z|) / (1 + exp(-|z|))."""
    number = type(z)
    a = at_most(absolute(z), number(_FAR))
    return at_least(z, number(0.0)) - exponential_times(a, -a) / (number(1.0) + exponential(-a))


@scalar_function
def silu_derivative(z: float) -> float:
    """Return s + z s (1 - s) with s = logistic(z).

    With e = exp(-a) it is (e - a e / (1 + e)) / (1 + e) at -a, and 1 minus that at a.
    """
    number = type(z)
    one = number(1.0)
    a = at_most(absolute(z), number(_FAR))
    e = exponential(-a)
    left = (e - exponential_times(a, -a) / (one + e)) / (one + e)
    return where_less(z, number(0.0), left, one - left)


@scalar_function
def tanh_derivative(a: float) -> float:
    """Return 1 - a^2 for a = tanh(z)."""
    return fused_multiply_add(-a, a, type(a)(1.0))


@scalar_function
def logistic_derivative(a: float) -> float:
    """Return a (1 - a) = a - a^2 for a = logistic(z)."""
    return fused_multiply_add(-a, a, a)


@routine
def activate(activation: int, z: Array, a: Array) -> None:
    """Write sigma(z) to a, both flat."""
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


@routine
def multiply_by_derivative(activation: int, z: Array, a: Array, error_signals: Array) -> None:
    """Multiply the error signals by sigma'(z), where a = sigma(z), all flat."""
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
