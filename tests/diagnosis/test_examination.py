"""Examination: silent on what is right, and bounded on what misbehaves."""

import time
from typing import Any

import numpy as np
import pytest

from symtests.batch import Batch
from symtests.diagnosis import Examination
from symtests.diagnosis.questions.asking import Interview
from symtests.diagnosis.questions.series import Designer
from symtests.implementations.base import Capabilities
from symtests.implementations.checked import Call, Checked
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import OPTIMIZERS, Network
from symtests.parameters import Parameters
from symtests.properties.base import Case
from symtests.training import Training
from tests.diagnosis.examined import LONG_ENOUGH, case_for, diagnosis
from tests.mutants.base import Correct
from tests.mutants.loss_faults import MeanMissing
from tests.mutants.report_faults import LossIsSummed
from tests.mutants.training_faults import OutputWeightsFirst

OPERATIONS = ("loss_and_gradient", "predict", "train")


class Reports(Correct):
    """Leaves its capabilities to each test."""

    def __init__(self, **capabilities: Any) -> None:
        self.capabilities = Capabilities(dtypes=("float32", "float64"), **capabilities)


class StepsOnly(Correct):
    loss_and_gradient = None  # type: ignore[assignment]  # an implementation need not have it
    stages = None  # type: ignore[assignment]  # likewise
    predict = None  # type: ignore[assignment]  # likewise

    def step_gradient(self, network, theta, batch, training):
        return Correct().step_gradient(network, theta, batch, training)


class TwiceTheLoss(Correct):
    """Declares what it does."""

    capabilities = Capabilities(loss_scale={"mse": 2.0})

    def loss_and_gradient(self, network, parameters, batch):
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        factor = 2 if network.loss == "mse" else 1
        return factor * loss, Parameters(network, factor * gradient.vector)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("implementation", [Correct(), NumpyPlain(), StepsOnly()])
def test_nothing_is_said_of_what_is_right(implementation: object, dtype: str) -> None:
    checked = Checked(implementation, dtype)
    examination = Examination(checked, LONG_ENOUGH)
    for optimizer in OPTIMIZERS:
        assert examination.diagnosis_of(case_for(checked, optimizer), OPERATIONS) == ""


@pytest.mark.parametrize(
    "capabilities",
    [
        {"max_hidden_layers": 0},
        {"max_hidden_layers": 1, "max_width": 2},
        {"max_samples": 1},
        {"activations": ("relu",), "losses": ("softmax_cross_entropy",), "bias": (False,), "sample_weights": False},
        {"activations": ("identity",), "losses": ("logistic_mse",), "optimizers": ("adam",)},
    ],
)
def test_nothing_else_is_asked_than_what_it_can_do(capabilities: dict[str, object]) -> None:
    can = Reports(**capabilities).capabilities
    for question in (*Designer(can, "float32", None).series(), *Designer(can, "float32", None).fresh()):
        network = question.network
        assert can.max_hidden_layers is None or len(network.hidden_sizes) <= can.max_hidden_layers
        assert can.max_width is None or max(network.hidden_sizes, default=0) <= can.max_width
        assert can.max_samples is None or question.samples <= can.max_samples
        assert set(network.activations) <= set(can.activations)
        assert network.loss in can.losses
        assert network.bias in can.bias
        assert can.sample_weights or question.batch.sample_weights is None
    for dtype in can.dtypes:
        assert diagnosis(Reports(**capabilities), dtype=dtype) == ""


def test_a_declared_scale_of_the_loss_is_no_fault() -> None:
    assert diagnosis(TwiceTheLoss()) == ""


def test_the_plain_question_is_plain() -> None:
    plain = Designer(Capabilities(), "float64", None).plain()
    answered = Interview(Checked(Correct(), "float64"), LONG_ENOUGH).ask(plain)
    assert answered is not None
    assert not any([answered.is_saturated, answered.has_kink, answered.is_wrong])
    assert np.abs(answered.right).min() > 0


