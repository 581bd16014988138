"""What is said of faults that no other test has: by scope, by condition, by size, by what was asked before."""

import numpy as np
import pytest

from symtests.batch import Batch
from symtests.diagnosis import Examination
from symtests.implementations.checked import Checked
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties.base import Case
from symtests.training import Training
from tests.diagnosis.examined import LONG_ENOUGH, diagnosis
from tests.mutants.base import Correct


class Changed(Correct):
    """Changes a right gradient in place."""

    def change(self, network: Network, batch: Batch, gradient: Parameters) -> None:
        raise NotImplementedError

    def gradient(self, network, batch, stages):
        gradient = super().gradient(network, batch, stages)
        self.change(network, batch, gradient)
        return gradient


class FirstWeightsFrozen(Changed):
    def change(self, network, batch, gradient):
        gradient.weight(0)[...] = 0


class HiddenSignsReversed(Changed):
    def change(self, network, batch, gradient):
        for layer in range(network.layer_count - 1):
            gradient.weight(layer)[...] *= -1
            gradient.bias(layer)[...] *= -1


class OutputWeightsTimesFanIn(Changed):
    def change(self, network, batch, gradient):
        gradient.weight(network.layer_count - 1)[...] *= network.sizes[-2]


class ZeroForOneSample(Changed):
    def change(self, network, batch, gradient):
        gradient.vector[...] *= len(batch) > 1


class BesselsMean(Changed):
    def change(self, network, batch, gradient):
        gradient.vector[...] *= len(batch) / max(len(batch) - 1, 1)


class HalfInEachHiddenLayer(Correct):
    def hidden_error_signals(self, name, z, above, weight_above):
        return super().hidden_error_signals(name, z, above, weight_above) / 2


class SlopeNeverBelowAThousandth(Correct):
    def slope(self, name, z):
        slope = super().slope(name, z)
        return np.maximum(slope, z.dtype.type(1e-3)) if name in ("tanh", "logistic") else slope


class GivesThePreviousAnswer(Correct):
    latest: Parameters | None = None

    def loss_and_gradient(self, network, parameters, batch):
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        previous, self.latest = self.latest, gradient.copy()
        known = previous is not None and previous.network == network
        return loss, previous if known else gradient


class RaisesForNineUnits(Correct):
    def loss_and_gradient(self, network, parameters, batch):
        if 9 in network.hidden_sizes:
            raise IndexError("nine")
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        return loss, Parameters(network, gradient.vector * 2)


@pytest.mark.parametrize(
    ("implementation", "words"),
    [
        (FirstWeightsFrozen, "the gradient of W1 is 0. "),
        (HiddenSignsReversed, "the gradient of the hidden layers is reversed in sign"),
        (OutputWeightsTimesFanIn, "the gradient of the output weights is multiplied by the fan-in of its layer"),
        (ZeroForOneSample, "the gradient of every tensor is 0, only for a batch of one sample"),
        (BesselsMean, "N / (N - 1) times too large"),
        (HalfInEachHiddenLayer, "is 0.5 times what it should be for each hidden layer that error signals pass"),
        (SlopeNeverBelowAThousandth, "only where saturation (how many times smaller than at 0 the slope"),
        (GivesThePreviousAnswer, "the answer of the call before is given again"),
        (RaisesForNineUnits, "the gradient of every tensor is 2 times too large"),
    ],
)
def test_what_is_said(implementation, words):
    assert words in diagnosis(implementation())


class SquareOfEpsilonInsideRoot(Correct):
    def update(self, theta, gradient, memory, step, training):
        if training.optimizer != "adagrad":
            return super().update(theta, gradient, memory, step, training)
        memory["square"][...] += gradient**2
        theta.vector[...] -= training.learning_rate * gradient / np.sqrt(memory["square"] + training.epsilon**2)
        return None


class OwnEpsilonInsideRoot(Correct):
    """Has no setting for epsilon, as TensorFlow.js has none for adagrad."""

    def update(self, theta, gradient, memory, step, training):
        if training.optimizer != "adagrad":
            return super().update(theta, gradient, memory, step, training)
        memory["square"][...] += gradient**2
        theta.vector[...] -= training.learning_rate * gradient / np.sqrt(memory["square"] + 1e-7)
        return None


class BiasesWithoutMomentum(Correct):
    """Moves the biases by the gradient alone, as brain.js does."""

    def update(self, theta, gradient, memory, step, training):
        before = theta.copy()
        super().update(theta, gradient, memory, step, training)
        steps = Parameters(theta.network, gradient)
        for layer in range(theta.network.layer_count):
            theta.bias(layer)[...] = before.bias(layer) - training.learning_rate * steps.bias(layer)


@pytest.mark.parametrize(
    ("implementation", "optimizer", "words"),
    [
        (SquareOfEpsilonInsideRoot, "adagrad", "adagrad with the square of epsilon inside the root"),
        (OwnEpsilonInsideRoot, "adagrad", "adagrad with an epsilon of 1e-07 inside the root, whatever is asked for"),
        (BiasesWithoutMomentum, "momentum", "that of momentum for the weights, and that of sgd for the biases"),
    ],
)
def test_what_is_said_of_a_step(implementation, optimizer, words):
    assert words in diagnosis(implementation(), "train", optimizer)


class ProbabilitiesClipped(Correct):
    """Keeps probabilities a ten-millionth away from 0 and 1, in the loss alone."""

    def loss(self, network, z, batch):
        if network.loss != "bce":
            return super().loss(network, z, batch)
        p = np.clip(1 / (1 + np.exp(-z)), 1e-7, 1 - 1e-7)
        return float(-(batch.y * np.log(p) + (1 - batch.y) * np.log(1 - p)).mean())


def test_a_clipped_probability_is_named() -> None:
    implementation, network = Checked(ProbabilitiesClipped(), "float64"), Network((1, 1), loss="bce")
    batch = Batch(np.ones((1, 1)), np.zeros((1, 1)))
    case = Case(network, Parameters(network, np.array([40.0, 0.0])), batch, Training())
    told = Examination(implementation, LONG_ENOUGH).diagnosis_of(case, ["loss_and_gradient"], [case])
    assert "is that of probabilities which are kept 1e-07 away from 0 and 1" in told
