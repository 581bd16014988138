"""Faults that show where nothing is hidden: without hidden layers, much is known of the loss and of where it leads."""

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from tests.mutants.base import Correct


def _as_squared_error(network: Network) -> Network:
    loss = "logistic_mse" if network.loss == "bce" else network.loss
    return Network(network.sizes, network.activations, loss, network.bias)


class SquaredErrorSoldAsBce(Correct):
    """Takes, in loss and gradient alike, the squared error of logistic outputs for binary cross-entropy."""

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        return super().loss(_as_squared_error(network), z, batch)

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        return super().output_error_signals(_as_squared_error(network), z, batch)


class SlopeOfOutputMissing(Correct):
    """Forgets logistic'(z) in the error signal of a squared error of logistic outputs."""

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        if network.loss != "logistic_mse":
            return super().output_error_signals(network, z, batch)
        probabilities = self.activate("logistic", z)
        return 2 * (probabilities - batch.y) / z.dtype.type(z.shape[1]) * self.shares(batch)[:, np.newaxis]


class GradientTimesWeights(Correct):
    """Multiplies the gradient of the weights with the weights, as if they were on its right-hand side."""

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        for weight, of_weight in zip(parameters.weights, gradient.weights, strict=True):
            of_weight *= weight
        return loss, gradient


class BestOutputsUnpunished(Correct):
    """Lets no output pay that is larger than its target by more than 1/2: its loss is no longer convex."""

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        return super().loss(network, self._held(network, z, batch), batch)

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        signals = super().output_error_signals(network, z, batch)
        return signals * (self._held(network, z, batch) == z)

    @staticmethod
    def _held(network: Network, z: Array, batch: Batch) -> Array:
        return np.minimum(z, batch.y + z.dtype.type(0.5)) if network.loss == "mse" else z


class StopsWhereItIsGoodEnough(Correct):
    """Ends a training as soon as a step no longer lowers the loss by one part in a hundred."""

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        theta, before = parameters.copy(), np.inf
        for _ in range(training.steps):
            loss, gradient = self.loss_and_gradient(network, theta, batch)
            if loss >= 0.99 * before:
                break
            theta.vector[...] -= theta.dtype.type(training.learning_rate) * gradient.vector
            before = loss
        return theta


class RateFadesAway(Correct):
    """Makes each step of a training half as long as the one before: the sum of all is finite."""

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        theta = parameters.copy()
        for step in range(training.steps):
            gradient = self.step_gradient(network, theta, batch, training)
            theta.vector[...] -= theta.dtype.type(training.learning_rate * 0.5**step) * gradient
        return theta


class StartForgotten(Correct):
    """Begins every training at zero, whatever it is given."""

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        start = Parameters.zeros(network, parameters.dtype)
        return super().train(network, start, batch, training) if training.steps else parameters.copy()


class WeightsDecay(Correct):
    """Shrinks the parameters by one part in ten thousand in every step of a training, unasked."""

    def update(
        self, theta: Parameters, gradient: Array, memory: dict[str, Array], step: int, training: Training
    ) -> None:
        theta.vector[...] *= theta.dtype.type(0.9999)
        super().update(theta, gradient, memory, step, training)
