"""Activations and their derivatives, against the definitions in 40 digits."""

from __future__ import annotations

from collections.abc import Callable

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symtests.model.activations import ACTIVATION_TABLE, ACTIVATIONS, LEAKY_SLOPE, activations_that
from symtests.oracle import activations
from symtests.validation import InvalidValue
from tests.oracle import many_digits

mpmath.mp.dps = 40

SMOOTH = activations_that(lambda entry: entry.is_smooth)
OWN_ULPS = 24  # relative error, in ulps of 2**-52, of values without cancellation
REACHES = st.floats(-40, 40)
EXTREMES = (-40.0, -20.0, -1.0, -1e-300, -0.0, 0.0, 5e-324, 1e-8, 0.5, 1.0, 20.0, 40.0)


def in_many_digits(name: str, z: float, order: int) -> float:
    """The derivative of this order; where it jumps, the one from below, as the oracle has it."""
    if name == "gelu" and order == 2:
        z = -abs(z)  # an even function, whose parts cancel less on this side
    return float(many_digits.derivative(name, z, order))


def assert_near(found: float, right: float, scale: float, z: float) -> None:
    """Relative to the value, but where parts of it cancel relative to the largest part."""
    assert abs(found - right) <= OWN_ULPS * 2.0**-52 * max(abs(right), scale) + 2.0**-1000, (z, found, right)


def scale_of(name: str, order: int, z: float) -> float:
    """The size of the parts of a sum that nearly cancel; arguments of exp(-z^2/2) lose z^2 ulps."""
    if name == "gelu":
        density = float(np.exp(-z * z / 2))
        phi = float(mpmath.erfc(-z / mpmath.sqrt(2))) / 2
        return [phi * abs(z), phi + abs(z) * density, (2 + z * z) * density][order] * (1 + z * z)
    if name in ("logistic", "tanh", "softplus"):  # 1 - 2 s and tanh change sign at 0
        return float(np.exp(-abs(z))) if order == 2 else 0.0
    if ACTIVATION_TABLE[name].is_straight:
        return 0.0
    if name == "softsign" and order == 1:  # the complex step divides (1 + |z|) - |z|
        return 1 / (1 + abs(z))
    return float(np.exp(-abs(z)) * (1 + abs(z)) * 4) if order else 0.0


@pytest.mark.parametrize("name", ACTIVATIONS)
@given(z=REACHES)
def test_value_is_the_definition(name: str, z: float) -> None:
    found = float(activations.value(name, np.array([z]))[0])
    right = float(many_digits.ACTIVATIONS[name](mpmath.mpf(z)))
    assert_near(found, right, scale_of(name, 0, z), z)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name", ACTIVATIONS)
@settings(max_examples=50)
@given(z=REACHES)
def test_derivatives_are_those_of_the_definition(name: str, order: int, z: float) -> None:
    function = activations.derivative if order == 1 else activations.second_derivative
    assert_near(float(function(name, np.array([z]))[0]), in_many_digits(name, z, order), scale_of(name, order, z), z)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_extremes_are_met_like_any_other_number(name: str) -> None:
    for z in EXTREMES:
        right = float(many_digits.ACTIVATIONS[name](mpmath.mpf(z)))
        assert_near(float(activations.value(name, np.array([z]))[0]), right, scale_of(name, 0, z), z)
        for order, function in ((1, activations.derivative), (2, activations.second_derivative)):
            right = in_many_digits(name, z, order)
            assert_near(float(function(name, np.array([z]))[0]), right, scale_of(name, order, z), z)


LIMITS = {  # sigma, sigma', sigma'' at minus and at plus infinity
    "identity": ((-np.inf, 1.0, 0.0), (np.inf, 1.0, 0.0)),
    "logistic": ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0)),
    "tanh": ((-1.0, 0.0, 0.0), (1.0, 0.0, 0.0)),
    "relu": ((0.0, 0.0, 0.0), (np.inf, 1.0, 0.0)),
    "leaky_relu": ((-np.inf, LEAKY_SLOPE, 0.0), (np.inf, 1.0, 0.0)),
    "softplus": ((0.0, 0.0, 0.0), (np.inf, 1.0, 0.0)),
}


@pytest.mark.parametrize("name", sorted(LIMITS))
def test_infinite_arguments_give_the_limits(name: str) -> None:
    for z, (value, first, second) in zip((-np.inf, np.inf), LIMITS[name], strict=True):
        z_array = np.array([z])
        assert activations.value(name, z_array)[0] == value
        assert activations.derivative(name, z_array)[0] == first
        assert activations.second_derivative(name, z_array)[0] == second


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_number_that_is_none_stays_none(name: str) -> None:
    z = np.array([np.nan, 1.0])
    value, first = activations.value(name, z), activations.derivative(name, z)
    assert np.isnan(value[0])
    assert np.isfinite(value[1])
    if name != "identity":
        assert np.isnan(first[0])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_zero_of_either_sign_is_zero(name: str) -> None:
    z = np.array([0.0, -0.0])
    for function in (activations.value, activations.derivative, activations.second_derivative):
        found = function(name, z)
        assert found[0] == found[1]


@pytest.mark.parametrize("choice", [0.0, 0.5, 1.0])
def test_the_derivative_of_relu_at_zero_is_what_was_chosen(choice: float) -> None:
    z = np.array([-1.0, -0.0, 0.0, 5e-324])
    np.testing.assert_array_equal(activations.derivative("relu", z, choice), [0.0, choice, choice, 1.0])


@pytest.mark.parametrize("name", ACTIVATIONS)
@given(z=REACHES)
def test_a_complex_step_gives_value_and_derivative(name: str, z: float) -> None:
    """sigma(x + ih) = sigma(x) + ih sigma'(x) for a tiny h, except at a kink."""
    h = 1e-30
    found = complex(activations.value(name, np.array([z + 1j * h]))[0])
    assert_near(found.real, float(activations.value(name, np.array([z]))[0]), h, z)
    if z not in many_digits.breaks(name):
        slope = float(activations.derivative(name, np.array([z]))[0])
        underflow = 2.0**-1074 / h  # relative to which 24 ulps are as many units of the imaginary part
        assert_near(found.imag / h, slope, scale_of(name, 1, z) + 2.0**52 * underflow, z)


@pytest.mark.parametrize("name", [name for name in SMOOTH if name != "gelu"])
@given(real=st.floats(-30, 30), imaginary=st.floats(-1, 1))
def test_complex_arguments_meet_the_analytic_continuation(name: str, real: float, imaginary: float) -> None:
    z = complex(real, imaginary)
    found = complex(activations.value(name, np.array([z]))[0])
    right = complex(many_digits.ACTIVATIONS[name](mpmath.mpc(z)))
    assert abs(found - right) <= 2.0**-46 * max(abs(right), 2.0**-1000)


@pytest.mark.parametrize("function", [activations.value, activations.derivative, activations.second_derivative])
def test_an_unknown_name_is_named(function: Callable[..., object]) -> None:
    with pytest.raises(InvalidValue, match="activation='sine'"):
        function("sine", np.zeros(1))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_ordinary_arguments_warn_of_nothing(name: str) -> None:
    z = np.array([-800.0, -40.0, 0.0, 40.0, 800.0])
    with np.errstate(all="raise", under="ignore"):
        for function in (activations.value, activations.derivative, activations.second_derivative):
            assert np.isfinite(function(name, z)).all()
