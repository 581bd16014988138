"""Trials: what fits the answers seen and not fresh ones is refuted."""

import numpy as np
import pytest

from symtests.diagnosis.combination import Cause, Combination, FaultModel
from symtests.diagnosis.condition import Condition
from symtests.diagnosis.fault_models import FAMILIES, FAULTS
from symtests.diagnosis.faults.fault import Family
from symtests.diagnosis.questions.asking import Interview
from symtests.diagnosis.questions.series import Designer
from symtests.diagnosis.trial import Trial, tried
from symtests.implementations.checked import Checked
from tests.diagnosis.examined import LONG_ENOUGH
from tests.mutants.backward_faults import HiddenSignalsClipped, SlopeMissing
from tests.mutants.base import Correct
from tests.mutants.loss_faults import MeanMissing

SUMMED = FaultModel("the mean is missing", "", lambda question: question.samples * question.gradient)
THREEFOLD = FaultModel("three times", "", lambda question: 3 * question.gradient)


def trial(implementation: Correct, causes: list[Cause], seconds: float = LONG_ENOUGH) -> Trial:
    checked = Checked(implementation, "float64")
    designer = Designer(checked.capabilities, "float64", None)
    known = Interview(checked, LONG_ENOUGH).ask_all(designer.series())
    return tried(Combination(tuple(causes)), designer, Interview(checked, seconds), known, 100)


def named(words: str) -> FaultModel:
    (fault,) = (fault for fault in FAULTS if fault.words == words)
    return FaultModel(fault.words, "", fault.gradient)


def test_a_right_fault_model_passes() -> None:
    assert trial(MeanMissing(), [Cause(SUMMED)]).is_passed
    lacking = named("the error signals of hidden units lack the slope of the activation, as if sigma'(z) were 1")
    assert trial(SlopeMissing(), [Cause(lacking)]).is_passed


@pytest.mark.parametrize("fault_model", [THREEFOLD, named("the first sample is left out")])
def test_a_wrong_fault_model_is_refuted(fault_model: FaultModel) -> None:
    assert trial(MeanMissing(), [Cause(fault_model)]).is_refuted


def test_a_condition_that_is_chance_is_refuted() -> None:
    of_three = Condition("with 3 samples", lambda answered: answered.question.samples == 3)
    outcome = trial(MeanMissing(), [Cause(SUMMED, of_three)])
    assert outcome.is_refuted
    assert {answered.question.samples for answered in outcome.answers} > {3}


@pytest.mark.parametrize(("constant", "passes"), [(0.25, True), (0.3, False)])
def test_a_constant_must_foretell_answers_that_vary_its_effect(constant: float, passes: bool) -> None:
    (family,) = _families("the error signals of hidden units are clipped at {}")
    fault_model = FaultModel("", "", family.of(constant), family.of, constant, (1.0625 * constant,))
    assert trial(HiddenSignalsClipped(), [Cause(fault_model)]).is_passed == passes


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
