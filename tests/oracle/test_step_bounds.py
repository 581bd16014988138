"""Tolerances of one step: no usual program leaves them, and a wrong step does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings, target
from hypothesis import strategies as st

from symtests import oracle
from symtests.network import OPTIMIZERS, Network
from symtests.oracle.optimizers import apply, fresh_state
from symtests.parameters import Parameters
from symtests.training import Training
from symtests.validation import InvalidValue
from tests.oracle.questions import Question, question, questions
from tests.oracle.rounded_implementations import DOUBLE, IMPLEMENTATIONS, Rounded, answer
from tests.oracle.rounded_optimizers import FIRST_STEPS, FirstStep

COUNT = 64
LINE = Network((COUNT, 1), bias=False)
DTYPES = {2.0**-24: np.float32, 2.0**-53: np.float64}


def an_expectation(g: npt.NDArray[Any], error: npt.NDArray[Any]) -> oracle.Expectation:
    """What is expected where the gradient is g, up to these errors."""
    asked = question(np.random.default_rng(0), LINE, 1)
    expected = oracle.expect(LINE, asked.parameters, asked.batch)
    return replace(expected, gradient=Parameters(LINE, g), gradient_tolerance=error)


def trainings(optimizer: str) -> st.SearchStrategy[Training]:
    return st.builds(
        Training,
        st.just(optimizer),
        learning_rate=st.sampled_from([0.0, 1e-3, 0.1, 0.25, 3.0]),
        momentum=st.sampled_from([0.0, 0.5, 0.9, 0.99]),
        mean_decay=st.sampled_from([0.0, 0.5, 0.9]),
        square_decay=st.sampled_from([0.0, 0.5, 0.9, 0.99, 0.999, 0.9999]),
        epsilon=st.sampled_from([1e-8, 1e-7, 1e-3, 0.5, 0.0]),
        weight_decay=st.sampled_from([0.0, 0.01, 0.3]) if optimizer == "adamw" else st.just(0.0),
    )


@pytest.mark.parametrize("unit_roundoff", DTYPES)
@pytest.mark.parametrize("step", FIRST_STEPS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_no_usual_program_leaves_the_tolerance(optimizer: str, step: FirstStep, unit_roundoff: float) -> None:
    dtype = DTYPES[unit_roundoff]

    @settings(max_examples=30)
    @given(
        training=trainings(optimizer),
        seed=st.integers(0, 2**32 - 1),
        exponent=st.integers(-35, 5),
        error_exponent=st.integers(-9, 1),
    )
    def check(training: Training, seed: int, exponent: int, error_exponent: int) -> None:
        random = np.random.default_rng(seed)
        g = random.normal(size=COUNT) * 10.0**exponent * random.choice([0.0, 1e-3, 1.0, 1.0], COUNT)
        error = np.abs(g) * 10.0**error_exponent + unit_roundoff * np.abs(g)
        found = np.clip(g + random.choice([-1.0, -0.3, 0.0, 0.7, 1.0], COUNT) * error, g - error, g + error)
        found = found.astype(dtype).astype(np.float64)
        error = np.maximum(error, np.abs(found - g))
        theta = (random.normal(size=COUNT) * random.choice([0.0, 1e-6, 1.0, 100.0], COUNT)).astype(dtype)
        with np.errstate(all="ignore"):
            moved = step(training, theta, found.astype(dtype)).astype(np.float64)
            right, _ = apply(training, theta.astype(np.float64), g, fresh_state(COUNT), 1)
        allowed = oracle.step_tolerance(an_expectation(g, error), Parameters(LINE, theta), training, unit_roundoff)
        finite = np.isfinite(right) & np.isfinite(allowed)
        assert finite[np.abs(g) > 1e-15].all() or training.epsilon == 0 or exponent > 2
        difference = np.abs(moved - right)[finite]
        target(float((difference / np.maximum(allowed[finite], 1e-300)).max(initial=0.0)))
        assert (difference <= allowed[finite]).all()

    check()


@pytest.mark.parametrize("how", [IMPLEMENTATIONS[1], DOUBLE[1]], ids=lambda how: how.name)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_whole_step_stays_within_the_tolerance(optimizer: str, how: Rounded) -> None:
    @settings(max_examples=15)
    @given(asked=questions(how.dtype, widest=65, most_samples=9), training=trainings(optimizer))
    def check(asked: Question, training: Training) -> None:
        arguments = asked.network, asked.parameters, asked.batch
        gradient = answer(how, *arguments).gradient
        expected = oracle.expect(*arguments, how.unit_roundoff)
        allowed = oracle.step_tolerance(expected, asked.parameters, training, how.unit_roundoff)
        right = oracle.train(*arguments, training).vector
        compared = np.isfinite(right) & np.isfinite(allowed)
        for step in FIRST_STEPS:
            with np.errstate(all="ignore"):
                moved = step(training, asked.parameters.vector, gradient).astype(np.float64)
            assert (np.abs(moved - right)[compared] <= allowed[compared]).all()

    check()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_wrong_step_is_seen(optimizer: str) -> None:
    """Another optimizer, or a rate that is off by a thousandth, moves most parameters by far more."""
    asked = question(np.random.default_rng(1), Network((8, 16, 4), "tanh"), 16, dtype=np.float32)
    arguments = asked.network, asked.parameters, asked.batch
    decays = {"adamw": 0.2}
    training = Training(optimizer, 0.1, weight_decay=decays.get(optimizer, 0.0))
    expected = oracle.expect(*arguments, 2.0**-24)
    allowed = oracle.step_tolerance(expected, asked.parameters, training, 2.0**-24)
    right = oracle.train(*arguments, training).vector
    alike = [{"sgd", "momentum"}, {"adam", "adagrad"}]  # in their first step
    others = [other for other in OPTIMIZERS if other != optimizer and {other, optimizer} not in alike]
    mistakes = [Training(other, 0.1, weight_decay=decays.get(other, 0.0)) for other in others]
    for wrong in (*mistakes, replace(training, learning_rate=0.1001)):
        off = np.abs(oracle.train(*arguments, wrong).vector - right)
        assert np.median(off / allowed) > 5, wrong


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_nothing_moves_where_nothing_may(optimizer: str) -> None:
    """Gradient 0 without an error, or a learning rate of 0: not even a rounding is allowed for."""
    random = np.random.default_rng(2)
    theta, zero = Parameters(LINE, random.normal(size=COUNT)), np.zeros(COUNT)
    for u in DTYPES:
        still = an_expectation(zero, zero)
        assert not oracle.step_tolerance(still, theta, Training(optimizer), u).any()
        moving = an_expectation(random.normal(size=COUNT), np.full(COUNT, 1e-3))
        assert not oracle.step_tolerance(moving, theta, Training(optimizer, 0.0), u).any()


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "adagrad"])
def test_an_uncertain_sign_is_worth_two_learning_rates(optimizer: str) -> None:
    expected = an_expectation(np.full(COUNT, 1e-6), np.full(COUNT, 2e-6))
    allowed = oracle.step_tolerance(expected, Parameters.zeros(LINE), Training(optimizer, 0.1), 2.0**-24)
    assert (allowed > 0.19).all()
    assert (allowed < 0.21).all()
    certain = an_expectation(np.full(COUNT, 1e-2), np.full(COUNT, 1e-5))
    allowed = oracle.step_tolerance(certain, Parameters.zeros(LINE), Training(optimizer, 0.1), 2.0**-24)
    assert (allowed < 0.1 * 2e-4).all()


@settings(max_examples=25)
@given(asked=questions(np.float32, widest=33, most_samples=9), rate=st.sampled_from([1.0, 0.1, 2.0**-10]))
def test_a_recovered_gradient_stays_within_the_tolerance(asked: Question, rate: float) -> None:
    arguments = asked.network, asked.parameters, asked.batch
    for how in IMPLEMENTATIONS:
        found = answer(how, *arguments)
        if not found.is_finite:
            continue
        theta, rounded_rate = asked.parameters.vector, np.float32(rate)
        recovered = (theta - (theta - rounded_rate * found.gradient)) / rounded_rate
        expected = oracle.expect(*arguments, how.unit_roundoff)
        allowed = oracle.recovered_tolerance(expected, asked.parameters, rate, how.unit_roundoff)
        assert (np.abs(recovered - expected.gradient.vector) <= allowed).all()


def test_several_steps_are_refused() -> None:
    asked = question(np.random.default_rng(0), LINE, 1)
    expected = oracle.expect(LINE, asked.parameters, asked.batch)
    with pytest.raises(InvalidValue, match="steps=2"):
        oracle.step_tolerance(expected, asked.parameters, Training(steps=2), 2.0**-24)
