"""Polynomials whose largest weighted error on an interval is the smallest possible, by Remez exchange.

A polynomial with n coefficients is the best where its weighted error takes its largest size n + 1 times in turn, above
and below (Chebyshev 1854). Remez (1934): solve for the polynomial whose errors at n + 1 points have one size and
alternate, move those points to where its errors are largest, and repeat.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

import mpmath

__all__ = ["Number", "best_polynomial"]

Number: TypeAlias = Any
"""A number of mpmath."""
_POINTS: Final = 400
_ROUNDS: Final = 30
_ENOUGH: Final = 1.002
"""The largest error is this near to the smallest possible."""


def _value(coefficients: Sequence[Number], x: Number) -> Number:
    """Return c_0 + c_1 x + c_2 x^2 + ..., by Horner's rule."""
    result = mpmath.mpf(0)
    for coefficient in reversed(coefficients):
        result = result * x + coefficient
    return result


def best_polynomial(
    function: Callable[[Number], Number], weight: Callable[[Number], Number], low: Number, high: Number, count: int
) -> tuple[list[Number], Number]:
    """Return c_0, c_1, ... for which the largest |f(x) - c_0 - c_1 x - ...| w(x) is smallest, and that error.

    Parameters
    ----------
    function, weight
        f and w, of one number of mpmath.
    low, high
        The interval; it is looked at in 400 points, denser towards its ends (Chebyshev's).
    count
        How many coefficients.
    """
    middle, half = (mpmath.mpf(low) + high) / 2, (mpmath.mpf(high) - low) / 2
    x = [middle - half * mpmath.cos(mpmath.pi * i / (_POINTS - 1)) for i in range(_POINTS)]
    x = [each for each in x if weight(each) > 0]  # elsewhere no error counts
    wanted, weights = [function(each) for each in x], [weight(each) for each in x]
    chosen = [round((len(x) - 1) * i / count) for i in range(count + 1)]
    for _ in range(_ROUNDS):
        rows = [[x[i] ** k * weights[i] for k in range(count)] + [(-1) ** place] for place, i in enumerate(chosen)]
        solution = list(mpmath.lu_solve(mpmath.matrix(rows), mpmath.matrix([wanted[i] * weights[i] for i in chosen])))
        coefficients, smallest = solution[:count], abs(solution[count])
        errors = [(f - _value(coefficients, each)) * w for each, f, w in zip(x, wanted, weights, strict=True)]
        largest = max(map(abs, errors))
        if largest <= smallest * _ENOUGH:
            break
        chosen = _alternating(errors, count + 1)
    return coefficients, largest


def _alternating(errors: Sequence[Number], count: int) -> list[int]:
    """Return the places of so many of the largest errors, whose signs alternate."""
    places: list[int] = []
    for place, error in enumerate(errors):
        if not places or (error > 0) != (errors[places[-1]] > 0):
            places.append(place)
        elif abs(error) > abs(errors[places[-1]]):
            places[-1] = place
    while len(places) > count:
        sizes = [abs(errors[place]) for place in places]
        if len(places) == count + 1:
            del places[0 if sizes[0] < sizes[-1] else -1]
        else:  # two neighbours, so that the rest still alternates
            first = min(range(len(sizes) - 1), key=lambda i: max(sizes[i], sizes[i + 1]))
            del places[first : first + 2]
    assert len(places) == count, "the function is a polynomial already, or the precision is too low"
    return places
