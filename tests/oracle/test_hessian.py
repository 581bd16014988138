"""Second derivatives: against differences of the loss in 50 digits, and what is true of every Hessian."""

from __future__ import annotations

import itertools

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symtests import oracle
from symtests.batch import Batch
from symtests.network import ACTIVATIONS, LOSSES, Network
from symtests.parameters import Parameters
from tests.oracle import many_digits
from tests.oracle.questions import Question, question, questions

KINDS = [(*pair, k % 2 == 1) for k, pair in enumerate(itertools.product(ACTIVATIONS, LOSSES))]


def in_many_digits(asked: Question, direction: np.ndarray) -> np.ndarray:
    """The product with each unit vector, by a mixed second difference of the loss: the error is of order 1e-24."""
    with mpmath.workdps(many_digits.DIGITS):
        step = mpmath.mpf(10) ** -12
        theta, along = many_digits.numbers(asked.parameters.vector), many_digits.numbers(direction)
        product = []
        for index in range(len(theta)):
            difference = mpmath.mpf(0)
            for sign, other in itertools.product((1, -1), repeat=2):
                moved = [t + sign * step * v for t, v in zip(theta, along, strict=True)]
                moved[index] += other * step
                difference += sign * other * many_digits.loss(asked.network, moved, asked.batch)
            product.append(float(difference / (4 * step**2)))
        return np.array(product)


@pytest.mark.parametrize(("activation", "loss", "bias"), KINDS)
def test_product_equals_differences_in_many_digits(activation: str, loss: str, bias: bool) -> None:
    random = np.random.default_rng(6)
    sizes = (1, 2, 2, 2) if loss == "softmax_cross_entropy" else (2, 2, 1)
    asked = question(random, Network(sizes, activation, loss, bias), 2, "normal", weighted=True)
    direction = random.normal(size=asked.network.parameter_count)
    found = oracle.hessian_vector_product(asked.network, asked.parameters, asked.batch, direction)
    right = in_many_digits(asked, direction)
    np.testing.assert_allclose(found, right, rtol=0, atol=2.0**-46 * np.abs(right).max())
    assert np.abs(right).max() > 1e-3


def noise(asked: Question) -> float:
    """What rounding may leave where a saturated loss cancels all but the last digits."""
    return 1e-12 * (1 + float(np.abs(asked.batch.x).max()) ** 2)


@given(asked=questions(np.float64, widest=9, most_samples=5), seed=st.integers(0, 99))
def test_product_is_linear_and_its_form_symmetric(asked: Question, seed: int) -> None:
    arguments, random = (asked.network, asked.parameters, asked.batch), np.random.default_rng(seed)
    v, w = random.normal(size=(2, asked.network.parameter_count))
    hv, hw = (oracle.hessian_vector_product(*arguments, direction) for direction in (v, w))
    size = np.abs(hv) @ np.abs(w) + np.abs(hw) @ np.abs(v)
    assert abs(hv @ w - hw @ v) <= 2.0**-38 * size + noise(asked)
    both = oracle.hessian_vector_product(*arguments, 2 * v - w)
    allowed = 2.0**-38 * (np.abs(hv) + np.abs(hw)).max() + noise(asked)
    np.testing.assert_allclose(both, 2 * hv - hw, rtol=0, atol=allowed)


@settings(max_examples=30)
@given(asked=questions(np.float64, widest=3, deepest=2, most_samples=3))
def test_hessian_has_the_products_as_columns(asked: Question) -> None:
    arguments = asked.network, asked.parameters, asked.batch
    found = oracle.hessian(*arguments)
    direction = np.arange(1.0, asked.network.parameter_count + 1)
    product = oracle.hessian_vector_product(*arguments, direction)
    scale = np.abs(found) @ direction
    assert (np.abs(found @ direction - product) <= 2.0**-40 * scale.max() + noise(asked)).all()


def test_without_hidden_layer_it_is_the_matrix_of_moments() -> None:
    """L = |X w + c - y|^2 / N has the Hessian 2 [X 1]^T [X 1] / N."""
    x = np.array([[1.0, 2.0], [-1.0, 0.5], [3.0, 0.0], [0.0, 1.0]])
    network = Network((2, 1))
    batch = Batch(x, np.ones((4, 1)))
    extended = np.hstack([x, np.ones((4, 1))])
    found = oracle.hessian(network, Parameters.zeros(network), batch)
    np.testing.assert_array_equal(found, 2 * extended.T @ extended / 4)


def test_float32_questions_are_answered_in_float64() -> None:
    asked = question(np.random.default_rng(1), Network((3, 4, 2), "tanh"), 4, dtype=np.float32)
    direction = np.ones(asked.network.parameter_count, np.float32)
    found = oracle.hessian_vector_product(asked.network, asked.parameters, asked.batch, direction)
    wide = asked.parameters.astype(np.float64), asked.batch.astype(np.float64)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, oracle.hessian_vector_product(asked.network, *wide, direction))
