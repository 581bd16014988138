"""Faults of reading and writing memory."""

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.stages import Stages
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from tests.mutants.base import Correct


class InputStridesIgnored(Correct):
    """Reads as many numbers as the inputs have from where these begin, whatever lies there."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        return super().forward(network, parameters, _from_its_beginning(x))


class TargetStridesIgnored(Correct):
    """Reads as many numbers as the targets have from where these begin, whatever lies there."""

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> Stages:
        return super().stages(network, parameters, Batch(batch.x, _from_its_beginning(batch.y), batch.sample_weights))


class ColumnsTakenForRows(Correct):
    """Reads the inputs in the order in which they lie."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        return super().forward(network, parameters, x.ravel(order="K").reshape(x.shape))


class ParameterStridesIgnored(Correct):
    """Reads as many parameters as there are from where the vector begins."""

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        return super().train(network, Parameters(network, _from_its_beginning(parameters.vector)), batch, training)


class WeightsAreScratchSpace(Correct):
    """Divides the sample weights by their sum where they lie, and puts them back."""

    def shares(self, batch: Batch) -> Array:
        if batch.sample_weights is None:
            return super().shares(batch)
        kept = batch.sample_weights.copy()
        batch.sample_weights[...] /= kept.sum()
        shares = batch.sample_weights.copy()
        batch.sample_weights[...] = kept
        return shares


class BackwardsOutOfRange(Correct):
    """Counts backwards strides as if they were forwards, and reaches for what lies behind the array."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        if any(stride < 0 for array in (x, parameters.vector) for stride in array.strides):
            raise IndexError("index 8 is out of bounds for axis 0 with size 8")
        return super().forward(network, parameters, x)


def _from_its_beginning(array: Array) -> Array:
    """Return the numbers that follow each other in memory from the first one on; from the start again at the end."""
    memory = array
    while isinstance(memory.base, np.ndarray):
        memory = memory.base
    if memory.dtype != array.dtype:  # bytes
        return array
    begin = (array.ctypes.data - memory.ctypes.data) // array.itemsize
    return np.take(memory.ravel(order="K"), range(begin, begin + array.size), mode="wrap").reshape(array.shape)
