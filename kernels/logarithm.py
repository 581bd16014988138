"""The logarithm of 1 + x, for the losses and for softplus.

The coefficients are minimax fits of (log(1 + x) - x) / x^2 on [0, 1], found by Remez exchange.
"""

from __future__ import annotations

from symtests.kernels.compile_policy import scalar_function
from symtests.kernels.intrinsics import (
    choose,
    exponent_field,
    fused_multiply_add,
    polynomial,
    significand,
    where_less,
)

__all__ = ["logarithm_of_one_plus", "logarithm_of_one_plus_fraction"]

_SINGLE = (
    -0.499999873, 0.333326899, -0.249885802, 0.19897939, -0.161293588, 0.12467169, -0.0830746533,
    0.0419818049, -0.0136316673, 0.00207298116,
)
_DOUBLE = (
    -0.49999999999999903, 0.33333333333313947, -0.24999999998631855, 0.199999999504357,
    -0.16666665578718075, 0.14285698376201111, -0.12499835224282638, 0.11109850102320151,
    -0.099926467097280256, 0.090574732197176319, -0.082126388916918706, 0.073414107725376622,
    -0.063109325768940753, 0.050390567036510626, -0.035877241452119564, 0.021808318235283052,
    -0.010807995941349509, 0.0041398717796804191, -0.0011396573423996772, 0.00019944961409918294,
    -1.6599115556836049e-5,
)
_LN2 = 0.6931471805599453
_BIAS_SINGLE, _BIAS_DOUBLE = 127.0, 1023.0


@scalar_function
def logarithm_of_one_plus_fraction(x: float) -> float:
    """Return log(1 + x) for 0 <= x <= 1."""
    return fused_multiply_add(x * x, polynomial(x, _SINGLE, _DOUBLE), x)


@scalar_function
def logarithm_of_one_plus(x: float) -> float:
    """Return log(1 + x) for x >= 0.

    From x = 1 on, 1 + x = 2^k f with f in [1, 2), and log(1 + x) = k ln 2 + log f: no term is negative,
    so nothing cancels.
    """
    number = type(x)
    one = number(1.0)
    sum_ = one + x
    k = exponent_field(sum_) - choose(x, _BIAS_SINGLE, _BIAS_DOUBLE)
    small = logarithm_of_one_plus_fraction(where_less(x, one, x, significand(sum_) - one))
    value = where_less(x, one, small, fused_multiply_add(k, choose(x, _LN2, _LN2), small))
    return where_less(x, number(float("inf")), value, x)  # bits of inf and NaN are no numbers
