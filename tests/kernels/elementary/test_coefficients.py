"""The coefficients in the kernels are those that the script derives, and its fits are the best there are."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

DOCS = Path(__file__).resolve().parents[3] / "docs"


def loaded(name: str) -> Any:
    """Import a script as it is run: with its own folder on the path."""
    sys.path.insert(0, str(DOCS))
    try:
        return import_module(name)
    finally:
        sys.path.remove(str(DOCS))


coefficients, remez = loaded("coefficients"), loaded("remez")


@pytest.mark.parametrize("module", coefficients.FITS)
def test_constants_of_the_kernels_are_the_derived_ones(module: str) -> None:
    kernel = import_module(f"symtests.kernels.elementary.{module}")
    for name, (decimals, error) in coefficients.constants(module).items():
        dtype, bits = (np.float32, 24) if name == "_SINGLE" else (np.float64, 53)
        command = f"python docs/coefficients.py {module}"
        assert [dtype(each) for each in decimals] == [dtype(each) for each in getattr(kernel, name)], command
        assert error < -bits - 4  # no more than a sixteenth of a rounding


def test_the_best_line_through_a_parabola_and_the_best_fit_of_a_root() -> None:
    """Chebyshev: x^2 on [-1, 1] is 1/2 off by 1/2; sqrt(x) on [0, 1] is x + 1/8 off by 1/8."""
    with mpmath.workprec(100):
        found, error = remez.best_polynomial(lambda x: x * x, lambda _: mpmath.mpf(1), -1, 1, 2)
        assert [float(each) for each in found] == pytest.approx([0.5, 0.0], abs=1e-4)
        assert float(error) == pytest.approx(0.5, rel=1e-3)
        found, error = remez.best_polynomial(mpmath.sqrt, lambda _: mpmath.mpf(1), 0, 1, 2)
        assert [float(each) for each in found] == pytest.approx([0.125, 1.0], abs=1e-3)
        assert float(error) == pytest.approx(0.125, rel=1e-3)


def test_no_point_where_the_weight_is_zero_counts() -> None:
    """x^2 / x is the line x: the best multiple of 1 is the middle of the rest, for the error (x - c) x on [0, 1]."""
    with mpmath.workprec(100):
        (c,), error = remez.best_polynomial(lambda x: x, lambda x: x, 0, 1, 1)
        # the errors (1 - c) at 1 and c^2 / 4 at c / 2 are of one size: c = 2 (sqrt(2) - 1)
        assert float(c) == pytest.approx(2 * (2**0.5 - 1), rel=1e-3)
        assert float(error) == pytest.approx(1 - 2 * (2**0.5 - 1), rel=1e-2)
