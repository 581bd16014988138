"""Numbers that know how far rounding may have led them: exact decimals with a bound on the error of a computation.

The exact values have 60 digits and come from Python's `decimal`, which gives the same digits on every machine. The
errors follow the standard model of floating-point arithmetic, fl(a op b) = (a op b)(1 + d) with |d| <= u, for any order
of summation and with or without fused multiply-adds (N. Higham, Accuracy and Stability of Numerical Algorithms (2002),
chapters 2 and 3). Where all numbers lie on a coarse binary grid, nothing is rounded at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import Final

__all__ = ["Arithmetic", "Bounded", "precise"]

_DIGITS: Final = 60
_GRID: Final = Decimal(2) ** -10
_LARGEST_ON_GRID: Final = Decimal(2) ** 13
"""Multiples of `_GRID` below this need 23 bits: float32 holds them and their sums exactly."""


def precise() -> AbstractContextManager[Context]:
    """Return a context in which decimals have enough digits."""
    return localcontext(Context(prec=_DIGITS))


@dataclass(frozen=True)
class Bounded:
    """An exact value, and how far a computed one may be from it."""

    value: Decimal
    error: Decimal = Decimal(0)

    @property
    def reach(self) -> Decimal:
        """Largest size of a computed one."""
        return abs(self.value) + self.error


class Arithmetic:
    """Operations with errors.

    Parameters
    ----------
    unit_roundoff
        u, as in 2**-24.
    """

    def __init__(self, unit_roundoff: float) -> None:
        self.u = Decimal(unit_roundoff)

    def total(self, terms: Sequence[Bounded]) -> Bounded:
        """Return a sum in any order: |error| <= sum of errors + n u / (1 - n u) sum |terms|."""
        value = sum((term.value for term in terms), Decimal(0))
        size = sum((term.reach for term in terms), Decimal(0))
        error = sum((term.error for term in terms), Decimal(0))
        if error == 0 and size < _LARGEST_ON_GRID and all(_on_grid(term.value) for term in terms):
            return Bounded(value)
        n_u = len(terms) * self.u
        return Bounded(value, error + n_u / (1 - n_u) * size)

    def minus(self, a: Bounded, b: Bounded) -> Bounded:
        """Return a - b."""
        return self.total([a, Bounded(-b.value, b.error)])

    def times(self, a: Bounded, b: Bounded) -> Bounded:
        """Return a b."""
        value = a.value * b.value
        if a.error == b.error == 0 and _on_grid(value) and abs(value) < _LARGEST_ON_GRID:
            return Bounded(value)
        error = abs(a.value) * b.error + abs(b.value) * a.error + a.error * b.error
        return Bounded(value, error + self.u * (abs(value) + error))

    def over(self, a: Bounded, b: Bounded) -> Bounded:
        """Return a / b, or a times the reciprocal: two roundings."""
        value = a.value / b.value
        if a.error == b.error == 0 and _is_power_of_two(b.value) and _on_grid(value) and _on_grid(a.value):
            return Bounded(value)
        error = (a.error + abs(value) * b.error) / (abs(b.value) - b.error)
        return Bounded(value, error + 3 * self.u * (abs(value) + error))

    def root(self, a: Bounded) -> Bounded:
        """Return the square root."""
        value = a.value.sqrt()
        if a.error == 0 and a.value == 0:
            return a
        error = a.error / value if value else a.error.sqrt()
        return Bounded(value, error + self.u * (value + error))

    def mapped(self, value: Decimal, a: Bounded, slope: Decimal, roundings: Decimal) -> Bounded:
        """Return a function of a with this exact value: |error| <= slope error(a) + roundings u (1 + |value|).

        `slope` bounds the derivative of the function everywhere.
        """
        return Bounded(value, slope * a.error + roundings * self.u * (1 + abs(value)))


def _on_grid(value: Decimal) -> bool:
    return value % _GRID == 0


def _is_power_of_two(value: Decimal) -> bool:
    numerator, denominator = value.as_integer_ratio()
    return numerator > 0 and (numerator & (numerator - 1)) == 0 and (denominator & (denominator - 1)) == 0
