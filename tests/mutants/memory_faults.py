"""Faults of calls that leave something behind."""

from typing import Any

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.stages import Stages
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from tests.mutants.base import Correct


class GradientsAddUp(Correct):
    """Adds each gradient to that of the call before, for want of setting it to 0."""

    def __init__(self) -> None:
        self.sums: dict[Network, Array] = {}

    def gradient(self, network: Network, batch: Batch, stages: Stages) -> Parameters:
        gradient = super().gradient(network, batch, stages)
        before = self.sums.get(network, np.zeros_like(gradient.vector)).astype(gradient.dtype)
        self.sums[network] = before + gradient.vector
        return Parameters(network, self.sums[network].copy())


class MomentumCarriedOver(Correct):
    """Begins each training with the momentum at which the one before has ended."""

    def __init__(self) -> None:
        self.memories: dict[tuple[Network, str], dict[str, Array]] = {}

    def update(
        self, theta: Parameters, gradient: Array, memory: dict[str, Array], step: int, training: Training
    ) -> None:
        kept = self.memories.setdefault((theta.network, str(theta.dtype)), memory)
        super().update(theta, gradient, kept, step, training)


class InputsScaledInPlace(Correct):
    """Scales the inputs to at most 1 where they lie, for its next step."""

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        after = super().train(network, parameters, batch, training)
        batch.x[...] /= np.abs(batch.x).max()
        return after


class TargetsTurnedIntoResiduals(Correct):
    """Subtracts the targets from the outputs in the memory of the targets."""

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        answer = super().loss_and_gradient(network, parameters, batch)
        batch.y[...] = self.predict(network, parameters, batch.x) - batch.y
        return answer


class TrainsInPlace(Correct):
    """Moves the parameters that it is given."""

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        parameters.vector[...] = super().train(network, parameters, batch, training).vector
        return parameters


class RowsOfALargerBatch(Correct):
    """Keeps the error signals in a buffer as long as the largest batch so far, and sums all its rows for the bias."""

    def __init__(self) -> None:
        self.buffers: dict[tuple[int, str], Array] = {}

    def bias_gradient(self, signals: Array) -> Array:
        key = signals.shape[1], str(signals.dtype)
        buffer = self.buffers.get(key, signals[:0])
        if len(buffer) < len(signals):
            self.buffers[key] = buffer = np.zeros_like(signals)
        buffer[: len(signals)] = signals
        return super().bias_gradient(buffer)


class AnswersShareMemory(Correct):
    """Hands out the same array at each call."""

    def __init__(self) -> None:
        self.buffers: dict[tuple[Network, str], Array] = {}

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        after = super().train(network, parameters, batch, training).vector
        buffer = self.buffers.setdefault((network, str(after.dtype)), after)
        buffer[...] = after
        return Parameters(network, buffer)


class OtherUnitsDroppedEachTime(Correct):
    """Drops hidden units at random, others at each call."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(0)

    def activate(self, name: str, z: Array) -> Array:
        activations: Any = super().activate(name, z) * (self.random.random(z.shape) < 0.5)
        return activations.astype(z.dtype)
