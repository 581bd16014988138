"""What is told of trainings: an optimizer's fault by itself, or beside one of gradients or of plain steps."""

import pytest

from symtests.diagnosis import Examination
from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import OutOfTime
from symtests.properties.base import Case
from symtests.training import Training
from tests.diagnosis.examined import LONG_ENOUGH, case_for, diagnosis
from tests.diagnosis.measured import gradient_faults, loop_faults, step_faults
from tests.diagnosis.measured.reference import Reference


def both(*kinds: type[Reference]) -> Reference:
    return type("Both", kinds, {})()


def test_an_optimizer_is_judged_beside_a_wrong_gradient() -> None:
    told = diagnosis(both(gradient_faults.MeanMissing, step_faults.CorrectionMultiplied), "train", "adam")
    assert "the mean over the batch is missing" in told
    assert "Besides, the step is that of adam whose bias correction is applied the wrong way round" in told
    assert "Besides" not in diagnosis(gradient_faults.MeanMissing(), "train", "adam")


def test_an_optimizer_is_judged_beside_wrong_plain_steps() -> None:
    told = diagnosis(both(loop_faults.LayersFirst, step_faults.MomentumDampened), "train", "momentum")
    assert "updated before error signals are sent back" in told
    assert "v = mu v + (1 - mu) g" in told
    assert "v = mu v" not in diagnosis(both(loop_faults.LayersFirst), "train", "momentum")


class StepsOnly(step_faults.NoCorrection, gradient_faults.SlopeMissing):
    loss_and_gradient = None  # type: ignore[assignment]  # an implementation need not have it
    stages = None  # type: ignore[assignment]  # likewise

    def step_gradient(self, network, theta, batch, training):
        return both(gradient_faults.SlopeMissing).step_gradient(network, theta, batch, training)


def test_gradients_that_are_not_reported_are_those_of_plain_steps() -> None:
    told = diagnosis(StepsOnly(), "train", "adam")
    assert "lack the slope" in told
    assert "Besides, the step is that of adam without bias correction" in told


def test_each_optimizer_that_a_property_asks_for_is_judged() -> None:
    implementation = Checked(both(step_faults.NoCorrection, step_faults.RmsDecaysExchanged), "float64")
    case = case_for(implementation, "adam")
    asked = [
        Case(case.network, case.parameters, case.batch, Training(name, 0.25, 2, square_decay=0.75))
        for name in ("adam", "rmsprop")
    ]
    told = Examination(implementation, LONG_ENOUGH).diagnosis_of(case, ["train"], (), asked)
    assert "adam without bias correction" in told
    assert "rmsprop with its decays exchanged" in told
    alone = Examination(implementation, LONG_ENOUGH).diagnosis_of(case, ["train"], (), asked[:1])
    assert "rmsprop" not in alone


def test_what_is_known_of_gradients_is_told_where_no_time_is_left_for_more() -> None:
    steps = Examination(Checked(both(gradient_faults.MeanMissing), "float64"), LONG_ENOUGH)._steps
    steps._implementation = OutOfTimeAtOnce(both(), "float64")
    case = case_for(steps._implementation, "adam")
    assert steps.told(case, [], "words") == "words"
    with pytest.raises(OutOfTime):
        steps.told(case, [], "")


class OutOfTimeAtOnce(Checked):
    def train(self, *question, **options):
        raise OutOfTime


@pytest.mark.parametrize("rate", [0.0, 0.25])
def test_a_learning_rate_of_0_is_not_blamed(rate: float) -> None:
    implementation = Checked(both(step_faults.NoCorrection), "float64")
    case = case_for(implementation, "adam")
    asked = [Case(case.network, case.parameters, case.batch, Training("adam", rate, 2))]
    told = Examination(implementation, LONG_ENOUGH).diagnosis_of(case, ["train"], (), asked)
    assert ("without bias correction" in told) == bool(rate)
    assert not told or rate


@pytest.mark.parametrize(
    ("kind", "words", "optimizer"),
    [
        (gradient_faults.GeluByTanh, "gelu is the approximation by tanh", "sgd"),
        (gradient_faults.MeanMissing, "the mean over the batch is missing", "adam"),
    ],
)
def test_updates_that_come_too_early_are_told_beside_a_wrong_gradient(kind, words, optimizer) -> None:
    told = diagnosis(both(kind, loop_faults.LayersFirst), "train", optimizer)
    of_gradient, _, of_step = told.partition(" Besides, a plain step does not follow the reported gradient: ")
    assert words in of_gradient
    assert of_step.startswith("the weights are updated before error signals are sent back through them, in every layer")
    assert "Together they explain the wrong answers" in of_step
    assert words not in of_step
    assert "not explained" not in told
