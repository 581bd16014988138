"""Faults of single losses, of targets and of what samples count for."""

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.network import Network
from symtests.parameters import Parameters
from tests.mutants.base import Correct


class _OtherTargets(Correct):
    """Learns other targets than those that it is given, in loss and gradient alike."""

    def targets(self, network: Network, z: Array, batch: Batch) -> Array:
        raise NotImplementedError

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        return super().loss(network, z, Batch(batch.x, self.targets(network, z, batch), batch.sample_weights))

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        other = Batch(batch.x, self.targets(network, z, batch), batch.sample_weights)
        return super().output_error_signals(network, z, other)


class LabelsSmoothed(_OtherTargets):
    """Smooths the targets of a softmax by a tenth."""

    def targets(self, network: Network, z: Array, batch: Batch) -> Array:
        if network.loss != "softmax_cross_entropy":
            return batch.y
        return batch.y * batch.y.dtype.type(0.9) + batch.y.dtype.type(0.1 / batch.y.shape[1])


class TargetsOfTheNextSample(_OtherTargets):
    """Shuffles the inputs, and the targets otherwise: each sample gets the targets of the next."""

    def targets(self, network: Network, z: Array, batch: Batch) -> Array:
        return np.roll(batch.y, 1, axis=0)


class TargetsTruncated(_OtherTargets):
    """Takes targets for whole numbers."""

    def targets(self, network: Network, z: Array, batch: Batch) -> Array:
        return np.trunc(batch.y)


class SharedTargetsHardened(_OtherTargets):
    """Gives a softmax the first class of largest share where the target shares a sample between classes."""

    def targets(self, network: Network, z: Array, batch: Batch) -> Array:
        if network.loss != "softmax_cross_entropy":
            return batch.y
        return np.eye(batch.y.shape[1], dtype=batch.y.dtype)[batch.y.argmax(axis=1)]


class TargetsOfBceClipped(_OtherTargets):
    """Clips the targets of bce to 0.1 and 0.9."""

    def targets(self, network: Network, z: Array, batch: Batch) -> Array:
        return np.clip(batch.y, 0.1, 0.9).astype(z.dtype) if network.loss == "bce" else batch.y


class ResidualsOfAllPairs(_OtherTargets):
    """Subtracts a row of targets from a column of outputs: one output meets the targets of all samples."""

    def targets(self, network: Network, z: Array, batch: Batch) -> Array:
        if network.loss != "mse" or z.shape[1] > 1:
            return batch.y
        return np.full_like(batch.y, batch.y.mean())


class MseSummedOverOutputs(Correct):
    """Sums the squared residuals over the outputs in place of taking the mean, in loss and gradient."""

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        return super().loss(network, z, batch) * (z.shape[1] if network.loss == "mse" else 1)

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        return super().output_error_signals(network, z, batch) * z.dtype.type(
            z.shape[1] if network.loss == "mse" else 1
        )


class BceSignalsNotAveraged(Correct):
    """Has the mean of bce over the outputs in the loss, and not in the gradient."""

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        signals = super().output_error_signals(network, z, batch)
        return signals * z.dtype.type(z.shape[1]) if network.loss == "bce" else signals


class CrossEntropyOverClasses(Correct):
    """Divides the cross-entropy by the number of classes, in loss and gradient."""

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        return super().loss(network, z, batch) / (z.shape[1] if network.loss == "softmax_cross_entropy" else 1)

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        signals = super().output_error_signals(network, z, batch)
        return signals / z.dtype.type(z.shape[1]) if network.loss == "softmax_cross_entropy" else signals


class SoftmaxOverTheBatch(Correct):
    """Takes the softmax along the samples."""

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        if network.loss != "softmax_cross_entropy":
            return super().output_error_signals(network, z, batch)
        exponentials = np.exp(z - z.max(axis=0))
        return (exponentials / exponentials.sum(axis=0) - batch.y) * self.shares(batch)[:, np.newaxis]


