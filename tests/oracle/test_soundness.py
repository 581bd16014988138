"""No correct implementation may leave the tolerances, in whatever way it rounds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings, target
from hypothesis import strategies as st

from symtests import oracle
from symtests.model.activations import ACTIVATION_TABLE
from symtests.network import ACTIVATIONS, LOSSES, Network
from symtests.oracle.error_bounds import SHARP
from symtests.oracle.error_model import Form
from tests.oracle.questions import REGIMES, Question, question, questions
from tests.oracle.rounded_implementations import (
    BIASED,
    DOUBLE,
    FLOAT32,
    HALF,
    IMPLEMENTATIONS,
    Answer,
    Rounded,
    answer,
)

CHOICES = st.sampled_from([0.0, 0.5, 1.0])


def name_of(how: Rounded) -> str:
    return how.name


Compared = tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike]


def fraction(found: npt.ArrayLike, right: npt.ArrayLike, tolerance: npt.ArrayLike) -> float:
    """Return the largest difference as a fraction of its tolerance."""
    difference, allowed = np.abs(np.asarray(found, np.float64) - np.asarray(right)), np.asarray(tolerance)
    with np.errstate(divide="ignore"):
        return float(np.divide(difference, allowed, out=np.zeros_like(difference), where=difference > 0).max())


def worst(found: Answer, expected: oracle.Expectation) -> float:
    """Return the largest fraction of its tolerance that anything in an answer is off."""
    right, allowed = expected.stages, expected.stage_tolerances
    compared: list[Compared] = [
        (found.loss, expected.loss, expected.loss_tolerance),
        (found.gradient, expected.gradient.vector, expected.gradient_tolerance),
        *zip(found.pre_activations, right.pre_activations, allowed.pre_activations, strict=True),
        *zip(found.activations, right.activations, allowed.activations, strict=True),
    ]
    if found.error_signals is not None:
        compared += zip(found.error_signals, right.error_signals, allowed.error_signals, strict=True)
    return max(fraction(*each) for each in compared)


def off_by(how: Rounded, asked: Question, form: Form, relu_at_zero: float = 0.0) -> float:
    """Return how far off an answer is, as a fraction of the tolerances; 0 if something overflowed in it."""
    arguments = asked.network, asked.parameters, asked.batch
    expected = oracle.expect(*arguments, how.unit_roundoff, relu_at_zero, form)
    found = answer(how, *arguments, relu_at_zero)
    assert found.is_finite or how is HALF or "softplus" in asked.network.activations
    return worst(found, expected) if found.is_finite else 0.0


@pytest.mark.parametrize("form", ["certified", "statistical"])
@pytest.mark.parametrize("how", [*IMPLEMENTATIONS, *DOUBLE, HALF], ids=name_of)
def test_tolerances_hold(how: Rounded, form: Form) -> None:
    @settings(max_examples=30)
    @given(asked=questions(how.dtype), relu_at_zero=CHOICES)
    def check(asked: Question, relu_at_zero: float) -> None:
        off = off_by(how, asked, form, relu_at_zero)
        target(off)
        assert off <= 1

    check()


@settings(max_examples=60)
@given(asked=questions(np.float16, widest=33), relu_at_zero=CHOICES)
def test_certified_tolerances_hold_where_all_roundings_conspire(asked: Question, relu_at_zero: float) -> None:
    off = off_by(BIASED, asked, "certified", relu_at_zero)
    target(off)
    assert off <= 1


SHAPES = ((64, 128, 128, 1), (128, 1, 128, 2, 130, 1), (130, 4))


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("activation", ["identity", "tanh", "relu"])
def test_units_that_are_wrong_together_stay_within_statistical_tolerances(activation: str, regime: str) -> None:
    """Tied units, single-file layers, weights of one sign: errors add up in step instead of averaging out."""
    for seed, sizes in enumerate(SHAPES):
        for samples in (1, 17):
            network = Network(sizes, activation)
            asked = question(np.random.default_rng(seed), network, samples, regime, False, np.float32)
            for how in IMPLEMENTATIONS[1:3]:  # random order and late scaling
                assert off_by(how, asked, "statistical") <= 1


@pytest.mark.parametrize("regime", ["constant", "sorted", "positive", "normal"])
def test_wide_layers_stay_within_statistical_tolerances(regime: str) -> None:
    """A sum of 500 equal terms repeats its rounding error 500 times."""
    for seed, activation in enumerate(("identity", "tanh", "logistic")):
        network = Network((32, 500, 500, 2), activation)
        asked = question(np.random.default_rng(seed), network, 3, regime, dtype=np.float32)
        for how in (FLOAT32, IMPLEMENTATIONS[2]):
            assert off_by(how, asked, "statistical") <= 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_what_is_exactly_zero_must_be_exactly_zero(activation: str, dtype: npt.DTypeLike) -> None:
    """With all parameters 0, and sigma(0) = 0, only the output bias has a gradient; rounding explains no other."""
    unit_roundoff = 2.0**-24 if dtype == np.float32 else 2.0**-53
    for loss in LOSSES:
        network = Network((3, 40, 4, 2), activation, loss)
        asked = question(np.random.default_rng(3), network, 5, "zeros", dtype=dtype)
        expected = oracle.expect(network, asked.parameters, asked.batch, unit_roundoff)
        assert (expected.gradient_tolerance[network.bias_slice(2)] > 0).all()
        if ACTIVATION_TABLE[activation].zero_at_zero:
            hidden = slice(0, network.bias_slice(2).start)
            assert not expected.gradient.vector[hidden].any()
            assert not expected.gradient_tolerance[hidden].any()


@settings(max_examples=25)
@given(asked=questions(np.float32))
def test_the_same_question_has_the_same_answer(asked: Question) -> None:
    arguments = asked.network, asked.parameters, asked.batch, FLOAT32.unit_roundoff
    one, other = oracle.expect(*arguments), oracle.expect(*arguments)
    assert one.form == other.form
    assert (one.loss, one.loss_tolerance) == (other.loss, other.loss_tolerance)
    np.testing.assert_array_equal(one.gradient_tolerance, other.gradient_tolerance)


@given(asked=questions(np.float32, widest=65))
def test_a_coarser_arithmetic_has_larger_tolerances(asked: Question) -> None:
    arguments = asked.network, asked.parameters, asked.batch
    fine, coarse = (oracle.expect(*arguments, u, form="certified") for u in (2.0**-30, 2.0**-20))
    assert fine.loss_tolerance < coarse.loss_tolerance
    # what underflow adds does not depend on the unit roundoff, but for what the oracle allows for itself
    assert (fine.gradient_tolerance <= coarse.gradient_tolerance * (1 + 2.0**-22)).all()
    assert np.isfinite(fine.gradient_tolerance).all()


@settings(max_examples=25)
@given(asked=questions(np.float32))
def test_the_form_is_what_was_asked_for_and_a_proof_where_that_is_sharp(asked: Question) -> None:
    arguments = asked.network, asked.parameters, asked.batch, FLOAT32.unit_roundoff
    proof, guess = (oracle.expect(*arguments, form=form) for form in ("certified", "statistical"))
    assert (proof.form, guess.form) == ("certified", "statistical")
    assert (guess.gradient_tolerance <= proof.gradient_tolerance).all()
    chosen, network = oracle.expect(*arguments), asked.network
    sharp = []
    for layer in range(network.layer_count):
        g, tolerance = proof.gradient.weight(layer), proof.gradient_tolerance[network.weight_slice(layer)]
        faults = oracle.detectable(g.ravel(), tolerance)[g.ravel() != 0]
        sharp.append(faults.size == 0 or np.mean(faults <= SHARP["float32"]) >= 0.5)
    assert chosen.form == ("certified" if all(sharp) else "statistical")
    same = proof if chosen.form == "certified" else guess
    np.testing.assert_array_equal(chosen.gradient_tolerance, same.gradient_tolerance)
