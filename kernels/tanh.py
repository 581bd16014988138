"""The hyperbolic tangent: exactly odd, never beyond 1, and never falling.

    tanh(x) = x + x^3 P(x^2)                          for |x| < 0.6
            = sign(x) (1 - 2 / (exp(2 |x|) + 1))      elsewhere

The first form keeps every digit of a small result; in the second only a small number is rounded before
it is taken from 1. P is a minimax fit of (tanh(x) - x) / x^3 on [0, 0.6], found by Remez exchange.
"""

from __future__ import annotations

from symtests.kernels.compile_policy import scalar_function
from symtests.kernels.exponential import exponential_plus_one
from symtests.kernels.intrinsics import absolute, at_most, copy_sign, fused_multiply_add, polynomial, where_less

__all__ = ["tanh"]

_SINGLE = -0.333333051, 0.133319931, -0.0537826289, 0.0207749859, -0.00585630703
_DOUBLE = (
    -0.333333333333331249, 0.133333333332996441, -0.0539682539492878821, 0.0218694880023982661,
    -0.00886322677543990898, 0.00359203736389996148, -0.0014552152870778102, 0.000587188163295442834,
    -0.00023039632752021638, 7.93134023419672913e-5, -1.71784555722609191e-5,
)
_SMALL = 0.6
_LARGEST = 20.0  # tanh(19.1) rounds to 1 in float64


@scalar_function
def tanh(x: float) -> float:
    """Return tanh(x)."""
    number = type(x)
    one, two = number(1.0), number(2.0)
    square = x * x
    small = fused_multiply_add(x * square, polynomial(square, _SINGLE, _DOUBLE), x)
    size = absolute(x)
    large = one - two / exponential_plus_one(two * at_most(size, number(_LARGEST)))
    return copy_sign(where_less(size, number(_SMALL), small, large), x)
