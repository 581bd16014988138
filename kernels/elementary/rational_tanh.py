"""A faster and less accurate hyperbolic tangent, for those who ask for it by name.

    tanh(x) = x P(x^2) / Q(x^2),     P of degree 5, Q of degree 4, for |x| <= 9.02, and constant beyond

It costs eleven operations, a division and two comparisons. Over all float32 values the largest error is 6 units in the
last place (float64 has no more digits of it than float32); it may exceed 1 by one unit, and of two neighbours the
larger may have the smaller result. The coefficients are a minimax fit, found by Remez exchange.
"""

from __future__ import annotations

from symtests.kernels.compiling.compile_policy import scalar_function
from symtests.kernels.machine.intrinsics import at_least, at_most, fused_multiply_add

__all__ = ["rational_logistic", "rational_tanh"]

_LARGEST = 9.02


@scalar_function
def rational_tanh(x: float) -> float:
    """Return tanh(x), nearly."""
    number = type(x)
    x = at_most(at_least(x, number(-_LARGEST)), number(_LARGEST))
    u = x * x
    p = fused_multiply_add(u, number(-1.13161848e-11), number(2.93589242e-8))
    p = fused_multiply_add(u, p, number(2.74928883e-5))
    p = fused_multiply_add(u, p, number(0.00384283382))
    p = fused_multiply_add(u, p, number(0.136596002))
    q = fused_multiply_add(u, number(1.25151742e-6), number(0.000389364757))
    q = fused_multiply_add(u, q, number(0.0271526245))
    q = fused_multiply_add(u, q, number(0.469929331))
    return x * fused_multiply_add(u, p, number(1.0)) / fused_multiply_add(u, q, number(1.0))


@scalar_function
def rational_logistic(x: float) -> float:
    """Return 1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2, nearly: with an error of 3 units in the last place of 1."""
    half = type(x)(0.5)
    return fused_multiply_add(half, rational_tanh(half * x), half)
