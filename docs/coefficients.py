"""Derives the coefficients of the kernels' elementary functions.

    python docs/coefficients.py             print the constants as they stand in the sources, and the error of each fit
    python docs/coefficients.py NAME ...    only these

Each is a minimax fit (`remez`) with 160 bits, rounded to the dtype at the end.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import mpmath
import numpy as np
from remez import Number, best_polynomial

__all__ = ["FITS", "Fit", "constants"]

PRECISION: Final = 160
_TINY: Final = 1e-20
"""Below, a quotient of two small numbers is its limit."""
_SMALL: Final = 1e-4
"""Below, numbers are written with an exponent."""


@dataclass(frozen=True)
class Fit:
    """A polynomial of the kernels: what it fits, and with which weight of its error.

    Parameters
    ----------
    function, weight
        Of one number of mpmath.
    low, high
        The interval, as functions without arguments: they are numbers of the precision in force.
    count
        How many coefficients.
    """

    function: Callable[[Number], Number]
    weight: Callable[[Number], Number]
    low: Callable[[], Number]
    high: Callable[[], Number]
    count: int

    def coefficients(self) -> tuple[list[Number], Number]:
        """Return the coefficients, of 160 bits, and the largest weighted error."""
        with mpmath.workprec(PRECISION):
            return best_polynomial(self.function, self.weight, self.low(), self.high(), self.count)


def _exponential_rest(r: Number) -> Number:
    return (mpmath.expm1(r) - r) / r**2 if abs(r) > _TINY else mpmath.mpf(1) / 2


def _tanh_rest(u: Number) -> Number:
    x = mpmath.sqrt(u)
    return (mpmath.tanh(x) / x - 1) / u if u > _TINY else -mpmath.mpf(1) / 3


def _tanh_weight(u: Number) -> Number:
    x = mpmath.sqrt(u)
    return u * x / mpmath.tanh(x) if u > _TINY else mpmath.mpf(0)


def _logarithm_rest(x: Number) -> Number:
    return (mpmath.log1p(x) - x) / x**2 if x > _TINY else -mpmath.mpf(1) / 2


def _logarithm_weight(x: Number) -> Number:
    return x**2 / mpmath.log1p(x) if x > _TINY else mpmath.mpf(0)


def _tail(v: Number, p: Number) -> Number:
    """R(a) / t at 2 t - 1 = v, where t = 1 / (1 + p a) and R(a) = Phi(-a) exp(a^2 / 2)."""
    t = (v + 1) / 2
    a = (1 / t - 1) / p
    return mpmath.erfc(a / mpmath.sqrt(2)) * mpmath.exp(a * a / 2) / (2 * t)


def _exponential_fit(count: int) -> Fit:
    def end() -> Number:
        return mpmath.ln2 / 2 * mpmath.mpf("1.002")  # beyond the border, as the quotient x / ln 2 is rounded

    return Fit(_exponential_rest, lambda r: r**2 / mpmath.exp(r), lambda: -end(), end, count)


def _tanh_fit(count: int) -> Fit:
    return Fit(_tanh_rest, _tanh_weight, lambda: mpmath.mpf(0), lambda: mpmath.mpf("0.6") ** 2, count)


def _logarithm_fit(count: int) -> Fit:
    return Fit(_logarithm_rest, _logarithm_weight, lambda: mpmath.mpf(0), lambda: mpmath.mpf(1), count)


def _tail_fit(p: float, largest: float, count: int) -> Fit:
    def low() -> Number:
        return 2 / (1 + mpmath.mpf(p) * largest) - 1

    return Fit(lambda v: _tail(v, p), lambda v: 1 / _tail(v, p), low, lambda: mpmath.mpf(1), count)


FITS: Final = {
    "exponential": (_exponential_fit(5), _exponential_fit(10)),
    "tanh": (_tanh_fit(5), _tanh_fit(11)),
    "logarithm": (_logarithm_fit(10), _logarithm_fit(21)),
    "normal_distribution": (_tail_fit(0.296875, 15.0, 10), _tail_fit(0.1875, 39.0, 23)),
}
"""By the name of the module: the fits of its ``_SINGLE``, for float32, and ``_DOUBLE``, for float64.

The weights make errors relative to what is computed in the end: exp(r), tanh(x), log(1 + x), R(a).
"""


def rounded(coefficients: list[Number], dtype: type[np.floating[Any]]) -> tuple[str, ...]:
    """Return the shortest decimals that are read as the coefficients, rounded to the dtype."""
    digits = np.finfo(dtype).precision + 8
    numbers = [dtype(mpmath.nstr(each, digits)) for each in coefficients]
    return tuple(
        np.format_float_positional(each, trim="-") if abs(each) > _SMALL else np.format_float_scientific(each, trim="-")
        for each in numbers
    )


def constants(module: str) -> dict[str, tuple[tuple[str, ...], float]]:
    """Return the constants of a module by name: their decimals, and the binary logarithm of the largest error."""
    found = {}
    for name, dtype, fit in zip(("_SINGLE", "_DOUBLE"), (np.float32, np.float64), FITS[module], strict=True):
        coefficients, error = fit.coefficients()
        found[name] = rounded(coefficients, dtype), float(mpmath.log(error, 2))
    return found


def main(modules: list[str]) -> None:
    """Print the constants of the modules."""
    for module in modules:
        for name, (decimals, error) in constants(module).items():
            print(f"# symtests.kernels.{module}: relative error at most 2^{error:.1f} before rounding")
            text = textwrap.fill(", ".join(decimals), 116, initial_indent="    ", subsequent_indent="    ")
            print(f"{name} = (\n{text},\n)\n")


if __name__ == "__main__":
    main(sys.argv[1:] or list(FITS))
