"""Faults of loops in blocks, of their remainders, and of narrow indices."""

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.network import Network
from symtests.parameters import Parameters
from tests.mutants.base import Correct

_LANES = 8


def _whole_blocks(width: int, lanes: int = _LANES) -> int:
    """Return how many of `width` entries lie in whole blocks."""
    return width - width % lanes


class LastUnitSkipped(Correct):
    """Leaves the last unit of a layer at z = 0 where its width is above eight and no multiple of eight."""

    def pre_activation(self, below: Array, weight: Array, bias: Array | None) -> Array:
        z = super().pre_activation(below, weight, bias)
        if z.shape[1] > _LANES and z.shape[1] % _LANES:
            z[:, -1] = 0
        return z


class StaleAccumulator(Correct):
    """Begins the sums of the units behind the last whole block of eight with what the block has left."""

    def product(self, a: Array, b: Array) -> Array:
        total = super().product(a, b)
        rest = _whole_blocks(total.shape[1])
        if rest and rest < total.shape[1]:
            total[:, rest:] += total[:, rest - _LANES :][:, : total.shape[1] - rest]
        return total


class FanInRemainderDropped(Correct):
    """Leaves out of each sum over more than four terms those behind the last whole block of four."""

    def product(self, a: Array, b: Array) -> Array:
        most = _whole_blocks(a.shape[1], 4) or a.shape[1]
        return super().product(a[:, :most], b[:most])


class SampleRemainderDropped(Correct):
    """Leaves out of the gradient of a batch of more than four samples those behind the last whole block of four."""

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        signals = super().output_error_signals(network, z, batch)
        signals[_whole_blocks(len(signals), 4) or len(signals) :] = 0
        return signals


class MeanOverPaddedBatch(Correct):
    """Pads the batch to a multiple of four samples with zeros, and divides by the padded number."""

    def shares(self, batch: Batch) -> Array:
        padded = -(-len(batch) // 4) * 4
        return super().shares(batch) * batch.x.dtype.type(len(batch) / padded)


class SumOrderByUnit(Correct):
    """Sums for every other unit from the last term to the first."""

    def product(self, a: Array, b: Array) -> Array:
        total = super().product(a, b)
        total[:, 1::2] = super().product(a[:, ::-1], b[::-1, 1::2])
        return total


class SumInBlocksByWidth(Correct):
    """Sums for the first eight units of a wide layer in two halves, for the others straight on."""

    def product(self, a: Array, b: Array) -> Array:
        total, half = super().product(a, b), a.shape[1] // 2
        if b.shape[1] > _LANES:
            first = b[:, :_LANES]
            total[:, :_LANES] = super().product(a[:, :half], first[:half]) + super().product(a[:, half:], first[half:])
        return total


class IndexOfEightBits(Correct):
    """Counts units in a signed byte: those behind the 128th read the weights of the first again."""

    def pre_activation(self, below: Array, weight: Array, bias: Array | None) -> Array:
        return super().pre_activation(below, weight[:, np.arange(weight.shape[1]) % 128], bias)


class PaddingCounts(Correct):
    """Pads a hidden layer of odd width by a unit with z = 0, whose activation reaches the outputs with weight 1."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        pre_activations, activations = super().forward(network, parameters, x)
        if network.hidden_sizes and network.hidden_sizes[-1] % 2:
            zero = np.zeros((1, 1), x.dtype)
            pre_activations[-1] = pre_activations[-1] + self.activate(network.activations[-1], zero)
        return pre_activations, activations


class GradientTransposedWhenSquare(Correct):
    """Writes the gradient of a square weight matrix transposed."""

    def weight_gradient(self, below: Array, signals: Array) -> Array:
        gradient = super().weight_gradient(below, signals)
        return gradient.T if gradient.shape[0] == gradient.shape[1] else gradient


class WeightsReadByColumns(Correct):
    """Reads each weight matrix column by column from memory that holds rows."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        return super().forward(network, _read_by_columns(parameters), x)

    def error_signals(
        self, network: Network, parameters: Parameters, pre_activations: list[Array], batch: Batch
    ) -> list[Array]:
        return super().error_signals(network, _read_by_columns(parameters), pre_activations, batch)


def _read_by_columns(parameters: Parameters) -> Parameters:
    answer = parameters.copy()
    for weight in answer.weights:
        weight[...] = weight.ravel().reshape(weight.shape, order="F")
    return answer
