"""Faults of the training step; the gradient itself is right."""

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.stages import Stages
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties.drawing.units import incoming, outgoing
from symtests.training import Training
from tests.mutants.base import Correct


class OutputWeightsFirst(Correct):
    """Updates the output weights before it computes the hidden error signals; offers no gradient of its own."""

    loss_and_gradient = None  # type: ignore[assignment]  # an implementation need not have it
    stages = None  # type: ignore[assignment]  # likewise

    def step_gradient(self, network: Network, theta: Parameters, batch: Batch, training: Training) -> Array:
        before = Correct.stages(self, network, theta, batch)
        changed, last = theta.copy(), network.layer_count - 1
        output_gradient = self.weight_gradient(before.activations[-1], before.error_signals[-1])
        changed.weight(last)[...] -= training.learning_rate * output_gradient
        signals = [before.error_signals[-1]]
        for layer in range(last, 0, -1):
            z, name = before.pre_activations[layer - 1], network.activations[layer - 1]
            signals.insert(0, self.hidden_error_signals(name, z, signals[0], changed.weight(layer)))
        return self.gradient(network, batch, Stages(before.pre_activations, before.activations, tuple(signals))).vector


class EveryLayerFirst(Correct):
    """Updates each layer before it sends the error signals through it; the gradient that it reports is right."""

    def step_gradient(self, network: Network, theta: Parameters, batch: Batch, training: Training) -> Array:
        stages, changed = Correct.stages(self, network, theta, batch), theta.copy()
        signals = [stages.error_signals[-1]]
        for layer in range(network.layer_count - 1, 0, -1):
            step = training.learning_rate * self.weight_gradient(stages.activations[layer], signals[0])
            changed.weight(layer)[...] -= step
            z, name = stages.pre_activations[layer - 1], network.activations[layer - 1]
            signals.insert(0, self.hidden_error_signals(name, z, signals[0], changed.weight(layer)))
        return self.gradient(network, batch, Stages(stages.pre_activations, stages.activations, tuple(signals))).vector


class RateUsedTwice(Correct):
    """Multiplies the gradient by the learning rate once more; the gradient that it reports is right."""

    def step_gradient(self, network: Network, theta: Parameters, batch: Batch, training: Training) -> Array:
        gradient = super().step_gradient(network, theta, batch, training)
        return gradient * gradient.dtype.type(training.learning_rate)


class StepClipped(Correct):
    """Lets no component of a step exceed 1/8; the gradient that it reports is right."""

    def update(
        self, theta: Parameters, gradient: Array, memory: dict[str, Array], step: int, training: Training
    ) -> None:
        before = theta.vector.copy()
        super().update(theta, gradient, memory, step, training)
        theta.vector[...] = before + np.clip(theta.vector - before, -0.125, 0.125)


class UnitsOneAfterTheOther(Correct):
    """Updates the units of the first layer one after the other, each with the gradient that the others have left."""

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        theta = parameters.copy()
        for _ in range(training.steps):
            for unit in range(network.sizes[1]):
                where = incoming(network, 0, unit)
                if network.hidden_sizes:
                    where = np.concatenate([where, outgoing(network, 0, unit)])
                gradient = self.step_gradient(network, theta, batch, training)
                theta.vector[where] -= training.learning_rate * gradient[where]
        return theta


class MemoryOfTheNeighbour(Correct):
    """Takes the running mean of the gradient from the component before."""

    def update(
        self, theta: Parameters, gradient: Array, memory: dict[str, Array], step: int, training: Training
    ) -> None:
        memory["mean"][...] = np.roll(memory["mean"], 1)
        super().update(theta, gradient, memory, step, training)


class NoisySteps(Correct):
    """Adds noise of 1e-9 to the gradient of each step."""

    def step_gradient(self, network: Network, theta: Parameters, batch: Batch, training: Training) -> Array:
        gradient = super().step_gradient(network, theta, batch, training)
        return gradient + 1e-9 * np.random.default_rng(0).normal(size=gradient.shape).astype(gradient.dtype)


class LastHiddenRowFrozen(Correct):
    """Ends the loop over the rows of hidden-to-hidden weights one row early."""

    def step_gradient(self, network: Network, theta: Parameters, batch: Batch, training: Training) -> Array:
        gradient = Parameters(network, super().step_gradient(network, theta, batch, training))
        for layer in range(1, network.layer_count - 1):
            gradient.weight(layer)[-1] = 0.0
        return gradient.vector


class WeightsInFewBits(Correct):
    """Keeps the parameters in eight significant bits, as bfloat16 does."""

    def update(
        self, theta: Parameters, gradient: Array, memory: dict[str, Array], step: int, training: Training
    ) -> None:
        super().update(theta, gradient, memory, step, training)
        mantissa, exponent = np.frexp(theta.vector)
        theta.vector[...] = np.ldexp(np.round(mantissa * 256) / 256, exponent)
