"""Losses that are reported with the gradient of another; and others that are not ours, but that their gradient fits."""

from dataclasses import replace

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.network import LEAKY_SLOPE, Network
from symtests.parameters import Parameters
from tests.mutants.base import Correct

# Faults.


class LossAfterTheStep(Correct):
    """Takes a small step before it reports the loss; the gradient is that before."""

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        _, gradient = super().loss_and_gradient(network, parameters, batch)
        after = (parameters.vector - parameters.dtype.type(0.1) * gradient.vector).astype(parameters.dtype)
        return super().loss_and_gradient(network, Parameters(network, after), batch)[0], gradient


class LossWithoutSampleWeights(Correct):
    """Weighs the samples in the gradient alone."""

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        return super().loss(network, z, replace(batch, sample_weights=None))


class LossOfHalfTheSquares(Correct):
    """Reports half of the squared error with the gradient of the whole."""

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        return super().loss(network, z, batch) / (2 if network.loss == "mse" else 1)


class SlopeOfGeluApproximated(Correct):
    """Activates by gelu, and differentiates its approximation z logistic(1.702 z)."""

    def slope(self, name: str, z: Array) -> Array:
        if name != "gelu":
            return super().slope(name, z)
        p = self.activate("logistic", z.dtype.type(1.702) * z)
        return p + z.dtype.type(1.702) * z * p * (1 - p)


# No faults, but other losses than ours, of which nothing is said.


class ThreefoldLoss(Correct):
    """Its loss is three times ours, and so is its gradient."""

    def shares(self, batch: Batch) -> Array:
        return batch.x.dtype.type(3) * super().shares(batch)


class SumOfLosses(Correct):
    """Sums over the samples, in loss and gradient alike."""

    def shares(self, batch: Batch) -> Array:
        return super().shares(batch) * batch.x.dtype.type(len(batch))


class PenaltyInBoth(Correct):
    """Adds a tenth of the sum of the squares of the parameters to the loss, and its derivative to the gradient."""

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        share, vector = parameters.dtype.type(0.1), parameters.vector
        gradient.vector[...] += 2 * share * vector
        return loss + float(share * (vector**2).sum()), gradient


class SteeperLeak(Correct):
    """Has a leaky_relu of slope 0.2 below zero, there and back."""

    def activate(self, name: str, z: Array) -> Array:
        return super().activate(name, z) * self._factor(name, z)

    def slope(self, name: str, z: Array) -> Array:
        return super().slope(name, z) * self._factor(name, z)

    @staticmethod
    def _factor(name: str, z: Array) -> Array:
        steeper = z.dtype.type(0.2 / LEAKY_SLOPE)
        return np.where(z < 0, steeper, z.dtype.type(1)) if name == "leaky_relu" else np.ones_like(z)


class LogCosh(Correct):
    """Takes log cosh(z - y) for the squared error: unlike that, it has a third derivative."""

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        if network.loss != "mse":
            return super().loss(network, z, batch)
        return float((self.shares(batch) * np.log(np.cosh(z - batch.y)).mean(axis=1)).sum())

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        if network.loss != "mse":
            return super().output_error_signals(network, z, batch)
        return np.tanh(z - batch.y) / z.dtype.type(z.shape[1]) * self.shares(batch)[:, np.newaxis]


class GeluApproximated(SlopeOfGeluApproximated):
    """Takes z logistic(1.702 z) for gelu, there and back."""

    def activate(self, name: str, z: Array) -> Array:
        if name != "gelu":
            return super().activate(name, z)
        return z * super().activate("logistic", z.dtype.type(1.702) * z)
