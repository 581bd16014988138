"""Two ways to add up rounding errors, behind one set of words.

certified
    Worst cases add. An error is a bound e >= |computed - exact|; k roundings of a value v add
    gamma_k |v| with gamma_k = k u / (1 - k u) (Higham 2002, Accuracy and Stability of Numerical
    Algorithms, lemma 3.1). True for every order of summation, blocked or not, fused or not.
statistical
    Independent roundings: an error is a variance, k roundings of v add k (u^2 / 3) v^2, the variance
    of errors spread evenly over [-u, u] (after Higham & Mary 2019, A new approach to probabilistic
    rounding error analysis). The tolerance is `DEVIATIONS` standard deviations: no proof, but for wide
    layers, whose worst case never happens, the only form that still sees a fault.

An error passes through y = c x as `weigh(c)` times itself: |c| or c^2. That is the whole difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

__all__ = ["DEVIATIONS", "ErrorModel", "Form", "underflow_of"]

Numbers = npt.NDArray[Any]
Form = Literal["certified", "statistical"]

DEVIATIONS: Final = 8.0
"""Standard deviations that the statistical tolerance allows: one alarm in 10^15 for a normal error."""

LOST: Final = 2.0**-490
"""Errors so small, on their way too, that their variances underflow."""


def underflow_of(unit_roundoff: float) -> float:
    """Return the largest absolute error of an operation whose result is too small for the dtype.

    That is the smallest normal number, as some arithmetics flush what lies below it to 0. Half precision
    is always gradual: half its smallest subnormal number.
    """
    if unit_roundoff <= 2.0**-53:
        return 2.0**-1022
    return 2.0**-25 if unit_roundoff == 2.0**-11 else 2.0**-126  # float16; float32 and bfloat16


@dataclass(frozen=True)
class ErrorModel:
    """How errors are weighed and added, for an arithmetic with one unit roundoff.

    Parameters
    ----------
    form
        Which of the two.
    unit_roundoff
        u: the largest relative error of one operation.
    """

    form: Form
    unit_roundoff: float

    def weigh(self, coefficient: Numbers) -> Numbers:
        """Return what multiplies an error that passes through a product with `coefficient`."""
        if self.form == "certified":
            return np.abs(coefficient)
        return coefficient * coefficient

    def roundings(self, count: int) -> float:
        """Return what `count` roundings of a value add, as a multiple of the weighed value."""
        k = count * self.unit_roundoff
        if self.form == "certified":
            return k / (1 - k) if k < 1 else np.inf
        return k * self.unit_roundoff / 3

    def relative(self, ulps: float) -> float:
        """Return what one relative error of up to `ulps` unit roundoffs adds, as a multiple of the weighed value."""
        k = ulps * self.unit_roundoff
        return k if self.form == "certified" else k * k / 3

    def underflows(self, count: float = 1.0) -> float:
        """Return what `count` underflows add; they are no accidents, so that even statistically they add up."""
        total = count * underflow_of(self.unit_roundoff)
        return total if self.form == "certified" else total * total

    def dot(self, a: Numbers, error_a: Numbers, b: Numbers, error_b: Numbers | None = None, extra: int = 2) -> Numbers:
        """Return the error of every element of a @ b, in any order of summation; b is exact unless it has an error.

        With inner length n, each product meets at most n roundings, and `extra` more for scalings
        that may be applied before or after the sum:

            e = e_a |b| + (|a| + e_a) e_b + gamma_{n+extra} (|a| + e_a)(|b| + e_b) + (n + extra) underflow
        """
        weight_a, weight_b = self.weigh(a), self.weigh(b)
        error, whole = error_a @ weight_b, (weight_a + error_a) @ weight_b
        if error_b is not None:
            more = (weight_a + error_a) @ error_b
            error, whole = error + more, whole + more
        return error + self._sum_rounding(a, b, whole, extra)

    def dot_rounding(self, a: Numbers, b: Numbers, extra: int = 2, equal_terms: int = 1) -> Numbers:
        """Return the error of a @ b where both are exact and up to so many terms of a sum are equal."""
        return self._sum_rounding(a, b, self.weigh(a) @ self.weigh(b), extra, equal_terms)

    def _sum_rounding(self, a: Numbers, b: Numbers, whole: Numbers, extra: int, equal_terms: int = 1) -> Numbers:
        """Return what the roundings of a sum add, given the sum of its weighed terms; a sum of zeros is exact.

        Statistically, it is the partial sums that are rounded. In random order they are as large as the
        root of the sum of squares; but terms may have one sign, or come sorted by sign. And where m terms
        are equal, adding one more makes the same error again and again: m u of the partial sum at most.
        """
        terms = a.shape[-1]
        underflows = self.underflows(terms + extra) * (whole > 0)
        if self.form == "statistical":
            partial_sum = _largest_partial_sum(a, b)
            again = (equal_terms * self.unit_roundoff / DEVIATIONS * partial_sum) ** 2
            return np.maximum(self.roundings(terms + extra) * (whole + partial_sum**2), again) + underflows
        return self.roundings(terms + extra) * whole + underflows

    def product(self, a: Numbers, error_a: Numbers, b: Numbers, error_b: Numbers, count: int = 1) -> Numbers:
        """Return the error of a * b, element by element, with `count` roundings of the result."""
        weight_a, weight_b = self.weigh(a), self.weigh(b)
        moved = error_a * weight_b + (weight_a + error_a) * error_b
        whole = weight_a * weight_b + moved
        return moved + self.roundings(count) * whole + self.underflows(count) * (whole > 0)

    def reach(self, error: Numbers) -> Numbers:
        """Return how far a value may lie from the exact one: the tolerance of it."""
        return error if self.form == "certified" else DEVIATIONS * np.sqrt(error) + LOST


def _largest_partial_sum(a: Numbers, b: Numbers) -> Numbers:
    """Return the largest size of the sum of the first quarter, half, three quarters and all of the terms of a @ b."""
    quarters = [k * a.shape[1] // 4 for k in range(5)]
    partial_sum = largest = np.zeros((a.shape[0], b.shape[1]))
    for start, stop in pairwise(quarters):
        partial_sum = partial_sum + a[:, start:stop] @ b[start:stop]
        largest = np.maximum(largest, np.abs(partial_sum))
    return largest
