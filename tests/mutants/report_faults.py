"""Faults of what is reported: the loss and the gradient, each right by itself, do not belong together."""

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from tests.mutants.base import Correct


class LossIsSummed(Correct):
    """Reports the sum of the losses of the samples with the gradient of their mean."""

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        return len(batch) * super().loss(network, z, batch)


class GradientOfTheNegativeLoss(Correct):
    """Reports the direction of descent as the gradient."""

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        return loss, Parameters(network, -gradient.vector)

    def step_gradient(self, network: Network, theta: Parameters, batch: Batch, training: Training) -> Array:
        return -super().step_gradient(network, theta, batch, training)


class GradientAfterTheStep(Correct):
    """Reports the loss before a small step, and the gradient after it."""

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        after = (parameters.vector - 0.1 * gradient.vector).astype(parameters.dtype)
        return loss, super().loss_and_gradient(network, Parameters(network, after), batch)[1]


class LossInHalfPrecision(Correct):
    """Reports a loss of eleven significant bits."""

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        return float(np.float16(super().loss(network, z, batch)))


class PenaltyInTheLossOnly(Correct):
    """Adds a thousandth of the sum of the squares of the parameters to the loss, and not to the gradient."""

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        return loss + 1e-3 * float((parameters.vector**2).sum()), gradient


class PredictsProbabilities(Correct):
    """Predicts the logistic of the outputs where the loss is bce."""

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        z = super().predict(network, parameters, x)
        return self.activate("logistic", z) if network.loss == "bce" else z


class PredictsInAnotherOrder(Correct):
    """Predicts for the samples of a batch in the order of their first input."""

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        return super().predict(network, parameters, x[np.argsort(x[:, 0], kind="stable")])


class LossOfTheFirstSample(Correct):
    """Reports the loss of the first sample."""

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        return super().loss(network, z[:1], Batch(batch.x[:1], batch.y[:1]))


class LossOfTheStepBefore(Correct):
    """Reports the loss of the call before, as a queue that runs one behind does."""

    def __init__(self) -> None:
        self.latest = 1.0

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        before, self.latest = self.latest, super().loss(network, z, batch)
        return before
