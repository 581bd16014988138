"""The words that violations of several properties share."""

from __future__ import annotations

from typing import Final

from symtests.model.activations import ACTIVATION_TABLE
from symtests.network import Network

__all__ = ["READ_GRADIENT", "assertion", "explained", "in_float32", "told_apart"]

READ_GRADIENT: Final = "g = Parameters(network, gradient(parameters))"
"""Line of a script after which ``g.weight(layer)`` and ``g.bias(layer)`` are the gradient."""


def explained(bound: float) -> str:
    """Return how much of a difference rounding explains, to be put behind a sentence; nothing where it is nothing."""
    return f"; rounding explains {bound:.3g}" if bound else ""


def in_float32(network: Network, dtype: str, found: float, right: float, bound: float) -> str:
    """Return, to be put behind a sentence, whether a difference in float64 is what float32 would leave; else nothing.

    A bound is proportional to the unit roundoff, to first order: that of float32 is 2^29 times as large. A difference
    that is much smaller than a digit of float32 has another cause.
    """
    apart = abs(float(found) - float(right))
    if dtype != "float64" or not max(bound, _LEAST_OF_FLOAT32 * abs(right)) < apart <= _FLOAT32 * bound:
        return ""
    functions = [name for name in dict.fromkeys(network.activations) if not ACTIVATION_TABLE[name].is_straight]
    functions += [f"the functions of {network.loss}"] * (network.loss != "mse")
    what = " or ".join(functions) or "sums, products or constants"
    return f"; the rounding of float32 would explain it, as where the accuracy of {what} is that of float32"


_FLOAT32: Final = 2.0**29
_LEAST_OF_FLOAT32: Final = 2.0**-36


def assertion(found: str, expected: str, bound: float) -> str:
    """Return the line of a script that asserts that two expressions are equal, or within the bound of each other."""
    if bound == 0:
        return f"assert {found} == {expected}, ({found}, {expected})"
    return f"assert abs(float({found}) - float({expected})) <= {bound!r}, ({found}, {expected})"


def told_apart(one: float, other: float) -> tuple[str, str]:
    """Write two numbers with as many digits as it takes to tell them apart, and six at least."""
    for digits in (6, 9, 12):
        words = f"{one:.{digits}g}", f"{other:.{digits}g}"
        if words[0] != words[1]:
            return words
    return repr(float(one)), repr(float(other))
