"""The logarithm of 1 + x, for the losses and for softplus.

The coefficients are minimax fits of (log(1 + x) - x) / x^2 on [0, 1], found by Remez exchange.
"""

from __future__ import annotations

from symtests.kernels.compiling.compile_policy import scalar_function
from symtests.kernels.machine.intrinsics import (
    choose,
    exponent_field,
    fused_multiply_add,
    polynomial,
    significand,
    where_less,
)

__all__ = ["logarithm_of_one_plus", "logarithm_of_one_plus_fraction"]

_SINGLE = (
    -0.49999988,
    0.3333269,
    -0.2498858,
    0.19897938,
    -0.16129354,
    0.12467156,
    -0.083074495,
    0.041981686,
    -0.013631619,
    0.0020729727,
)
_DOUBLE = (
    -0.499999999999999,
    0.33333333333313947,
    -0.24999999998631856,
    0.199999999504357,
    -0.16666665578718073,
    0.1428569837620111,
    -0.12499835224282638,
    0.11109850102320151,
    -0.09992646709728026,
    0.09057473219717632,
    -0.0821263889169187,
    0.07341410772537663,
    -0.06310932576894075,
    0.050390567036510625,
    -0.03587724145211956,
    0.02180831823528305,
    -0.01080799594134951,
    0.004139871779680419,
    -0.0011396573423996773,
    0.00019944961409918294,
    -1.6599115556836047e-05,
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