def test_questions_at_kinks_and_with_saturated_units_are_asked() -> None:
    series = Designer(Capabilities(), "float64", None).series()
    answers = Interview(Checked(Correct(), "float64"), LONG_ENOUGH).ask_all(series)
    at_kinks, saturated = (
        {answered.question.network.activations[0] for answered in answers if chosen(answered)}
        for chosen in (lambda answered: answered.has_kink, lambda answered: answered.is_saturated)
    )
    assert at_kinks == {"relu", "leaky_relu"}
    assert saturated == {"tanh", "logistic"}


class Refuses(MeanMissing):
    """Raises, or ends the process as it thinks, in every call but those of a small network."""

    def __init__(self, error: type[BaseException]) -> None:
        self.error, self.calls = error, 0

    def loss_and_gradient(self, network, parameters, batch):
        self.calls += 1
        raise self.error("no")


@pytest.mark.parametrize("error", [ValueError, SystemExit, MemoryError])
def test_an_implementation_that_raises_is_not_asked_for_long(error: type[BaseException]) -> None:
    implementation = Refuses(error)
    assert diagnosis(implementation) == ""
    assert implementation.calls <= 4


class Slow(MeanMissing):
    calls = 0

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        self.calls += 1
        time.sleep(0.02)
        return super().loss_and_gradient(network, parameters, batch)


def test_a_slow_implementation_is_asked_fewer_questions() -> None:
    implementation = Slow()
    checked = Checked(implementation, "float64")
    examination = Examination(checked, 0.3)
    for _ in range(3):
        examination.diagnosis_of(case_for(checked), OPERATIONS)
    assert implementation.calls <= 60  # without an end to the time, three times fifty
    assert "N times too large" in diagnosis(Slow())


def test_no_time_is_no_question() -> None:
    implementation = Slow()
    checked = Checked(implementation, "float64")
    assert Examination(checked, 0.0).diagnosis_of(case_for(checked), OPERATIONS) == ""
    assert implementation.calls == 0


class NeverFinite(Correct):
    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        return Parameters(network, np.full_like(parameters.vector, np.nan))


def test_trainings_that_are_not_finite_are_passed_over() -> None:
    assert diagnosis(NeverFinite(), "train", "adam") == ""


def test_questions_are_asked_once_for_all_checks() -> None:
    checked = Checked(LossIsSummed(), "float64")
    examination, calls = Examination(checked, LONG_ENOUGH), list[Call]()
    checked.on_call = calls.append
    told = [examination.diagnosis_of(case_for(checked), ["loss_and_gradient"]) for _ in range(3)]
    assert told == [told[0]] * 3
    first, asked = len(calls), len(calls)
    examination.diagnosis_of(case_for(checked), ["loss_and_gradient"])
    assert len(calls) - asked == 1  # that of the case itself
    assert first < 80


class WrongForFiveInputs(Correct):
    """Is wrong where none of the designed questions looks."""

    def bias_gradient(self, signals):
        gradient = super().bias_gradient(signals)
        return 3 * gradient if self.inputs == 5 else gradient

    def loss_and_gradient(self, network, parameters, batch):
        self.inputs = network.sizes[0]
        return super().loss_and_gradient(network, parameters, batch)


def test_the_case_that_broke_the_property_is_a_question_too() -> None:
    checked = Checked(WrongForFiveInputs(), "float64")
    case, random = case_for(checked), np.random.default_rng(0)
    network = Network((5, 2, 2), "tanh")
    start = Parameters(network, random.normal(size=network.parameter_count))
    batch = Batch(random.normal(size=(3, 5)), random.normal(size=(3, 2)))
    examination = Examination(checked, LONG_ENOUGH)
    assert examination.diagnosis_of(case, OPERATIONS) == ""
    told = examination.diagnosis_of(type(case)(network, start, batch, case.training), OPERATIONS)
    assert told.startswith("the gradient of the biases is 3 times what it should be, only with 5 inputs.")


