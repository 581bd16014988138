"""The normal distribution, which gelu is made of.

For a >= 0, with Phi its distribution function,

    Phi(-a) = exp(-a^2 / 2) R(a),        R(a) = t P(2 t - 1),        t = 1 / (1 + p a)

R falls slowly, so that both factors keep their relative accuracy far into the tail, where the textbook
form (1 + erf(x / sqrt 2)) / 2 has nothing left but rounding errors. P is a minimax fit, found by Remez
exchange, of R(a) / t relative to R(a), over all a at which the result is above zero.
"""

from __future__ import annotations

from symtests.kernels.compile_policy import scalar_function
from symtests.kernels.exponential import exponential
from symtests.kernels.intrinsics import at_most, choose, fused_multiply_add, polynomial

__all__ = ["INVERSE_ROOT_OF_TWO_PI", "gaussian", "tail_ratio"]

INVERSE_ROOT_OF_TWO_PI = 0.3989422804014327

_SINGLE = (
    0.219953658, 0.163965671, 0.0873693055, 0.0289331855, 0.00246102115, -0.00233684809, -0.000651562316,
    0.00025647296, 8.87607468e-5, -3.96635842e-5,
)
_DOUBLE = (
    0.14481951413843691, 0.12732788566104924, 0.098064369007380412, 0.065619807304453388,
    0.037591567335213589, 0.017958813326585969, 0.0067972293738341281, 0.0017950125664275497,
    0.00017285153332798626, -0.00010047155512747368, -4.9199015608728225e-5, -3.0598720295817827e-6,
    4.8596634749017233e-6, 1.3808353683067579e-6, -3.7714727586354462e-7, -2.3896128337655314e-7,
    2.5588594147682925e-8, 3.6758563570902862e-8, -2.0851522176358948e-9, -5.458024374289136e-9,
    5.3605050012030161e-10, 6.0809856228639739e-10, -1.4235755131253342e-10,
)
_P_SINGLE, _P_DOUBLE = 0.296875, 0.1875
# exp(-a^2 / 2) rounds to 0 above.
_LARGEST_SINGLE, _LARGEST_DOUBLE = 15.0, 39.0


@scalar_function
def gaussian(a: float) -> float:
    """Return exp(-a^2 / 2) for a >= 0.

    The rounding error of a^2 would be multiplied by the exponential: it is taken with a fused
    operation, exp(-(h + l) / 2) = exp(-h / 2) (1 - l / 2) to the last digit.
    """
    minus_half = type(a)(-0.5)
    a = at_most(a, choose(a, _LARGEST_SINGLE, _LARGEST_DOUBLE))
    high = a * a
    low = fused_multiply_add(a, a, -high)
    value = exponential(minus_half * high)
    return fused_multiply_add(value, minus_half * low, value)


@scalar_function
def tail_ratio(a: float) -> float:
    """Return R(a) = Phi(-a) / exp(-a^2 / 2) for a >= 0.

    R changes up to four times as fast as t, relatively, so that the rounding errors of 1 + p a and of
    the quotient would show: what they lost is found with fused operations and added to 2 t - 1.
    """
    one, two = type(a)(1.0), type(a)(2.0)
    a = at_most(a, choose(a, _LARGEST_SINGLE, _LARGEST_DOUBLE))
    p = choose(a, _P_SINGLE, _P_DOUBLE)
    sum_ = fused_multiply_add(p, a, one)
    lost = fused_multiply_add(p, a, one - sum_)
    t = one / sum_
    error = t * fused_multiply_add(-t, lost, fused_multiply_add(-t, sum_, one))
    place = fused_multiply_add(two, error, fused_multiply_add(two, t, -one))
    return (t + error) * polynomial(place, _SINGLE, _DOUBLE)
