"""Faults of work that is shared out: updates that are lost, and parts that are put together wrongly."""

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.stages import Stages
from symtests.network import Network
from symtests.parameters import Parameters
from tests.mutants.base import Correct


class EveryOtherUpdateLost(Correct):
    """Loses what every other sample adds to the gradient of the weights, which two threads add up at once."""

    def weight_gradient(self, below: Array, signals: Array) -> Array:
        return super().weight_gradient(below[::2], signals[::2])


class HalvesOverwriteEachOther(Correct):
    """Has two threads, each with half of the batch, write the same gradient of the biases: the second half stays."""

    def bias_gradient(self, signals: Array) -> Array:
        return super().bias_gradient(signals[len(signals) // 2 :])


class UpdateLostNowAndThen(Correct):
    """Loses what the last sample adds to the gradient in every third call."""

    def __init__(self) -> None:
        self.calls = 0

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        self.calls += 1
        signals = super().output_error_signals(network, z, batch)
        if self.calls % 3 == 0:
            signals[-1] = 0
        return signals


class AccumulatorSharedByLayers(Correct):
    """Adds up the gradients of weight matrices of one shape in one buffer, which it clears once."""

    def gradient(self, network: Network, batch: Batch, stages: Stages) -> Parameters:
        gradient = super().gradient(network, batch, stages)
        sums: dict[tuple[int, ...], Array] = {}
        for weight in reversed(gradient.weights):
            weight += sums.get(weight.shape, weight.dtype.type(0))
            sums[weight.shape] = weight.copy()
        return gradient


class MicroBatchMeansAveraged(Correct):
    """Averages the means of micro-batches of two samples, although the last may have one."""

    def shares(self, batch: Batch) -> Array:
        shares = super().shares(batch)
        starts = range(0, len(shares), 2)
        return np.concatenate([shares[k : k + 2] / shares[k : k + 2].sum() / len(starts) for k in starts])


class WorkersNotAveraged(Correct):
    """Has two workers take half of a batch each, and sums their means."""

    def shares(self, batch: Batch) -> Array:
        return super().shares(batch) * batch.x.dtype.type(min(len(batch), 2))


class WorkersDisagreeOnBias(Correct):
    """Keeps the bias gradient of the first of two workers, and averages that of the weights."""

    def bias_gradient(self, signals: Array) -> Array:
        half = -(-len(signals) // 2)
        return super().bias_gradient(signals[:half]) * signals.dtype.type(len(signals) / half)


class LastTaskTakesAll(Correct):
    """Gives each sample to a task that reads the number of the sample when it runs: all read the last."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        return super().forward(network, parameters, x[np.full(len(x), len(x) - 1)])
