"""Losses: values against the definitions in 50 digits, error signals as their derivatives."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.model.losses import LOSS_TABLE, LOSSES
from symtests.oracle import losses
from symtests.oracle.kinks import distance_to_break_of_loss
from symtests.validation import InvalidValue
from tests.oracle import many_digits

OUTPUTS = st.lists(st.floats(-40, 40), min_size=3, max_size=3)
WEIGHTS = st.none() | st.lists(st.sampled_from([0.25, 1.0, 3.0]), min_size=2, max_size=2)
TARGETS = {
    "numbers": np.array([[0.5, -2.0, 0.0], [1.0, 3.0, -0.25]]),
    "probabilities": np.array([[0.0, 1.0, 0.25], [1.0, 0.0, 0.5]]),
    "distributions": np.array([[0.0, 1.0, 0.0], [0.25, 0.25, 0.5]]),
}


def a_batch(loss: str, weights: list[float] | None) -> Batch:
    return Batch(np.zeros((2, 1)), TARGETS[LOSS_TABLE[loss].targets], None if weights is None else np.array(weights))


def in_many_digits(loss: str, z: Any, batch: Batch) -> Any:
    """The loss of these outputs; z is a list of 2 lists of 3 numbers of many digits."""
    shares = many_digits.numbers(np.ones(2) if batch.sample_weights is None else batch.sample_weights)
    each = [many_digits.sample_loss(loss, row, many_digits.numbers(y)) for row, y in zip(z, batch.y, strict=True)]
    return mpmath.fsum(share * value for share, value in zip(shares, each, strict=True)) / mpmath.fsum(shares)


@pytest.mark.parametrize("loss", LOSSES)
@given(first=OUTPUTS, second=OUTPUTS, weights=WEIGHTS)
def test_value_is_the_definition(
    loss: str, first: list[float], second: list[float], weights: list[float] | None
) -> None:
    z, batch = np.array([first, second]), a_batch(loss, weights)
    with mpmath.workdps(many_digits.DIGITS):
        right = float(in_many_digits(loss, [many_digits.numbers(row) for row in z], batch))
    assert losses.loss_value(loss, z, batch) == pytest.approx(right, rel=2.0**-46, abs=2.0**-46)


@pytest.mark.parametrize("loss", LOSSES)
@settings(max_examples=30)
@given(first=OUTPUTS, second=OUTPUTS, weights=WEIGHTS)
def test_error_signal_is_the_derivative(
    loss: str, first: list[float], second: list[float], weights: list[float] | None
) -> None:
    z, batch = np.array([first, second]), a_batch(loss, weights)
    found = losses.error_signal(loss, z, batch)
    with mpmath.workdps(many_digits.DIGITS):
        step = mpmath.mpf(10) ** -16
        for i, k in np.ndindex(2, 3):
            up, down = ([many_digits.numbers(row) for row in z] for _ in range(2))
            up[i][k] += step
            down[i][k] -= step
            right = float((in_many_digits(loss, up, batch) - in_many_digits(loss, down, batch)) / (2 * step))
            assert found[i, k] == pytest.approx(right, rel=2.0**-45, abs=2.0**-50)


@pytest.mark.parametrize("loss", LOSSES)
@given(first=OUTPUTS, second=OUTPUTS, direction=st.lists(st.floats(-2, 2), min_size=6, max_size=6))
def test_slope_of_the_error_signal_is_its_derivative(
    loss: str, first: list[float], second: list[float], direction: list[float]
) -> None:
    """A central difference of the error signal; its own error is h^2 and 2^-53 / h."""
    z, towards, batch = np.array([first, second]), np.array(direction).reshape(2, 3), a_batch(loss, None)
    h = 2.0**-17
    assume(bool((distance_to_break_of_loss(loss, z, batch.y) > 4 * h).all()))
    difference = losses.error_signal(loss, z + h * towards, batch) - losses.error_signal(loss, z - h * towards, batch)
    found = losses.error_signal_slope(loss, z, towards, batch)
    # an argument of 40 is rounded to within 2^-48, so the difference quotient to within 2^-30
    np.testing.assert_allclose(found, difference / (2 * h), rtol=0, atol=2.0**-26)


@pytest.mark.parametrize("loss", LOSSES)
def test_slopes_of_several_directions_at_once(loss: str) -> None:
    random = np.random.default_rng(5)
    z, directions, batch = random.normal(size=(2, 3)), random.normal(size=(4, 2, 3)), a_batch(loss, None)
    together = losses.error_signal_slope(loss, z, directions, batch)
    for direction, slope in zip(directions, together, strict=True):
        np.testing.assert_array_equal(slope, losses.error_signal_slope(loss, z, direction, batch))


@pytest.mark.parametrize("loss", ["bce", "logistic_mse", "softmax_cross_entropy"])
def test_huge_outputs_stay_finite(loss: str) -> None:
    z, batch = np.array([[1e4, -1e4, 0.0], [-1e4, -1e4, 1e4]]), a_batch(loss, None)
    with np.errstate(all="raise", under="ignore"):
        assert np.isfinite(losses.loss_value(loss, z, batch))
        assert np.isfinite(losses.error_signal(loss, z, batch)).all()


@pytest.mark.parametrize("function", [losses.loss_terms, losses.error_signal])
def test_an_unknown_name_is_named(function: Any) -> None:
    arguments = (np.zeros((1, 1)), Batch(np.zeros((1, 1)), np.zeros((1, 1))))
    y_or_batch = arguments[1].y if function is losses.loss_terms else arguments[1]
    with pytest.raises(InvalidValue, match="loss='cosine'"):
        function("cosine", arguments[0], y_or_batch)
