"""The exponential function, and the argument reduction that tanh shares.

With k the whole number nearest to x / ln 2,

    exp(x) = 2^k exp(r),    r = x - k ln 2 in [-ln 2 / 2, ln 2 / 2]

(Muller, Elementary Functions, 2016, section 11.1). Adding 1.5 * 2^p to a float with p bits behind the
leading one leaves no room for a fraction: the sum rounds to a whole number, which then stands in the
lowest bits. The coefficients are minimax fits of (exp(r) - 1 - r) / r^2, found by Remez exchange.
"""

from __future__ import annotations

from symtests.kernels.compiling.compile_policy import scalar_function
from symtests.kernels.machine.intrinsics import (
    at_least,
    at_most,
    choose,
    fused_multiply_add,
    polynomial,
    power_of_two,
    scale_by_power_of_two,
)

__all__ = ["exponential", "exponential_minus_one", "exponential_plus_one", "exponential_times"]

_SINGLE = 0.49999994, 0.1666652, 0.0416684, 0.008368851, 0.0013814312
_DOUBLE = (
    0.5000000000000011,
    0.16666666666666408,
    0.04166666666652813,
    0.008333333333497072,
    0.0013888888944244098,
    0.00019841269502423144,
    2.4801492392762887e-05,
    2.7557588697387624e-06,
    2.7630522109997736e-07,
    2.499977394228774e-08,
)

_LOG2_E = 1.4426950408889634
# ln 2 in two parts; the high part has so few bits that its product with k is exact.
_LN2_HIGH_SINGLE, _LN2_LOW_SINGLE = 0.693359375, -2.1219444005469057e-4
_LN2_HIGH_DOUBLE, _LN2_LOW_DOUBLE = float.fromhex("0x1.62e42fefa3800p-1"), float.fromhex("0x1.ef35793c76730p-45")
_ROUND_SINGLE, _ROUND_DOUBLE = 1.5 * 2.0**23, 1.5 * 2.0**52
_BIAS_SINGLE, _BIAS_DOUBLE = 127.0, 1023.0
# Below the first number 1000 exp(x) rounds to 0, above the second exp(x) rounds to infinity.
_LOWEST_SINGLE, _LOWEST_DOUBLE = -112.0, -755.0
_HIGHEST_SINGLE, _HIGHEST_DOUBLE = 89.0, 710.0


@scalar_function
def _reduce(x: float, zero: float) -> tuple[float, float]:
    """Return r = x - k ln 2, and t = zero + k."""
    t = fused_multiply_add(x, choose(x, _LOG2_E, _LOG2_E), zero)
    k = t - zero
    r = fused_multiply_add(-k, choose(x, _LN2_HIGH_SINGLE, _LN2_HIGH_DOUBLE), x)
    r = fused_multiply_add(-k, choose(x, _LN2_LOW_SINGLE, _LN2_LOW_DOUBLE), r)
    return r, t


@scalar_function
def _exponential_minus_one(r: float) -> float:
    """Return exp(r) - 1 for |r| <= ln 2 / 2."""
    return fused_multiply_add(r * r, polynomial(r, _SINGLE, _DOUBLE), r)


@scalar_function
def exponential_times(factor: float, x: float, low: float) -> float:
    """Return factor * exp(x + low), which keeps its accuracy where exp(x) alone would be subnormal.

    The factor is at most 1000, the low part at most a rounding error of x; -0.0 where there is none,
    since only adding that changes nothing, and so is left out by the compiler. With s = exp(r) - 1,
    factor * exp(r) = factor + factor * s takes a single rounding more than s.
    """
    zero = choose(x, _ROUND_SINGLE, _ROUND_DOUBLE)
    x = at_least(x, choose(x, _LOWEST_SINGLE, _LOWEST_DOUBLE))
    x = at_most(x, choose(x, _HIGHEST_SINGLE, _HIGHEST_DOUBLE))
    r, t = _reduce(x, zero)
    return scale_by_power_of_two(fused_multiply_add(factor, _exponential_minus_one(r + low), factor), t, zero)


@scalar_function
def exponential(x: float) -> float:
    """Return exp(x); 0 at -inf, inf at inf."""
    number = type(x)
    return exponential_times(number(1.0), x, number(-0.0))


@scalar_function
def exponential_minus_one(x: float) -> float:
    """Return exp(x) - 1 = 2^k (exp(r) - 1) + (2^k - 1), every digit of a small result kept, for x <= 0."""
    x = at_least(x, type(x)(-40.0))  # from where on exp(x) - 1 rounds to -1, in float64 too
    r, t = _reduce(x, choose(x, _ROUND_SINGLE + _BIAS_SINGLE, _ROUND_DOUBLE + _BIAS_DOUBLE))
    power = power_of_two(t)
    return fused_multiply_add(power, _exponential_minus_one(r), power - type(x)(1.0))


@scalar_function
def exponential_plus_one(x: float) -> float:
    """Return exp(x) + 1, rounded once at the end, for 0 <= x <= 40."""
    r, t = _reduce(x, choose(x, _ROUND_SINGLE + _BIAS_SINGLE, _ROUND_DOUBLE + _BIAS_DOUBLE))
    one = type(x)(1.0)
    return fused_multiply_add(_exponential_minus_one(r) + one, power_of_two(t), one)
