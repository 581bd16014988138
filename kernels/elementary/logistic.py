"""The logistic function and its integral, softplus."""

from __future__ import annotations

from symtests.kernels.compiling.compile_policy import scalar_function
from symtests.kernels.elementary.exponential import exponential
from symtests.kernels.elementary.logarithm import logarithm_of_one_plus_fraction
from symtests.kernels.machine.intrinsics import absolute, at_least, fused_multiply_add, where_less

__all__ = ["logistic", "over_one_plus", "softplus"]


@scalar_function
def over_one_plus(numerator: float, e: float) -> float:
    """Return numerator / (1 + e) for 0 <= e <= 1, almost correctly rounded.

    What the rounding of 1 + e and of the quotient q lost is added again: the residual
    numerator - q (1 + e), taken with two fused operations, divided by 1 + e.
    """
    one = type(e)(1.0)
    sum_ = one + e
    lost = e - (sum_ - one)
    reciprocal = one / sum_
    quotient = numerator * reciprocal
    residual = fused_multiply_add(-quotient, lost, fused_multiply_add(-quotient, sum_, numerator))
    return fused_multiply_add(residual, reciprocal, quotient)


@scalar_function
def logistic(x: float) -> float:
    """Return 1 / (1 + exp(-x)).

    With e = exp(-|x|), which is at most 1, it is 1 / (1 + e) for x >= 0 and e / (1 + e) below.
    """
    number = type(x)
    e = exponential(-absolute(x))
    return over_one_plus(where_less(x, number(0.0), e, number(1.0)), e)


@scalar_function
def softplus(x: float) -> float:
    """Return log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|))."""
    return at_least(x, type(x)(0.0)) + logarithm_of_one_plus_fraction(exponential(-absolute(x)))
