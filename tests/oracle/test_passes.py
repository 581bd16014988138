"""The two passes: gradients against the complex step and against differences in 50 digits, and what batches mean."""

from __future__ import annotations

import itertools
import warnings

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

PAIRS = itertools.product(ACTIVATIONS, LOSSES)
KINDS = [(*pair, k % 2 == 1, k // 2 % 2 == 1) for k, pair in enumerate(PAIRS)]


def of_kind(
    activation: str, loss: str, bias: bool, weighted: bool, sizes: tuple[int, ...] = (2, 3, 2, 2), samples: int = 3
) -> Question:
    network = Network(sizes, activation, loss, bias)
    return question(np.random.default_rng(1), network, samples, "normal", weighted)


@pytest.mark.parametrize(("activation", "loss", "bias", "weighted"), KINDS)
def test_gradient_equals_differences_in_many_digits(activation: str, loss: str, bias: bool, weighted: bool) -> None:
    asked = of_kind(activation, loss, bias, weighted, sizes=(2, 2, 2), samples=2)
    expected = oracle.expect(asked.network, asked.parameters, asked.batch)
    right = many_digits.gradient(asked.network, asked.parameters, asked.batch)
    # The oracle is an implementation in float64 too, so its own bound must hold for it.
    assert (np.abs(expected.gradient.vector - right) <= expected.gradient_tolerance).all()
    assert np.abs(right).max() > 1e-3


@pytest.mark.parametrize(("activation", "loss", "bias", "weighted"), KINDS)
def test_loss_equals_the_definition_in_many_digits(activation: str, loss: str, bias: bool, weighted: bool) -> None:
    asked = of_kind(activation, loss, bias, weighted)
    expected = oracle.expect(asked.network, asked.parameters, asked.batch)
    right = float(many_digits.loss(asked.network, many_digits.numbers(asked.parameters.vector), asked.batch))
    assert abs(expected.loss - right) <= expected.loss_tolerance
    assert expected.loss_tolerance < 1e-11


@pytest.mark.parametrize(("activation", "loss", "bias", "weighted"), KINDS)
def test_gradient_equals_the_complex_step(activation: str, loss: str, bias: bool, weighted: bool) -> None:
    asked = of_kind(activation, loss, bias, weighted)
    expected = oracle.expect(asked.network, asked.parameters, asked.batch)
    found = oracle.complex_step_gradient(asked.network, asked.parameters, asked.batch)
    # both are float64 computations of the same number
    assert (np.abs(found.vector - expected.gradient.vector) <= 2 * expected.gradient_tolerance).all()


@given(asked=questions(np.float64, widest=9, most_samples=5), seed=st.integers(0, 999))
def test_slope_along_a_direction_is_the_gradient_times_it(asked: Question, seed: int) -> None:
    expected = oracle.expect(asked.network, asked.parameters, asked.batch)
    if any(
        (np.abs(z) <= e).any()
        for z, e in zip(expected.stages.pre_activations, expected.stage_tolerances.pre_activations, strict=True)
    ):
        return  # at a kink there is no derivative
    direction = np.random.default_rng(seed).normal(size=asked.network.parameter_count)
    slope = oracle.complex_step_slope(asked.network, asked.parameters, asked.batch, direction)
    size = np.abs(expected.gradient.vector) @ np.abs(direction)
    allowed = 2 * expected.gradient_tolerance @ np.abs(direction) + 2.0**-50 * len(direction) * size
    assert abs(slope - expected.gradient.vector @ direction) <= allowed


@given(asked=questions(np.float64, widest=9, most_samples=7))
def test_all_functions_agree(asked: Question) -> None:
    arguments = asked.network, asked.parameters, asked.batch
    loss, gradient = oracle.loss_and_gradient(*arguments)
    expected, found = oracle.expect(*arguments), oracle.stages(*arguments)
    assert oracle.loss(*arguments) == loss == expected.loss
    np.testing.assert_array_equal(gradient.vector, expected.gradient.vector)
    outputs = oracle.predict(asked.network, asked.parameters, asked.batch.x)
    np.testing.assert_array_equal(outputs, found.pre_activations[-1])
    assert [z.shape for z in found.pre_activations] == [delta.shape for delta in found.error_signals]
    assert [a.shape[1] for a in found.activations] == list(asked.network.sizes[:-1])


@given(asked=questions(np.float64, widest=17, most_samples=6), seed=st.integers(0, 999))
def test_a_weight_of_k_is_k_copies_and_none_leaves_the_sample_out(asked: Question, seed: int) -> None:
    counts = np.random.default_rng(seed).integers(0, 4, len(asked.batch))
    counts[0] = max(counts[0], 1)
    weighted = Batch(asked.batch.x, asked.batch.y, counts.astype(float))
    copied = Batch(np.repeat(asked.batch.x, counts, axis=0), np.repeat(asked.batch.y, counts, axis=0))
    one = oracle.expect(asked.network, asked.parameters, weighted)
    other = oracle.expect(asked.network, asked.parameters, copied)
    assert abs(one.loss - other.loss) <= one.loss_tolerance + other.loss_tolerance
    allowed = one.gradient_tolerance + other.gradient_tolerance
    assert (np.abs(one.gradient.vector - other.gradient.vector) <= allowed).all()


@pytest.mark.parametrize("choice", [0.0, 0.25, 1.0])
def test_the_derivative_of_relu_at_zero_is_what_was_chosen(choice: float) -> None:
    network = Network((1, 1, 1), "relu")
    parameters = Parameters(network, np.array([0.0, 0.0, 3.0, 0.0]))  # W1, b1, W2, b2
    batch = Batch(np.array([[2.0]]), np.array([[-1.0]]))
    _, gradient = oracle.loss_and_gradient(network, parameters, batch, choice)
    # z1 = 0, z2 = 0, dL/dz2 = 2 (0 + 1) = 2, dL/dz1 = 2 * 3 * relu'(0)
    np.testing.assert_array_equal(gradient.vector, [12 * choice, 6 * choice, 0.0, 2.0])
    np.testing.assert_array_equal(
        oracle.expect(network, parameters, batch, relu_derivative_at_zero=choice).gradient.vector, gradient.vector
    )


def test_float32_questions_are_answered_in_float64() -> None:
    asked = question(np.random.default_rng(1), Network((3, 4, 2), "tanh"), 4, dtype=np.float32)
    wide = asked.parameters.astype(np.float64), asked.batch.astype(np.float64)
    narrow, same = oracle.expect(asked.network, asked.parameters, asked.batch), oracle.expect(asked.network, *wide)
    np.testing.assert_array_equal(narrow.gradient.vector, same.gradient.vector)
    assert narrow.gradient.vector.dtype == np.float64
    np.testing.assert_array_equal(
        oracle.predict(asked.network, asked.parameters, asked.batch.x),
        oracle.predict(asked.network, wide[0], wide[1].x),
    )


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_numbers_out_of_range_warn_of_nothing(activation: str, value: float) -> None:
    network = Network((2, 3, 2), activation, "softmax_cross_entropy")
    asked = question(np.random.default_rng(1), network, 2)
    asked.batch.x[0, 0] = value
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for unit_roundoff in (2.0**-24, 2.0**-53):
            oracle.expect(network, asked.parameters, asked.batch, unit_roundoff)
        _, gradient = oracle.loss_and_gradient(network, asked.parameters, asked.batch)
        oracle.complex_step_gradient(network, asked.parameters, asked.batch)
    if np.isnan(value):
        assert np.isnan(gradient.weight(1)).any()


@settings(max_examples=20)
@given(asked=questions(np.float64, widest=9, most_samples=4))
def test_nothing_of_the_question_is_changed(asked: Question) -> None:
    before = asked.parameters.vector.copy(), asked.batch.x.copy(), asked.batch.y.copy()
    oracle.expect(asked.network, asked.parameters, asked.batch)
    oracle.loss_and_gradient(asked.network, asked.parameters, asked.batch)
    for was, now in zip(before, (asked.parameters.vector, asked.batch.x, asked.batch.y), strict=True):
        np.testing.assert_array_equal(was, now)
