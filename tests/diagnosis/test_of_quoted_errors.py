"""What was once said wrongly: each of these faults is named now, alone and beside another one, and that is not said."""

from __future__ import annotations

import numpy as np
import pytest

from symtests.batch import Batch
from symtests.diagnosis import Examination
from symtests.implementations.base import Capabilities
from symtests.implementations.checked import Checked
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties.base import Case
from symtests.training import Training
from tests.diagnosis.examined import LONG_ENOUGH, diagnosis
from tests.mutants.base import Correct

_ADAM = ("adam", "adamw")


class _Trained(Correct):
    """Shows nothing but where trainings lead."""

    loss_and_gradient = None  # type: ignore[assignment]
    predict = None  # type: ignore[assignment]
    stages = None  # type: ignore[assignment]
    kind: type[Correct] = Correct

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        return self.kind().train(network, parameters, batch, training)


def trained_only(fault: type[Correct]) -> type[Correct]:
    """Return an implementation with the fault that reports no gradient."""
    return type(fault.__name__, (_Trained,), {"kind": fault, "capabilities": fault.capabilities})


class EarlyUpdates(Correct):
    """Changes the weights of a layer, and then sends error signals back through them."""

    def step_gradient(self, network, theta, batch, training):
        before, changed = self.stages(network, theta, batch), theta.copy()
        signals = [before.error_signals[-1]]
        for layer in range(network.layer_count - 1, 0, -1):
            step = self.weight_gradient(before.activations[layer], signals[0])
            changed.weight(layer)[...] -= training.learning_rate * step
            name, z = network.activations[layer - 1], before.pre_activations[layer - 1]
            signals.insert(0, self.hidden_error_signals(name, z, signals[0], changed.weight(layer)))
        return self.gradient(network, batch, before._replace(error_signals=tuple(signals))).vector


class ReluOfOne(Correct):
    """Takes 1 for the slope of relu at 0, which is a choice."""

    def slope(self, name, z):
        return (z >= 0).astype(z.dtype) if name == "relu" else super().slope(name, z)


class CorrectionsMultiplied(Correct):
    """Multiplies the moments of adam by 1 - beta^t, and divides by nothing."""

    def update(self, theta, gradient, memory, step, training):
        if training.optimizer not in _ADAM:
            return super().update(theta, gradient, memory, step, training)
        b1, b2, mean, square = training.mean_decay, training.square_decay, memory["mean"], memory["square"]
        theta.vector[...] *= 1 - training.learning_rate * training.weight_decay
        mean[...] = b1 * mean + (1 - b1) * gradient
        square[...] = b2 * square + (1 - b2) * gradient**2
        root = np.sqrt(square * (1 - b2**step))
        theta.vector[...] -= training.learning_rate * mean * (1 - b1**step) / (root + training.epsilon)
        return None


class LeakySlope(Correct):
    """Has the slope 0.2 below 0 for leaky_relu, in the backward pass."""

    def slope(self, name, z):
        return np.where(z > 0, 1.0, 0.2).astype(z.dtype) if name == "leaky_relu" else super().slope(name, z)


class ResidualsClipped(Correct):
    """Clips z - y at 1 for the squared error."""

    def output_error_signals(self, network, z, batch):
        if network.loss == "mse":
            z = batch.y + np.clip(z - batch.y, -1, 1)
        return super().output_error_signals(network, z, batch)


class WholeTargets(Correct):
    """Casts targets to whole numbers, as labels are."""

    def loss_and_gradient(self, network, parameters, batch):
        whole = Batch(batch.x, np.trunc(batch.y), batch.sample_weights)
        return super().loss_and_gradient(network, parameters, whole)


class QuarterInDeepNetworks(Correct):
    """Gives W1 a quarter of its gradient, in deep networks."""

    capabilities = Capabilities(
        dtypes=("float64",), activations=("logistic",), losses=("mse",), optimizers=("sgd",), sample_weights=False
    )

    def gradient(self, network, batch, stages):
        gradient = super().gradient(network, batch, stages)
        gradient.weight(0)[...] *= 0.25 if network.layer_count > 2 else 1
        return gradient


class BiasesRest(Correct):
    """Never moves a bias."""

    def step_gradient(self, network, theta, batch, training):
        gradient = Parameters(network, super().step_gradient(network, theta, batch, training))
        for layer in range(network.layer_count if network.bias else 0):
            gradient.bias(layer)[...] = 0
        return gradient.vector


class OneStepOnly(Correct):
    """Takes one step, whatever number is asked for."""

    def train(self, network, parameters, batch, training):
        return super().train(network, parameters, batch, training.with_steps(min(training.steps, 1)))


class CutOffAt32(Correct):
    """Looks at the first 32 samples."""

    def loss_and_gradient(self, network, parameters, batch):
        weights = None if batch.sample_weights is None else batch.sample_weights[:32]
        return super().loss_and_gradient(network, parameters, Batch(batch.x[:32], batch.y[:32], weights))


