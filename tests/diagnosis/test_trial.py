"""Trials: what fits the answers seen and not fresh ones is refuted."""

import numpy as np
import pytest

from symtests.diagnosis.combination import Cause, Combination, Thought
from symtests.diagnosis.condition import Condition
from symtests.diagnosis.faults.fault import Family
from symtests.diagnosis.questions.asking import Interview
from symtests.diagnosis.questions.series import Designer
from symtests.diagnosis.thoughts import FAMILIES, FAULTS
from symtests.diagnosis.trial import Trial, tried
from symtests.implementations.subject import Subject
from tests.diagnosis.examined import LONG_ENOUGH
from tests.mutants.backward_faults import HiddenSignalsClipped, SlopeMissing
from tests.mutants.base import Correct
from tests.mutants.loss_faults import MeanMissing

SUMMED = Thought("the mean is missing", "", lambda question: question.samples * question.gradient)
THREEFOLD = Thought("three times", "", lambda question: 3 * question.gradient)


def trial(implementation: Correct, causes: list[Cause], seconds: float = LONG_ENOUGH) -> Trial:
    subject = Subject(implementation, "float64")
    designer = Designer(subject.capabilities, "float64", None)
    known = Interview(subject, LONG_ENOUGH).ask_all(designer.series())
    return tried(Combination(tuple(causes)), designer, Interview(subject, seconds), known, 100)


def named(words: str) -> Thought:
    (fault,) = (fault for fault in FAULTS if fault.words == words)
    return Thought(fault.words, "", fault.gradient)


def test_a_right_thought_passes() -> None:
    assert trial(MeanMissing(), [Cause(SUMMED)]).is_passed
    lacking = named("the error signals of hidden units lack the slope of the activation, as if sigma'(z) were 1")
    assert trial(SlopeMissing(), [Cause(lacking)]).is_passed


@pytest.mark.parametrize("thought", [THREEFOLD, named("the first sample is left out")])
def test_a_wrong_thought_is_refuted(thought: Thought) -> None:
    assert trial(MeanMissing(), [Cause(thought)]).is_refuted


def test_a_condition_that_is_chance_is_refuted() -> None:
    of_three = Condition("with 3 samples", lambda answered: answered.question.samples == 3)
    outcome = trial(MeanMissing(), [Cause(SUMMED, of_three)])
    assert outcome.is_refuted
    assert {answered.question.samples for answered in outcome.answers} > {3}


@pytest.mark.parametrize(("constant", "passes"), [(0.25, True), (0.3, False)])
def test_a_constant_must_foretell_answers_that_vary_its_effect(constant: float, passes: bool) -> None:
    (family,) = _families("the error signals of hidden units are clipped at {}")
    thought = Thought("", "", family.of(constant), family.of, constant, (1.0625 * constant,))
    assert trial(HiddenSignalsClipped(), [Cause(thought)]).is_passed == passes


def test_without_time_nothing_is_passed_or_refuted() -> None:
    outcome = trial(MeanMissing(), [Cause(SUMMED)], seconds=0.0)
    assert not outcome.is_passed
    assert not outcome.is_refuted
    assert outcome.answers == ()


def test_what_is_right_needs_no_cause() -> None:
    outcome = trial(Correct(), [Cause(SUMMED)])
    assert outcome.is_refuted
    assert all(not answered.is_wrong for answered in outcome.answers)
    assert all(np.isfinite(answered.found).all() for answered in outcome.answers)


def _families(words: str) -> list[Family]:

    return [family for family in FAMILIES if family.words == words]
