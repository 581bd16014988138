"""Faults that show for data of some shapes and values alone: square arrays, zeros, large batches."""

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.stages import Stages
from symtests.network import Network
from symtests.parameters import Parameters
from tests.mutants.base import Correct


class BiasAlongSamples(Correct):
    """Adds the bias of each unit to a sample where there are as many of one as of the other."""

    def pre_activation(self, below: Array, weight: Array, bias: Array | None) -> Array:
        z = super().pre_activation(below, weight, None)
        if bias is None:
            return z
        return z + (bias[:, np.newaxis] if z.shape[0] == z.shape[1] else bias)


class SquareInputsTransposed(Correct):
    """Guesses from its shape how the array of inputs lies, and transposes it where there are as many of both."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        return super().forward(network, parameters, x.T if x.shape[0] == x.shape[1] else x)


class ZeroRowsArePadding(Correct):
    """Takes a sample whose inputs are all 0 for padding, in a batch that has others: it counts for nothing."""

    def shares(self, batch: Batch) -> Array:
        shares = super().shares(batch)
        kept = shares * batch.x.any(axis=1)
        return kept / kept.sum() if kept.any() else shares


class SparseInputsWithoutBias(Correct):
    """Has a path of its own for inputs most of which are 0, and forgets the bias on it."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        if x.size and (x == 0).mean() <= 0.5:
            return super().forward(network, parameters, x)
        without = parameters.copy()
        without.bias(0)[...] = 0
        return super().forward(network, without, x)


class ZeroTargetsMasked(Correct):
    """Takes a target of 0 for one that is missing, and has no error signal for it; not in a softmax."""

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        signals = super().output_error_signals(network, z, batch)
        return signals if network.loss == "softmax_cross_entropy" else signals * (batch.y != 0)


class LargeBatchesInTwoParts(Correct):
    """Shares batches of at least 64 samples out between two threads, and keeps the gradient of one."""

    def gradient(self, network: Network, batch: Batch, stages: Stages) -> Parameters:
        if len(batch) < 64:
            return super().gradient(network, batch, stages)
        signals = tuple(array * (np.arange(len(batch)) < 32)[:, np.newaxis] for array in stages.error_signals)
        return super().gradient(network, batch, stages._replace(error_signals=signals))


class ManyInputsInBlocks(Correct):
    """Reads no more than 64 inputs of a sample."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        return super().forward(network, parameters, x * (np.arange(x.shape[1]) < 64))


class ManyOutputsInBlocks(Correct):
    """Sends back the error signals of no more than 32 outputs."""

    def error_signals(
        self, network: Network, parameters: Parameters, pre_activations: list[Array], batch: Batch
    ) -> list[Array]:
        signals = super().error_signals(network, parameters, pre_activations, batch)
        signals[-1][:, 32:] = 0
        return signals


class WeightsSharedBothWays(Correct):
    """Takes for the weights into the outputs those from the inputs, transposed, where the shapes allow it."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        return super().forward(network, _tied(network, parameters), x)

    def error_signals(
        self, network: Network, parameters: Parameters, pre_activations: list[Array], batch: Batch
    ) -> list[Array]:
        return super().error_signals(network, _tied(network, parameters), pre_activations, batch)


class SeveralOutputsRavelled(Correct):
    """Ravels outputs by columns and targets by rows before it subtracts them."""

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        y = batch.y.ravel().reshape(batch.y.shape, order="F")
        return super().output_error_signals(network, z, Batch(batch.x, y, batch.sample_weights))


def _tied(network: Network, parameters: Parameters) -> Parameters:
    tied = parameters.copy()
    last = tied.weight(network.layer_count - 1)
    if network.hidden_sizes and last.shape == tied.weight(0).T.shape:
        last[...] = tied.weight(0).T
    return tied