class WeightsByTheirLargest(Correct):
    """Divides the sample weights by their largest, and the sum by the number of samples."""

    def shares(self, batch):
        weights = batch.sample_weights
        return super().shares(batch) if weights is None else weights / weights.max() / len(batch)


class EpsilonInsideRoot(Correct):
    """Adds epsilon before the root, in adam."""

    def update(self, theta, gradient, memory, step, training):
        if training.optimizer not in _ADAM:
            return super().update(theta, gradient, memory, step, training)
        b1, b2, mean, square = training.mean_decay, training.square_decay, memory["mean"], memory["square"]
        theta.vector[...] *= 1 - training.learning_rate * training.weight_decay
        mean[...] = b1 * mean + (1 - b1) * gradient
        square[...] = b2 * square + (1 - b2) * gradient**2
        root = np.sqrt(square / (1 - b2**step) + training.epsilon)
        theta.vector[...] -= training.learning_rate * mean / (1 - b1**step) / root
        return None


class TinyFlushed(Correct):
    """Sets components of the gradient below 1e-6 to 0."""

    def gradient(self, network, batch, stages):
        gradient = super().gradient(network, batch, stages)
        return Parameters(network, np.where(np.abs(gradient.vector) < 1e-6, 0, gradient.vector))


class EarlyAndKink(EarlyUpdates, ReluOfOne):
    """Has both."""


class CorrectionsAndSlope(CorrectionsMultiplied, LeakySlope):
    """Has both."""


class ClippedAndOneStep(OneStepOnly, ResidualsClipped):
    """Has both."""


class WeightsAndEpsilon(EpsilonInsideRoot, WeightsByTheirLargest):
    """Has both."""


_EARLY = "the weights are updated before error signals are sent back through them, in every layer"
_CORRECTIONS = "whose bias correction is applied the wrong way round: times (1 - beta^t) in place of divided by it"
_LARGEST = "the sample weights are divided by their largest, and the weighted sum by N"
_CLIPPED = "for the loss mse, residuals are clipped at 1:"


@pytest.mark.parametrize(
    ("implementation", "optimizer", "right", "wrong"),
    [
        (EarlyUpdates, "sgd", (_EARLY,), "slope of relu"),
        (trained_only(EarlyUpdates), "sgd", (_EARLY,), "slope of relu"),
        (EarlyAndKink, "sgd", (_EARLY, "relu'(0) is 1"), "slope of relu"),
        (CorrectionsMultiplied, "adam", (_CORRECTIONS,), "stops error signals"),
        (trained_only(CorrectionsMultiplied), "adam", (_CORRECTIONS,), "stops error signals"),
        (CorrectionsAndSlope, "adam", (_CORRECTIONS, "leaky_relu has the slope 0.2 below 0"), "stops error signals"),
        (ResidualsClipped, "", (_CLIPPED,), "cut off"),
        (ClippedAndOneStep, "sgd", (_CLIPPED, "takes one step, whatever number is asked for"), "cut off"),
        (WholeTargets, "", ("the targets are cut down to whole numbers",), "smoothed"),
        (QuarterInDeepNetworks, "", ("W1 is 0.25 times what it should be, only with two",), "no constant factor"),
        (BiasesRest, "sgd", ("of the biases is 0",), "learning rate"),
        (OneStepOnly, "sgd", ("takes one step, whatever number is asked for",), "learning rate"),
        (WeightsByTheirLargest, "", (_LARGEST,), "second time"),
        (WeightsByTheirLargest, "sgd", (_LARGEST,), "shortened"),
        (WeightsAndEpsilon, "adam", (_LARGEST, "with epsilon inside the root"), "second time"),
        (TinyFlushed, "", ("components of the gradient below 1e-06 are flushed to 0",), "leaky_relu"),
    ],
)  # fmt: skip
def test_the_cause_is_named_and_what_was_said_is_not(
    implementation: type[Correct], optimizer: str, right: tuple[str, ...], wrong: str
) -> None:
    told = diagnosis(implementation(), "train" if optimizer else "loss_and_gradient", optimizer or "sgd")
    assert all(words in told for words in right)
    assert wrong not in told
    assert "not explain" not in told


@pytest.mark.parametrize("activations", ["identity", "tanh"])
def test_a_batch_that_is_cut_off_is_not_told_as_inputs_that_are_clipped(activations: str) -> None:
    random, network = np.random.default_rng(3), Network((3, 4, 2), activations)
    start = Parameters(network, random.normal(size=network.parameter_count))
    case = Case(network, start, Batch(random.normal(size=(40, 3)), random.normal(size=(40, 2))), Training())
    told = Examination(Checked(CutOffAt32(), "float64"), LONG_ENOUGH).diagnosis_of(case, ["loss_and_gradient"], [case])
    assert "batches are cut off: the samples after the first 32 are left out" in told
    assert "clipped" not in told
