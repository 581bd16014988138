"""The faults of which the diagnosis is measured: enough, of every kind, and each by itself in one class."""

import numpy as np
import pytest

from symtests.diagnosis.questions.series import Designer
from symtests.network import OPTIMIZERS
from symtests.oracle import train
from symtests.properties import PROPERTIES
from symtests.training import Training
from tests.diagnosis.examined import diagnosis
from tests.diagnosis.measured.asking import are_all_seen, implementation_of
from tests.diagnosis.measured.cases import read_cases
from tests.diagnosis.measured.listing import FAULTS, PAIRED, fault_of
from tests.diagnosis.measured.reference import Reference


def test_there_are_enough_of_every_kind() -> None:
    assert len(PAIRED) >= 40
    assert {fault.place for fault in PAIRED} == {"gradients", "losses", "numerics", "loops", "optimizers"}
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert {prop for fault in FAULTS for prop in fault.properties.split()} <= {prop.id for prop in PROPERTIES}


def test_each_is_found_by_some_property() -> None:
    assert set(read_cases()) == {fault.name for fault in FAULTS}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_reference_is_right(optimizer: str) -> None:
    question = Designer(Reference.capabilities, "float64", None).plain()
    training = Training(optimizer, 0.125, 4, weight_decay=0.25 * (optimizer == "adamw"))
    after = Reference().train(question.network, question.parameters, question.batch, training)
    right = train(question.network, question.parameters, question.batch, training)
    np.testing.assert_allclose(after.vector, right.vector, rtol=1e-10)
    assert diagnosis(Reference(), "train", optimizer) == ""


def test_a_fault_that_another_hides_is_told_from_one_that_shows() -> None:
    cases = read_cases()
    for names, expected in (
        (["NoCorrection", "CorrectionMultiplied"], False),  # it corrects nothing, in either way
        (["CorrectionMultiplied", "EpsilonInsideRoot"], True),
    ):
        assert are_all_seen([fault_of(name) for name in names], [cases[name] for name in names]) is expected


def test_faults_go_together() -> None:
    implementation = implementation_of([fault_of("MeanMissing"), fault_of("GradientReversed")])
    question = Designer(Reference.capabilities, "float64", None).plain()
    answer = implementation.loss_and_gradient(question.network, question.parameters, question.batch)
    np.testing.assert_allclose(answer.gradient.vector, -question.samples * question.gradient, rtol=1e-12)