def test_what_is_recovered_from_steps_is_explained_at_every_rate() -> None:
    told = diagnosis(OutputWeightsFirst())
    assert "updated before error signals are sent back" in told
    assert "only" not in told


class SeveralFaults(Correct):
    """A gelu of six digits, a loss four times too large for mse, and another one in place of the softmax's."""

    def activate(self, name, z):
        return super().activate(name, z) * (1 + 1e-6 * (name == "gelu"))

    def slope(self, name, z):
        return super().slope(name, z) * (1 + 1e-6 * (name == "gelu"))

    def loss_and_gradient(self, network, parameters, batch):
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        if network.loss == "softmax_cross_entropy":
            return float((gradient.vector**2).sum()), gradient
        return loss * (4 if network.loss == "mse" else 1), gradient


def diagnosis_where(
    network: Network, operations: tuple[str, ...] = ("loss_and_gradient",), implementation: object = None
) -> str:
    """Return what is said after a property was broken that has asked this network alone, with random numbers."""
    checked, random = Checked(implementation or SeveralFaults(), "float64"), np.random.default_rng(0)
    start = Parameters(network, random.normal(size=network.parameter_count))
    targets = np.eye(3)[:, : network.sizes[-1]]
    case = Case(network, start, Batch(random.normal(size=(3, network.sizes[0])), targets), Training())
    return Examination(checked, LONG_ENOUGH).diagnosis_of(case, operations, [case])


def test_a_wrong_loss_is_told_where_the_gradient_that_the_property_saw_is_right() -> None:
    told = diagnosis_where(Network((2, 2, 1), "tanh"))
    assert told == "the loss mse is 4 times too large, while the gradient is right."


def test_each_loss_is_looked_at_alone_where_no_fault_model_explains_all() -> None:
    told = diagnosis_where(Network((2, 2, 3), "tanh", loss="softmax_cross_entropy"))
    assert told.startswith("the loss softmax_cross_entropy is wrong in")
    assert "times too large" not in told


class NoLossForSoftmax(SeveralFaults):
    def loss_and_gradient(self, network, parameters, batch):
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        return np.inf if network.loss == "softmax_cross_entropy" else loss, gradient


def test_nothing_is_said_where_what_the_property_saw_is_no_answer() -> None:
    network = Network((2, 2, 3), "tanh", loss="softmax_cross_entropy")
    assert diagnosis_where(network, implementation=NoLossForSoftmax()) == ""


def test_a_wrong_gradient_is_told_where_the_property_saw_it() -> None:
    told = diagnosis_where(Network((2, 2, 1), "gelu", loss="bce"))
    assert "only for the activation gelu" in told
    assert "the loss is" not in told


def test_faults_elsewhere_are_not_what_the_property_saw() -> None:
    assert diagnosis_where(Network((2, 2, 1), "tanh", loss="bce")) == ""
    assert diagnosis_where(Network((2, 2, 1), "tanh", loss="bce"), ("loss_and_gradient", "train")) == ""


def test_nothing_is_said_of_a_case_whose_numbers_are_none() -> None:
    checked = Checked(MeanMissing(), "float64")
    case = case_for(checked)
    case.parameters.vector[0] = np.nan
    assert Examination(checked, LONG_ENOUGH).diagnosis_of(case, OPERATIONS, [case]) == ""


class SlowSteps(StepsOnly):
    """Answers two questions in the time that there is, and trains wrongly."""

    def train(self, network, parameters, batch, training):
        time.sleep(0.15)
        return Parameters(network, parameters.vector + 1.0)


def test_nothing_is_said_of_gradients_that_were_not_asked_for() -> None:
    checked = Checked(SlowSteps(), "float64")
    told = Examination(checked, 0.3).diagnosis_of(case_for(checked), ["train"])
    assert "trainings by sgd are wrong" in told
    assert "by itself is right" not in told
