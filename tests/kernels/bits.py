"""Comparing bits, and arithmetic that is rounded once, for the tests of the kernels."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])

Numbers: TypeAlias = npt.NDArray[Any]
Dtype: TypeAlias = type[np.floating[Any]]

DTYPES: Final[tuple[Dtype, ...]] = (np.float32, np.float64)


def from_python(routine: Function) -> Function:
    """A function that Python can call, and that calls a routine that only kernels can call."""

    def call(*arguments):  # Numba finds the types
        return routine(*arguments)

    without_reference_counts: dict[str, Any] = {"_nrt": False}  # which Numba leaves out of its types
    compiled: Function = njit(**without_reference_counts)(call)
    return compiled


def same_bits(first: npt.ArrayLike, second: npt.ArrayLike) -> bool:
    """Whether two arrays hold the same floats, signs of zeros included; one NaN is like another."""
    a, b = np.asarray(first), np.asarray(second)
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    equal = (a == b) & (np.signbit(a) == np.signbit(b))
    return bool((equal | (np.isnan(a) & np.isnan(b))).all())


def fused(a: Any, b: Any, c: Any) -> Any:
    """a b + c for finite numbers of one dtype, rounded once, ties to even."""
    exact = Fraction(float(a)) * Fraction(float(b)) + Fraction(float(c))
    number = type(c)
    if exact == 0:  # the sign of a zero is that of IEEE's sum of product and c
        return number(a * b + c)
    near = number(float(exact))  # rounded twice: one of the two neighbours may be nearer
    around = (np.nextafter(near, number(-np.inf)), near, np.nextafter(near, number(np.inf)))
    bits = np.dtype(f"i{near.dtype.itemsize}")
    return min(around, key=lambda x: (abs(Fraction(float(x)) - exact), int(x.view(bits)) & 1))


def ulps(found: Numbers, exact: list[Any], smallest: float) -> float:
    """Largest error in units in the last place of the exact results that are above ``smallest``."""
    worst = 0.0
    for value, truth in zip(found, exact, strict=True):
        if abs(truth) > smallest:
            unit = 2.0 ** (math.frexp(float(truth))[1] - 1) * float(np.finfo(found.dtype).eps)
            worst = max(worst, float(abs(float(value) - truth) / unit))
    return worst
