"""Faults just beyond a limit: of layers, inputs, units, outputs, samples and steps; or of one pair of activations."""

from typing import Any

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from tests.mutants.base import Correct


class FifthLayerWithoutGradient(Correct):
    """Has no gradient for hidden layers from the fifth on."""

    def gradient(self, network: Network, batch: Batch, stages: Any) -> Parameters:
        gradient = super().gradient(network, batch, stages)
        for layer in range(4, network.layer_count - 1):
            gradient.weight(layer)[...] = 0
            gradient.bias(layer)[...] = 0
        return gradient


class TwelfthLayerIsLinear(Correct):
    """Leaves out the activation of hidden layers from the twelfth on, in both passes."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        return super().forward(_linear_from(network, 11), parameters, x)

    def error_signals(
        self, network: Network, parameters: Parameters, pre_activations: list[Array], batch: Batch
    ) -> list[Array]:
        return super().error_signals(_linear_from(network, 11), parameters, pre_activations, batch)


def _linear_from(network: Network, layer: int) -> Network:
    names = network.activations[:layer] + ("identity",) * len(network.activations[layer:])
    return Network(network.sizes, names, network.loss, network.bias)


class InputsBeyond130Ignored(Correct):
    """Reads the first 130 inputs alone."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        few = x.copy()
        few[:, 130:] = 0
        return super().forward(network, parameters, few)


class UnitsBeyond256Ignored(Correct):
    """Sums over the first 256 hidden units alone."""

    def pre_activation(self, below: Array, weight: Array, bias: Array | None) -> Array:
        return super().pre_activation(below[:, :256], weight[:256], bias)


class OutputsBeyond128WithoutSignal(Correct):
    """Has no error signal for outputs from the 129th on."""

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        signals = super().output_error_signals(network, z, batch)
        signals[:, 128:] = 0
        return signals


class SamplesBeyond200Dropped(Correct):
    """Learns from the first 200 samples of a batch, and reports the loss of all."""

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        signals = super().output_error_signals(network, z, batch)
        signals[200:] = 0
        return signals


class SumsOf500InFloat32(Correct):
    """Adds up in float32 where there are more than 500 terms."""

    def product(self, a: Array, b: Array) -> Array:
        if a.shape[1] <= 500:
            return super().product(a, b)
        return super().product(a.astype(np.float32), b.astype(np.float32)).astype(a.dtype)


class StepsEndAt500(Correct):
    """Takes no more than 500 steps."""

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        return super().train(network, parameters, batch, training.with_steps(min(training.steps, 500)))


class StateResetEveryTenthStep(Correct):
    """Begins with a fresh state at every tenth step; goes on to count."""

    def update(
        self, theta: Parameters, gradient: Array, memory: dict[str, Array], step: int, training: Training
    ) -> None:
        if step % 10 == 0:
            for array in memory.values():
                array[...] = 0
        super().update(theta, gradient, memory, step, training)


class StepCounterOfEightBits(Correct):
    """Counts the steps of a training in eight bits: behind 255 comes 0."""

    def update(
        self, theta: Parameters, gradient: Array, memory: dict[str, Array], step: int, training: Training
    ) -> None:
        super().update(theta, gradient, memory, step % 256, training)


class RateDropsAfterTwentySteps(Correct):
    """Halves the learning rate after twenty steps."""

    def update(
        self, theta: Parameters, gradient: Array, memory: dict[str, Array], step: int, training: Training
    ) -> None:
        before = theta.vector.copy()
        super().update(theta, gradient, memory, step, training)
        if step > 20:
            theta.vector[...] = (before + theta.vector) / 2


class LazyMoments(Correct):
    """Leaves parameter, moments and velocity alone where the gradient is 0, as for rows that a batch does not name."""

    def update(
        self, theta: Parameters, gradient: Array, memory: dict[str, Array], step: int, training: Training
    ) -> None:
        kept = [array.copy() for array in (theta.vector, *memory.values())]
        super().update(theta, gradient, memory, step, training)
        for array, before in zip((theta.vector, *memory.values()), kept, strict=True):
            array[gradient == 0] = before[gradient == 0]


class TanhAboveLogisticHasItsSlope(Correct):
    """Takes the slope of a logistic layer for that of tanh, where a tanh layer stands above it."""

    above, below, taken = "tanh", "logistic", "tanh"

    def error_signals(
        self, network: Network, parameters: Parameters, pre_activations: list[Array], batch: Batch
    ) -> list[Array]:
        names = list(network.activations)
        for layer in range(len(names) - 1):
            if (names[layer + 1], names[layer]) == (self.above, self.below):
                names[layer] = self.taken
        mixed = Network(network.sizes, names, network.loss, network.bias)
        return super().error_signals(mixed, parameters, pre_activations, batch)


class SiluBelowReluHasNoSlope(TanhAboveLogisticHasItsSlope):
    """Takes 1 for the slope of a silu layer, where a relu layer stands above it."""

    above, below, taken = "relu", "silu", "identity"


class SoftplusBelowGeluIsLogistic(TanhAboveLogisticHasItsSlope):
    """Takes the slope of softplus for that of the logistic function, where a gelu layer stands above it."""

    above, below, taken = "gelu", "softplus", "logistic"
