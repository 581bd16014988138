"""The hyperbolic tangent: exactly odd, never beyond 1, and never falling.

    tanh(x) = x + x^3 P(x^2)                          for |x| < 0.6
            = sign(x) (1 - 2 / (exp(2 |x|) + 1))      elsewhere

The first form keeps every digit of a small result; in the second only a small number is rounded before
it is taken from 1. P is a minimax fit of (tanh(x) - x) / x^3 on [0, 0.6], found by Remez exchange.
"""

from __future__ import annotations

from symtests.kernels.compiling.compile_policy import scalar_function
from symtests.kernels.elementary.exponential import exponential_plus_one
from symtests.kernels.machine.intrinsics import absolute, at_most, copy_sign, fused_multiply_add, polynomial, where_less

__all__ = ["tanh"]

_SINGLE = -0.333333, 0.13331924, -0.05378383, 0.020795975, -0.005895161
_DOUBLE = (
    -0.33333333333333126,
    0.1333333333329966,
    -0.05396825394929464,
    0.021869488002540814,
    -0.00886322677720257,
    0.003592037377545591,
    -0.0014552153551862384,
    0.000587188382453162,
    -0.00023039676680931644,
    7.931390135331381e-05,
    -1.717870096887725e-05,
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
