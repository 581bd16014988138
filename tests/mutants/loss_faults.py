"""Faults of the losses and of the mean over a batch."""

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from tests.mutants.base import Correct


class MeanMissing(Correct):
    """Sums over the samples in place of taking the mean."""

    def shares(self, batch: Batch) -> Array:
        return super().shares(batch) * batch.x.dtype.type(len(batch))


class FactorTwoMissing(Correct):
    """Takes z - y for the derivative of (z - y)^2."""

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        signals = super().output_error_signals(network, z, batch)
        return signals / signals.dtype.type(2) if network.loss == "mse" else signals


class ExtraSlopeInBce(Correct):
    """Multiplies the error signal of bce by logistic'(z), which has cancelled already."""

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        signals = super().output_error_signals(network, z, batch)
        return signals * self.slope("logistic", z) if network.loss == "bce" else signals


class SoftmaxAsLogistic(Correct):
    """Takes p - y with a logistic p for the error signal of a softmax."""

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        if network.loss != "softmax_cross_entropy":
            return super().output_error_signals(network, z, batch)
        return (self.activate("logistic", z) - batch.y) * self.shares(batch)[:, np.newaxis]


class ClassesOffByOne(Correct):
    """Counts classes from 1 where the targets count from 0."""

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        if network.loss != "softmax_cross_entropy":
            return super().output_error_signals(network, z, batch)
        off_by_one = Batch(batch.x, np.roll(batch.y, 1, axis=1), batch.sample_weights)
        return super().output_error_signals(network, z, off_by_one)


class ResidualsClipped(Correct):
    """Sells as squared error a loss that grows no faster beyond a residual of 1."""

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        if network.loss != "mse":
            return super().output_error_signals(network, z, batch)
        y = z - np.clip(z - batch.y, -1, 1)
        return super().output_error_signals(network, z, Batch(batch.x, y, batch.sample_weights))


class FirstSampleSkipped(Correct):
    """Begins the loop over the samples of a batch with the second."""

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        signals = super().output_error_signals(network, z, batch)
        if len(signals) > 1:
            signals[0] = 0
        return signals


class SampleWeightsIgnored(Correct):
    """Gives every sample the same weight."""

    def shares(self, batch: Batch) -> Array:
        return super().shares(Batch(batch.x, batch.y))


class WeightedSumOverCount(Correct):
    """Divides the weighted sum by the number of samples in place of the sum of the weights."""

    def shares(self, batch: Batch) -> Array:
        if batch.sample_weights is None:
            return super().shares(batch)
        return batch.sample_weights / batch.x.dtype.type(len(batch))


class SampleAfterSample(Correct):
    """Takes a step for each sample, each from where the one before has led; the gradient that it reports is right."""

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        theta, shares = parameters.copy(), self.shares(batch)
        for _ in range(training.steps):
            for sample, share in enumerate(shares):
                alone = Batch(batch.x[sample : sample + 1], batch.y[sample : sample + 1])
                gradient = self.step_gradient(network, theta, alone, training)
                theta.vector[...] -= theta.dtype.type(training.learning_rate) * share * gradient
        return theta


class SoftmaxUnshifted(Correct):
    """Takes exponentials of the outputs as they are."""

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        if network.loss != "softmax_cross_entropy":
            return super().loss(network, z, batch)
        terms = batch.y * (np.log(np.exp(z).sum(axis=1, keepdims=True)) - z)
        return float((self.shares(batch) * terms.sum(axis=1)).sum())

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        if network.loss != "softmax_cross_entropy":
            return super().output_error_signals(network, z, batch)
        exponentials = np.exp(z)
        probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
        return (probabilities - batch.y) * self.shares(batch)[:, np.newaxis]


class LogarithmOfProbabilities(Correct):
    """Computes bce from probabilities, of which the largest have become 1 and the smallest 0."""

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        if network.loss != "bce":
            return super().loss(network, z, batch)
        p = self.probabilities(z)
        terms = batch.y * np.log(p) + (1 - batch.y) * np.log(1 - p)
        return -float((self.shares(batch) * terms.mean(axis=1)).sum())

    def probabilities(self, z: Array) -> Array:
        return self.activate("logistic", z)


class ProbabilitiesClipped(LogarithmOfProbabilities):
    """Keeps probabilities away from 0 and 1 by 1e-7, so that no sample costs more than 16; its gradient is right."""

    def probabilities(self, z: Array) -> Array:
        return np.clip(super().probabilities(z), z.dtype.type(1e-7), z.dtype.type(1 - 1e-7))


class GradientOfClippedProbabilities(Correct):
    """Differentiates what it has clipped: where an output is sure, right or wrong, its error signal is 0."""

    loss_and_gradient = None  # type: ignore[assignment]  # it reports no loss: the gradient comes from a step

    def step_gradient(self, network: Network, theta: Parameters, batch: Batch, training: Training) -> Array:
        return Correct.loss_and_gradient(self, network, theta, batch)[1].vector

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        signals = super().output_error_signals(network, z, batch)
        return signals * (np.abs(z) < 16) if network.loss == "bce" else signals


class LogisticOverflows(Correct):
    """Takes exp(z) / (1 + exp(z)) for the logistic of an output."""

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        if network.loss != "bce":
            return super().output_error_signals(network, z, batch)
        probabilities = np.exp(z) / (1 + np.exp(z))
        return (probabilities - batch.y) / z.dtype.type(z.shape[1]) * self.shares(batch)[:, np.newaxis]
