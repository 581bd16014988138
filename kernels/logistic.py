"""The logistic function and its integral, softplus."""

from __future__ import annotations

from symtests.kernels.compile_policy import scalar_function
from symtests.kernels.exponential import exponential
from symtests.kernels.intrinsics import absolute, at_least, fused_multiply_add, where_less
from symtests.kernels.logarithm import logarithm_of_one_plus_fraction

__all__ = ["logistic", "softplus"]


@scalar_function
def logistic(x: float) -> float:
    """Return 1 / (1 + exp(-x)).

    With e = exp(-|x|), which is at most 1, it is n / (1 + e), where n = 1 for x >= 0 and n = e below.
    What the rounding of 1 + e and of the quotient lost is added again: the residual
    n - q (1 + e), taken with two fused operations, divided by 1 + e.
    """
    number = type(x)
    one = number(1.0)
    e = exponential(-absolute(x))
    sum_ = one + e
    lost = e - (sum_ - one)
    numerator = where_less(x, number(0.0), e, one)
    reciprocal = one / sum_
    quotient = numerator * reciprocal
    residual = fused_multiply_add(-quotient, lost, fused_multiply_add(-quotient, sum_, numerator))
    return fused_multiply_add(residual, reciprocal, quotient)


@scalar_function
def softplus(x: float) -> float:
    """Return log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|))."""
    return at_least(x, type(x)(0.0)) + logarithm_of_one_plus_fraction(exponential(-absolute(x)))
