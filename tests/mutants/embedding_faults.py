"""Faults that make a network depend on how many hidden units do one thing."""

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.numpy_functions import LOSS_PAIRS
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from tests.mutants.base import Correct


def _root_of_width(weight: Array) -> Array:
    return weight.dtype.type(np.sqrt(len(weight)))


class ScaledByWidthInBothPasses(Correct):
    """Divides what goes into a layer by the root of its fan-in, and passes gradients back accordingly."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        return super().forward(network, self.scaled(parameters), x)

    def hidden_error_signals(self, name: str, z: Array, above: Array, weight_above: Array) -> Array:
        return super().hidden_error_signals(name, z, above, weight_above / _root_of_width(weight_above))

    def weight_gradient(self, below: Array, signals: Array) -> Array:
        return super().weight_gradient(below, signals) / _root_of_width(below.T)

    def scaled(self, parameters: Parameters) -> Parameters:
        scaled = parameters.copy()
        for weight in scaled.weights:
            weight /= _root_of_width(weight)
        return scaled


class ScaledByWidthInForwardPass(Correct):
    """Divides what goes into a layer by the root of its fan-in, and does not tell the backward pass."""

    def pre_activation(self, below: Array, weight: Array, bias: Array | None) -> Array:
        return super().pre_activation(below, weight / _root_of_width(weight), bias)


class DropoutScaleLeftOn(Correct):
    """Doubles the activations of layers of several units, as if half of them had been dropped."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        pre_activations, activations = [], [x]
        for layer, (weight, bias) in enumerate(zip(parameters.weights, parameters.biases, strict=True)):
            pre_activations.append(self.pre_activation(activations[-1], weight, bias if network.bias else None))
            if layer < network.layer_count - 1:
                several = pre_activations[-1].shape[1] > 1
                activations.append(self.activate(network.activations[layer], pre_activations[-1]) * (1 + several))
        return pre_activations, activations


class ActivationsNormalisedOverUnits(Correct):
    """Subtracts from the pre-activations of each sample half of their mean over the units of a hidden layer."""

    def activate(self, name: str, z: Array) -> Array:
        return super().activate(name, z - z.mean(axis=1, keepdims=True) / 2)


class OutgoingWeightsAveraged(Correct):
    """Sends back to each hidden unit the mean of the error signals above, over all units of its layer."""

    def hidden_error_signals(self, name: str, z: Array, above: Array, weight_above: Array) -> Array:
        mean = np.broadcast_to(weight_above.mean(axis=0), weight_above.shape)
        return super().hidden_error_signals(name, z, above, mean)


class GradientNormalisedPerUnit(Correct):
    """Shrinks the gradient of the weights into a unit to length 1/16 where it is longer."""

    def weight_gradient(self, below: Array, signals: Array) -> Array:
        gradient = super().weight_gradient(below, signals)
        length = np.sqrt((gradient**2).sum(axis=0))
        return gradient / np.maximum(1, 16 * length).astype(gradient.dtype)


class LastUnitWithoutGradient(Correct):
    """Leaves the gradient of the last unit of a layer at 0 where there are several."""

    def weight_gradient(self, below: Array, signals: Array) -> Array:
        gradient = super().weight_gradient(below, signals)
        gradient[:, 1:][:, -1:] = 0
        return gradient


class NoiseInHiddenSignals(Correct):
    """Adds a thousandth of noise, the same at each call, to the error signals of hidden units."""

    def hidden_error_signals(self, name: str, z: Array, above: Array, weight_above: Array) -> Array:
        noise = 1e-3 * np.random.default_rng(0).normal(size=z.shape)
        return super().hidden_error_signals(name, z, above, weight_above) + noise.astype(z.dtype)


class ActivationWithBump(Correct):
    """Lets every activation rise by 1/2 and fall again between -1 and 0, in both passes."""

    def activate(self, name: str, z: Array) -> Array:
        return super().activate(name, z) + np.maximum(0, 0.5 - np.abs(z + 0.5))

    def slope(self, name: str, z: Array) -> Array:
        return super().slope(name, z) + np.where(np.abs(z + 0.5) < 0.5, -np.sign(z + 0.5), 0)


class LeakWithWrongSign(Correct):
    """Gives relu and leaky_relu the slope -1/4 below 0, in both passes."""

    def activate(self, name: str, z: Array) -> Array:
        return np.where(z < 0, -0.25 * z, z) if name.endswith("relu") else super().activate(name, z)

    def slope(self, name: str, z: Array) -> Array:
        return np.where(z < 0, -0.25, 1.0).astype(z.dtype) if name.endswith("relu") else super().slope(name, z)


class UnitsPushedApart(Correct):
    """Moves the incoming weights of each hidden unit by 1/64 of its index at each step of a training."""

    def update(
        self, theta: Parameters, gradient: Array, memory: dict[str, Array], step: int, training: Training
    ) -> None:
        super().update(theta, gradient, memory, step, training)
        for layer in range(theta.network.layer_count - 1):
            theta.weight(layer)[...] += (np.arange(theta.network.sizes[layer + 1]) / 64).astype(theta.dtype)


class LossWithoutLastSample(Correct):
    """Leaves the last of several samples out of the loss that it reports, and divides by the number of all."""

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        shares = self.shares(batch)
        shares[1:][-1:] = 0
        return float((shares * LOSS_PAIRS[network.loss](z, batch.y)[0]).sum())
