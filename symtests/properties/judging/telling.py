"""The words that breaches of several laws share."""

from __future__ import annotations

from typing import Final

__all__ = ["READ_GRADIENT", "assertion", "explained", "told_apart"]

READ_GRADIENT: Final = "g = Parameters(network, gradient(parameters))"
"""Line of a script after which ``g.weight(layer)`` and ``g.bias(layer)`` are the gradient."""


def explained(bound: float) -> str:
    """Return how much of a difference rounding explains, to be put behind a sentence; nothing where it is nothing."""
    return f"; rounding explains {bound:.3g}" if bound else ""


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
