"""Several faults at once: each is told with its share of the wrong answers, and what none explains is told too."""

import numpy as np

from symtests.batch import Batch
from symtests.diagnosis import Examination
from symtests.implementations.checked import Checked
from symtests.network import LEAKY_SLOPE, Network
from symtests.parameters import Parameters
from symtests.properties.base import Case
from symtests.training import Training
from tests.diagnosis.examined import LONG_ENOUGH, case_for, diagnosis
from tests.mutants.base import Correct
from tests.mutants.loss_faults import MeanMissing
from tests.mutants.training_faults import OutputWeightsFirst

OPERATIONS = ("loss_and_gradient", "predict", "train")


class ClippedSlopes(Correct):
    """Takes slopes at outputs that are cut off, as FANN does: each activation at another number."""

    def slope(self, name, z):
        least = {"tanh": 0.0396, "logistic": 0.0099}.get(name)
        return super().slope(name, z) if least is None else np.maximum(super().slope(name, z), least)


def test_each_activation_may_have_a_fault_of_its_own() -> None:
    told = diagnosis(ClippedSlopes())
    assert "the slope of tanh never falls below 0.0396, so that saturated units go on learning" in told
    assert "Besides, the slope of logistic never falls below 0.0099" in told
    assert "not explain" not in told


class KinkToo(OutputWeightsFirst):
    """Updates weights too early, and has another slope at the kink of one activation."""

    def slope(self, name, z):
        return np.where(z >= 0, 1.0, LEAKY_SLOPE) if name == "leaky_relu" else super().slope(name, z)


def test_what_two_faults_do_together_is_told_as_two() -> None:
    told = diagnosis(KinkToo())
    assert "the weights are updated before error signals are sent back through them" in told
    assert "leaky_relu'(0) is 1." in told
    assert "Besides, " in told
    assert "This explains the wrong answers" in told
    assert "not explain" not in told


class HalfNoise(MeanMissing):
    """Is wrong in a simple way with few hidden units, and in no way with more."""

    def gradient(self, network, batch, stages):
        gradient = super().gradient(network, batch, stages)
        if network.layer_count > 1 and network.sizes[1] > 4:
            gradient.vector[...] += np.random.default_rng(0).normal(size=network.parameter_count)
        return gradient


def test_half_an_explanation_is_none() -> None:
    assert diagnosis(HalfNoise()).startswith("the gradient is wrong in 46 of 46 answers;")


class CutOff(ClippedSlopes):
    """Cuts off outputs too, as FANN does, so far out that no designed question shows it."""

    def output_error_signals(self, network, z, batch):
        return super().output_error_signals(network, np.clip(z, -150, 150), batch)


def _told_of_one_weight(implementation: Correct, weight: float) -> str:
    one, network = np.ones((1, 1)), Network((1, 1))
    case = Case(network, Parameters(network, np.array([weight, 1.0])), Batch(one, one), Training())
    return Examination(Checked(implementation, "float64"), LONG_ENOUGH).diagnosis_of(case, OPERATIONS)


def test_what_the_property_itself_has_seen_comes_first() -> None:
    checked, network = Checked(CutOff(), "float64"), Network((1, 1))
    case = Case(
        network, Parameters(network, np.array([200.0, 1.0])), Batch(np.ones((1, 1)), np.ones((1, 1))), Training()
    )
    told = Examination(checked, LONG_ENOUGH).diagnosis_of(case, OPERATIONS)
    assert told.startswith("the outputs are cut off at 150 on either side of 0")
    assert "Besides, the slope of tanh never falls below 0.0396" in told
    assert "not explain" not in told


def test_one_number_that_is_wrong_is_not_explained_away() -> None:
    class Once(ClippedSlopes):
        def gradient(self, network, batch, stages):
            gradient = super().gradient(network, batch, stages)
            if network.sizes == (1, 1) and batch.x[0, 0] == 1:
                gradient.vector[...] *= 1.2345
            return gradient

    told = _told_of_one_weight(Once(), 3.0)
    assert told.startswith("the gradient of the smallest case is wrong and not explained: no known fault model")
    assert "Elsewhere, the slope of tanh never falls below 0.0396" in told


class SignsOfFiveInputs(MeanMissing):
    def gradient(self, network, batch, stages):
        gradient = super().gradient(network, batch, stages)
        return gradient if network.sizes[0] != 5 else Parameters(network, np.sign(gradient.vector))


class NoiseOfFiveInputs(MeanMissing):
    def gradient(self, network, batch, stages):
        gradient = super().gradient(network, batch, stages)
        noise = np.random.default_rng(0).normal(size=network.parameter_count)
        return gradient if network.sizes[0] != 5 else Parameters(network, gradient.vector + noise)


def _told_of_five_inputs(implementation: MeanMissing) -> str:
    checked = Checked(implementation, "float64")
    case, random = case_for(checked), np.random.default_rng(0)
    network = Network((5, 2, 2), "tanh")
    start = Parameters(network, random.normal(size=network.parameter_count))
    batch = Batch(random.normal(size=(3, 5)), random.normal(size=(3, 2)))
    return Examination(checked, LONG_ENOUGH).diagnosis_of(type(case)(network, start, batch, case.training), OPERATIONS)


def test_a_second_fault_in_the_case_itself_is_told_or_left_open() -> None:
    told = _told_of_five_inputs(SignsOfFiveInputs())
    assert told.startswith("every component of the gradient is replaced by its sign")
    assert "Besides, the gradient of every tensor is N times too large" in told
    told = _told_of_five_inputs(NoiseOfFiveInputs())
    assert told.startswith("the gradient of the smallest case is wrong and not explained: no known fault model")
    assert "Elsewhere, the gradient of every tensor is N times too large" in told


class ThreeFaults(ClippedSlopes):
    """Clips the slopes of two activations at two numbers, and that of the outputs of one loss at a third."""

    def output_error_signals(self, network, z, batch):
        if network.loss != "logistic_mse":
            return super().output_error_signals(network, z, batch)
        p = 1 / (1 + np.exp(-z))
        mean = self.shares(batch)[:, np.newaxis] / batch.y.shape[1]
        return 2 * (p - batch.y) * np.maximum(p * (1 - p), 0.125) * mean


def test_three_causes_are_told_as_three() -> None:
    told = diagnosis(ThreeFaults())
    for words in ("tanh never falls below 0.0396", "logistic never falls below 0.0099"):
        assert f"the slope of {words}" in told
    assert "the slope of the outputs never falls below 0.125" in told
    assert told.count("Besides, ") == 2
    assert "not explain" not in told
