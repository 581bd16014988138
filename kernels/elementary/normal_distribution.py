"""The normal distribution, which gelu is made of.

For a >= 0, with Phi its distribution function,

    Phi(-a) = exp(-a^2 / 2) R(a),        R(a) = t P(2 t - 1),        t = 1 / (1 + p a)

R falls slowly, so that both factors keep their relative accuracy far into the tail, where the textbook
form (1 + erf(x / sqrt 2)) / 2 has nothing left but rounding errors. P is a minimax fit, found by Remez
exchange, of R(a) / t relative to R(a), over all a at which the result is above zero.
"""

from __future__ import annotations

from symtests.kernels.compiling.compile_policy import scalar_function
from symtests.kernels.elementary.exponential import exponential_times
from symtests.kernels.machine.intrinsics import at_most, choose, fused_multiply_add, polynomial

__all__ = ["INVERSE_ROOT_OF_TWO_PI", "gaussian_times", "normal_tail", "normal_tail_times", "tail_ratio_times"]

INVERSE_ROOT_OF_TWO_PI = 0.3989422804014327

_SINGLE = (
    0.21995366,
    0.16396567,
    0.08736931,
    0.028933186,
    0.002461021,
    -0.002336848,
    -0.00065156206,
    0.0002564728,
    8.876054e-05,
    -3.9663428e-05,
)
_DOUBLE = (
    0.1448195141384369,
    0.12732788566104924,
    0.09806436900738041,
    0.06561980730445338,
    0.037591567335213606,
    0.01795881332658597,
    0.006797229373833887,
    0.0017950125664275983,
    0.0001728515333301317,
    -0.00010047155512833994,
    -4.919901561975922e-05,
    -3.059872023215632e-06,
    4.859663509754131e-06,
    1.3808353422619209e-06,
    -3.7714734391120735e-07,
    -2.389612196364758e-07,
    2.558867160446807e-08,
    3.675847068108825e-08,
    -2.0851933216505515e-09,
    -5.457949934929611e-09,
    5.36048799822057e-10,
    6.080732936117547e-10,
    -1.423494206877153e-10,
)
_P_SINGLE, _P_DOUBLE = 0.296875, 0.1875
# exp(-a^2 / 2) rounds to 0 above.
_LARGEST_SINGLE, _LARGEST_DOUBLE = 15.0, 39.0


@scalar_function
def gaussian_times(factor: float, a: float) -> float:
    """Return factor * exp(-a^2 / 2) for a >= 0.

    The rounding error of a^2 would be multiplied by the exponential: it is taken with a fused operation,
    a^2 = h + l, and passed on. The factor is at most 1000.
    """
    minus_half = type(a)(-0.5)
    a = at_most(a, choose(a, _LARGEST_SINGLE, _LARGEST_DOUBLE))
    high = a * a
    low = fused_multiply_add(a, a, -high)
    return exponential_times(factor, minus_half * high, minus_half * low)


@scalar_function
def tail_ratio_times(factor: float, a: float) -> float:
    """Return factor * R(a), R(a) = Phi(-a) / exp(-a^2 / 2), for a >= 0.

    R changes up to four times as fast as t, relatively, so that the rounding errors of 1 + p a and of
    the quotient would show: what they lost is found with fused operations and added to 2 t - 1. So it is
    with factor * t.
    """
    one, two = type(a)(1.0), type(a)(2.0)
    a = at_most(a, choose(a, _LARGEST_SINGLE, _LARGEST_DOUBLE))
    p = choose(a, _P_SINGLE, _P_DOUBLE)
    sum_ = fused_multiply_add(p, a, one)
    lost = fused_multiply_add(p, a, one - sum_)
    t = one / sum_
    c_0, c_1 = choose(a, _SINGLE[0], _DOUBLE[0]), choose(a, _SINGLE[1], _DOUBLE[1])
    error = t * fused_multiply_add(-t, lost, fused_multiply_add(-t, sum_, one))
    place = fused_multiply_add(two, error, fused_multiply_add(two, t, -one))
    first = fused_multiply_add(c_1, place, c_0)
    square = place * place
    rest = polynomial(place, _SINGLE[2:], _DOUBLE[2:])
    value = fused_multiply_add(square, rest, first)
    lost = fused_multiply_add(square, rest, first - value) + fused_multiply_add(c_1, place, c_0 - first)
    high = factor * t
    low = fused_multiply_add(factor, error, fused_multiply_add(factor, t, -high))
    return fused_multiply_add(high, value, fused_multiply_add(high, lost, low * value))


@scalar_function
def normal_tail_times(factor: float, a: float) -> float:
    """Return factor * Phi(-a) for a >= 0; the factor is at most 1000."""
    return gaussian_times(tail_ratio_times(factor, a), a)


@scalar_function
def normal_tail(a: float) -> float:
    """Return Phi(-a) for a >= 0."""
    return normal_tail_times(type(a)(1.0), a)