class SoftmaxTwice(Correct):
    """Hands probabilities to a cross-entropy that takes their softmax once more, in loss and gradient."""

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        return super().loss(network, _probabilities(z) if network.loss == "softmax_cross_entropy" else z, batch)

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        if network.loss != "softmax_cross_entropy":
            return super().output_error_signals(network, z, batch)
        p = _probabilities(z)
        g = super().output_error_signals(network, p, batch)
        return p * (g - (g * p).sum(axis=1, keepdims=True))


class MaximumMoves(Correct):
    """Lets the gradient of a softmax through the maximum that was subtracted for safety alone."""

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        signals = super().output_error_signals(network, z, batch)
        if network.loss == "softmax_cross_entropy":
            rows = np.arange(len(z))
            signals[rows, z.argmax(axis=1)] -= self.shares(batch) / z.dtype.type(z.shape[1])
        return signals


class PositivesWeighTwice(Correct):
    """Weighs the positive outputs of bce by 2, in loss and gradient."""

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        loss = super().loss(network, z, batch)
        if network.loss != "bce":
            return loss
        softplus = self.activate("softplus", -z)
        return loss + float((self.shares(batch)[:, np.newaxis] * batch.y * softplus).sum() / z.shape[1])

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        signals = super().output_error_signals(network, z, batch)
        if network.loss != "bce":
            return signals
        extra = batch.y * (self.activate("logistic", z) - 1) / z.dtype.type(z.shape[1])
        return signals + extra * self.shares(batch)[:, np.newaxis]


class SampleWeightsSquared(Correct):
    """Weighs each sample by the square of its weight, and divides by the sum of the squares."""

    def shares(self, batch: Batch) -> Array:
        shares = super().shares(batch) ** 2
        return shares / shares.sum()


class SampleWeightsAppliedTwice(Correct):
    """Multiplies the error signals by the weights once more after the weighted mean."""

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        signals = super().output_error_signals(network, z, batch)
        return signals if batch.sample_weights is None else signals * batch.sample_weights[:, np.newaxis]


class SampleWeightsInLossOnly(Correct):
    """Weighs the samples in the loss, and not in the gradient."""

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        return super().output_error_signals(network, z, Batch(batch.x, batch.y))


class SampleWeightsOfAnotherOrder(Correct):
    """Sorts the sample weights."""

    def shares(self, batch: Batch) -> Array:
        return np.sort(super().shares(batch))


class SingleSampleSqueezed(Correct):
    """Squeezes a batch of one sample, and takes its outputs for samples: their mean is not divided by their number."""

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        signals = super().output_error_signals(network, z, batch)
        return signals * z.dtype.type(z.shape[1] if len(z) == 1 else 1)


class CopiesDropped(Correct):
    """Drops samples that it has seen already in the batch."""

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        return super().loss_and_gradient(network, parameters, _without_copies(batch))


class SumOfWeightsAtLeastOne(Correct):
    """Divides by the sum of the sample weights, or by 1 where it is smaller."""

    def shares(self, batch: Batch) -> Array:
        shares = super().shares(batch)
        if batch.sample_weights is None:
            return shares
        return shares * np.minimum(batch.sample_weights.sum(), batch.x.dtype.type(1))


class ZeroWeightsCountAsOne(Correct):
    """Takes a sample weight of 0 for one that was not given."""

    def shares(self, batch: Batch) -> Array:
        if batch.sample_weights is None:
            return super().shares(batch)
        given = np.where(batch.sample_weights == 0, batch.x.dtype.type(1), batch.sample_weights)
        return super().shares(Batch(batch.x, batch.y, given))


def _probabilities(z: Array) -> Array:
    exponentials = np.exp(z - z.max(axis=1, keepdims=True))
    answer: Array = exponentials / exponentials.sum(axis=1, keepdims=True)
    return answer


def _without_copies(batch: Batch) -> Batch:
    if batch.sample_weights is not None or not len(batch):
        return batch
    rows = np.sort(np.unique(np.hstack([batch.x, batch.y]), axis=0, return_index=True)[1])
    return Batch(batch.x[rows], batch.y[rows])
