"""The complex step: derivatives to the last digits, without a difference."""

from __future__ import annotations

import numpy as np
import pytest

from symtests import oracle
from symtests.batch import Batch
from symtests.network import Network
from symtests.parameters import Parameters
from tests.oracle import many_digits
from tests.oracle.questions import question
from tests.pairs import PAIRS

SMALL = Network((2, 2, 2), "tanh")


@pytest.mark.parametrize(("activation", "loss"), PAIRS)
def test_gradient_equals_differences_in_many_digits(activation: str, loss: str) -> None:
    network = Network((1, 2, 2), activation, loss)
    asked = question(np.random.default_rng(6), network, 2, weighted=True)
    found = oracle.complex_step_gradient(network, asked.parameters, asked.batch)
    right = many_digits.gradient(network, asked.parameters, asked.batch)
    np.testing.assert_allclose(found.vector, right, rtol=0, atol=2.0**-46 * np.abs(right).max())


def test_slope_is_linear_in_the_direction() -> None:
    asked = question(np.random.default_rng(1), SMALL, 3)
    v, w = np.random.default_rng(2).normal(size=(2, SMALL.parameter_count))
    slopes = [
        oracle.complex_step_slope(SMALL, asked.parameters, asked.batch, direction) for direction in (v, w, 3 * v - w)
    ]
    assert slopes[2] == pytest.approx(3 * slopes[0] - slopes[1], rel=1e-13)


def test_components_are_slopes_along_unit_vectors() -> None:
    asked = question(np.random.default_rng(1), SMALL, 3)
    gradient = oracle.complex_step_gradient(SMALL, asked.parameters, asked.batch)
    for index, unit in enumerate(np.eye(SMALL.parameter_count)):
        assert gradient.vector[index] == oracle.complex_step_slope(SMALL, asked.parameters, asked.batch, unit)


def test_a_tiny_slope_keeps_its_digits() -> None:
    """L = (x w - y)^2 with a residual of 1e-12: differences of L would leave nothing of it."""
    network = Network((1, 1), bias=False)
    residual = 2.0**-40
    parameters, batch = Parameters(network, np.array([1.0])), Batch(np.array([[1.0]]), np.array([[1.0 - residual]]))
    assert oracle.complex_step_slope(network, parameters, batch, np.ones(1)) == pytest.approx(2 * residual, rel=1e-15)


def test_float32_questions_are_answered_in_float64() -> None:
    asked = question(np.random.default_rng(1), SMALL, 3, dtype=np.float32)
    found = oracle.complex_step_gradient(SMALL, asked.parameters, asked.batch)
    wide = oracle.complex_step_gradient(SMALL, asked.parameters.astype(np.float64), asked.batch.astype(np.float64))
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found.vector, wide.vector)
