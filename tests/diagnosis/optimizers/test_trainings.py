"""What is said of trainings: what explains them and those of a property, or that nothing does."""

import numpy as np
import pytest

from symtests.diagnosis.optimizers.sources import reported, right
from symtests.diagnosis.optimizers.trainings import TrainingFinding, Trainings
from symtests.implementations.checked import Checked
from symtests.properties.base import Case
from symtests.training import Training
from tests.diagnosis.examined import LONG_ENOUGH
from tests.diagnosis.measured import gradient_faults, loop_faults, step_faults
from tests.diagnosis.measured.reference import Reference
from tests.diagnosis.optimizers.following import DESIGNER


def finding(kind: type[Reference], optimizer: str, cases=(), source=right) -> TrainingFinding:
    implementation = Checked(kind(), "float64")
    chosen = source if source is right else source(implementation)
    known = source is right
    trainings = Trainings(implementation, LONG_ENOUGH, DESIGNER, optimizer, chosen, gradient_is_known=known)
    return trainings.told(cases)


def case(optimizer: str, steps: int = 2, factor: float = 1.0) -> Case:
    question = DESIGNER.plain()
    return Case(
        question.network, question.parameters, question.batch, Training(optimizer, 0.25 * factor, steps, momentum=0.25)
    )


def test_one_cause_is_named_with_its_evidence() -> None:
    told = finding(step_faults.MomentumDampened, "momentum").named
    assert "(v = mu v + (1 - mu) g). This explains all 12 trainings asked, 12 of which are wrong." in told


def test_two_causes_are_told_as_two() -> None:
    both = type("Both", (step_faults.EpsilonInsideRoot, step_faults.CorrectionMultiplied), {})
    told = finding(both, "adam").named
    assert "wrong way round" in told
    assert "Besides, " in told
    assert "epsilon inside the root" in told
    assert "Together they explain all 12 trainings asked" in told


def test_a_wrong_gradient_is_fed_in() -> None:
    both = type("Both", (gradient_faults.MeanMissing, step_faults.NoCorrection), {})
    assert "adam without bias correction. This" in finding(both, "adam", source=reported).named
    assert finding(both, "sgd", source=reported) == TrainingFinding(is_right=True)


def test_nothing_is_said_of_right_trainings() -> None:
    assert finding(Reference, "rmsprop", [case("rmsprop")]) == TrainingFinding(is_right=True)


class WrongFromTheFourthStep(Reference):
    """Is right in what a property has asked."""

    def settings(self, training, step):
        training = super().settings(training, step)
        return Training("sgd", 2 * training.learning_rate) if step > 3 else training


def test_a_cause_is_not_what_a_property_saw_whose_own_trainings_are_right() -> None:
    assert "not explained" in finding(WrongFromTheFourthStep, "sgd").facts
    assert finding(WrongFromTheFourthStep, "sgd", [case("sgd")]) == TrainingFinding(is_right=True)


class OtherwiseAtLowRates(step_faults.MomentumDampened):
    """Has one fault, and another where learning rates are low."""

    def velocity(self, old, gradient, training):
        grown = super().velocity(old, gradient, training)
        return grown + 0.0625 * gradient**3 if training.learning_rate < 0.1 else grown


def test_a_cause_has_to_give_what_the_property_saw() -> None:
    assert "1 - momentum" in finding(OtherwiseAtLowRates, "momentum", [case("momentum")]).named
    low = finding(OtherwiseAtLowRates, "momentum", [case("momentum", factor=0.25)])
    assert low.named == ""
    assert "not explained" in low.facts


class ClippedWhereItWasSeen(Reference):
    """Clips at a quarter, but where the parameters are those of the plain question alone."""

    def used(self, theta, gradient, memory, training):
        ours = DESIGNER.plain().theta
        plain = theta.vector.shape == ours.shape and bool((np.sign(theta.vector) == np.sign(ours)).all())
        return np.clip(gradient, -0.25, 0.25) if plain and abs(theta.vector).max() > abs(ours).max() / 1.5 else gradient


def test_a_constant_that_was_found_has_to_predict_other_answers() -> None:
    told = finding(step_faults.StepGradientClipped, "sgd").named
    assert "the components of the gradient are clipped at 0.25." in told
    assert "clipped" not in finding(ClippedWhereItWasSeen, "sgd").named


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
def test_what_is_kept_from_training_to_training_is_told(optimizer: str) -> None:
    told = finding(loop_faults.StateKept, optimizer)
    assert told.is_kept
    assert "something is kept" in told.named


def test_nothing_is_named_where_the_trainings_of_the_property_cannot_be_asked_again() -> None:
    huge = case("momentum", steps=10_000)
    assert finding(step_faults.MomentumDampened, "momentum", [huge]) == TrainingFinding()
    assert finding(step_faults.MomentumDampened, "momentum", [huge, case("momentum")]).named


def test_long_trainings_are_asked_where_short_ones_are_right() -> None:
    class CountsInEightBits(Reference):
        def numbers(self, theta, step):
            return super().numbers(theta, (step - 1) % 255 + 1)

    assert "step counter begins anew after every 255 steps" in finding(CountsInEightBits, "adam").named
