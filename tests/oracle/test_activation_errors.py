"""Error bounds of single activations: their constants, and every formula that is in use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import numpy.typing as npt
import pytest

from symtests.model.activations import ACTIVATION_TABLE, activations_that
from symtests.network import ACTIVATIONS, LEAKY_SLOPE
from symtests.oracle.activation_errors import curve, derivative_error, local_bend, local_slope, value_error
from symtests.oracle.activations import derivative, second_derivative
from symtests.oracle.error_model import ErrorModel
from symtests.oracle.kinks import distance_to_break
from tests.oracle import many_digits
from tests.oracle.rounded_implementations import (
    DIFFERENTIATED,
    FROM_ACTIVATION,
    FROM_PRE_ACTIVATION,
    NAIVE,
    STABLE,
    naive_tanh,
)

SMOOTH = activations_that(lambda entry: entry.is_smooth)
DENSE = np.linspace(-45.0, 45.0, 900_001)
ARITHMETICS = {"float16": 2.0**-11, "float32": 2.0**-24, "float64": 2.0**-53}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_largest_derivatives_are_upper_bounds_and_close_ones(name: str) -> None:
    """Between two points of the scan a derivative rises by at most 1e-4 / 2 times the next one, which is below 4."""
    first, second = np.abs(derivative(name, DENSE)), np.abs(second_derivative(name, DENSE))
    third = np.abs(np.diff(second_derivative(name, DENSE))) / np.diff(DENSE)  # a mean value of sigma'''
    third = third[distance_to_break(name, DENSE[1:]) > 2e-4]
    for found, bound in zip((first, second, third), ACTIVATION_TABLE[name].bounds, strict=True):
        assert found.max() <= bound
        assert bound <= found.max() + 4e-4 + 0.01 * found.max()


@pytest.mark.parametrize("name", SMOOTH)
def test_largest_derivatives_bound_the_extremes(name: str) -> None:
    """Where a derivative is largest the next one is 0: found to 30 digits, it is still within the bound."""
    with mpmath.workdps(30):
        for order, bound in enumerate(ACTIVATION_TABLE[name].bounds, 1):
            places = [0.0, *(s * x / 4 for x in range(1, 24) for s in (1, -1))]
            sizes = [abs(mpmath.diff(many_digits.ACTIVATIONS[name], place, order)) for place in places]
            around = places[sizes.index(max(sizes))]
            near = [
                abs(mpmath.diff(many_digits.ACTIVATIONS[name], around + mpmath.mpf(k) / 200, order))
                for k in range(-60, 61)
            ]
            assert max(near) <= bound + mpmath.mpf(10) ** -20


def exact(name: str, z: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    return np.array([float(many_digits.ACTIVATIONS[name](mpmath.mpf(float(value)))) for value in z])


def exact_derivative(name: str, z: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    return np.array([float(many_digits.derivative(name, float(number))) for number in z])


def arguments(dtype: str) -> npt.NDArray[Any]:
    """Arguments of every size that the formulas without protection can bear."""
    tiny = np.array([0.0, 1e-7, -1e-7, 1e-3, -1e-3, 0.5, -0.5])
    most = 10.0 if dtype == "float16" else 40.0
    return np.concatenate([tiny, np.linspace(-most, most, 61)]).astype(dtype)


@pytest.mark.parametrize("dtype", ARITHMETICS)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_each_formula_of_an_activation_is_within_its_bound(name: str, dtype: str) -> None:
    z = arguments(dtype)
    at = curve(name, z.astype(np.float64))
    allowed = value_error(ErrorModel("certified", ARITHMETICS[dtype]), at, np.zeros(z.shape))
    formulas: list[Callable[[Any], Any]] = [STABLE[name], NAIVE[name]]
    if name == "tanh" and dtype == "float64":
        formulas.append(naive_tanh)
    for formula in formulas:
        with np.errstate(all="ignore"):
            found = formula(z).astype(np.float64)
        assert (np.abs(found - exact(name, z)) <= allowed).all()


@pytest.mark.parametrize("dtype", ARITHMETICS)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_each_formula_of_a_derivative_is_within_its_bound(name: str, dtype: str) -> None:
    z = arguments(dtype)
    at, model, zero = curve(name, z.astype(np.float64)), ErrorModel("certified", ARITHMETICS[dtype]), np.zeros(z.shape)
    allowed = derivative_error(model, at, zero, value_error(model, at, zero))
    for slope in (FROM_ACTIVATION[name], FROM_PRE_ACTIVATION[name], DIFFERENTIATED[name]):
        with np.errstate(all="ignore"):
            found = slope(z, STABLE[name](z)).astype(np.float64)
        assert (np.abs(found - exact_derivative(name, z)) <= allowed).all()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_uncertain_argument_is_followed(name: str) -> None:
    """Whatever lies within reach of z, its activation and slope lie within the bounds: no rounding here."""
    model, random = ErrorModel("certified", 2.0**-53), np.random.default_rng(3)
    z = np.concatenate([random.normal(size=400) * 3, np.zeros(20)])
    error = np.abs(z) * 10.0 ** random.uniform(-8, 0.5, z.shape) + 10.0 ** random.uniform(-12, -1, z.shape)
    at = curve(name, z)
    error_a = value_error(model, at, error)
    error_s = derivative_error(model, at, error, error_a)
    own = 2.0**-50 * (1 + np.abs(z))  # z + error is rounded here, and so are both values
    for share in (-1.0, -0.5, 0.3, 1.0):
        moved = curve(name, z + share * error)
        assert (np.abs(moved.value - at.value) <= error_a + own).all()
        assert (np.abs(moved.slope - at.slope) <= error_s + own).all()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_without_an_error_slope_and_bend_are_those_of_the_curve(name: str) -> None:
    model, z = ErrorModel("certified", 2.0**-24), np.linspace(-5, 5, 41)
    at = curve(name, z)
    np.testing.assert_array_equal(local_slope(model, at, np.zeros(41)), at.slope)
    np.testing.assert_array_equal(np.abs(local_bend(model, at, np.zeros(41))), np.abs(at.bend))


@pytest.mark.parametrize("name", ["relu", "leaky_relu"])
def test_only_a_kink_within_reach_makes_the_slope_uncertain(name: str) -> None:
    model = ErrorModel("certified", 2.0**-24)
    at = curve(name, np.array([0.5, -0.5, 0.0, 1e-9, 1e-9]))
    found = derivative_error(model, at, np.array([0.1, 0.1, 0.0, 1e-8, 1e-10]), np.zeros(5))
    jump = 1.0 if name == "relu" else 1 - LEAKY_SLOPE
    np.testing.assert_allclose(found, [0.0, 0.0, 0.0, jump, 0.0], atol=1e-8)


@pytest.mark.parametrize("name", activations_that(lambda entry: entry.zero_at_zero))
def test_what_is_made_of_an_exact_zero_is_exact(name: str) -> None:
    for form in ("certified", "statistical"):
        found = value_error(ErrorModel(form, 2.0**-53), curve(name, np.zeros(1)), np.zeros(1))
        assert found[0] == 0
