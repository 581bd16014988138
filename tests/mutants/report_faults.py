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
