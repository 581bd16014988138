"""Faults of the backward pass: the loss is right, its gradient is not."""

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.stages import Stages
from symtests.network import Network
from symtests.parameters import Parameters
from tests.mutants.base import Correct


class SlopeMissing(Correct):
    """Passes error signals through every activation as if it were the identity."""

    def slope(self, name: str, z: Array) -> Array:
        return np.ones_like(z)


class SlopeOfActivation(Correct):
    """Takes sigma' at the activation in place of the pre-activation."""

    def slope(self, name: str, z: Array) -> Array:
        return super().slope(name, self.activate(name, z))


class TanhSlopeOfPreActivation(Correct):
    """Takes 1 - z^2 for tanh'(z)."""

    def slope(self, name: str, z: Array) -> Array:
        return 1 - z**2 if name == "tanh" else super().slope(name, z)


class OtherLeakySlope(Correct):
    """Has the slope 0.2 in the backward pass of leaky_relu, and the right one in the forward pass."""

    def slope(self, name: str, z: Array) -> Array:
        slope = super().slope(name, z)
        return np.where(z > 0, slope, z.dtype.type(0.2)) if name == "leaky_relu" else slope


class LeakyRelu(Correct):
    """Sells leaky_relu as relu."""

    def activate(self, name: str, z: Array) -> Array:
        return super().activate("leaky_relu" if name == "relu" else name, z)

    def slope(self, name: str, z: Array) -> Array:
        return super().slope("leaky_relu" if name == "relu" else name, z)


class PreActivationsCached(Correct):
    """Keeps the pre-activations of the hidden layers for the weight gradient in place of the activations."""

    def gradient(self, network: Network, batch: Batch, stages: Stages) -> Parameters:
        cached = (stages.activations[0], *stages.pre_activations[:-1])
        return super().gradient(network, batch, stages._replace(activations=cached))


class FirstOutputOnly(Correct):
    """Sends back to the hidden units the error signal of the first unit above alone."""

    def hidden_error_signals(self, name: str, z: Array, above: Array, weight_above: Array) -> Array:
        return super().hidden_error_signals(name, z, above[:, :1], weight_above[:, :1])


class BiasAveragedTwice(Correct):
    """Divides the bias gradient by the number of samples, by which the error signals have been divided already."""

    def bias_gradient(self, signals: Array) -> Array:
        return super().bias_gradient(signals) / signals.dtype.type(len(signals))


class HiddenBiasFrozen(Correct):
    """Leaves the bias gradient of the hidden layers at 0."""

    def gradient(self, network: Network, batch: Batch, stages: Stages) -> Parameters:
        gradient = super().gradient(network, batch, stages)
        for layer in range(network.layer_count - 1):
            gradient.bias(layer)[...] = 0
        return gradient


class HiddenSignalsClipped(Correct):
    """Clips the error signals of hidden units at 1/4."""

    def hidden_error_signals(self, name: str, z: Array, above: Array, weight_above: Array) -> Array:
        return np.clip(super().hidden_error_signals(name, z, above, weight_above), -0.25, 0.25)


class FeaturesShifted(Correct):
    """Puts each row of the gradient of the first layer one row further down."""

    def gradient(self, network: Network, batch: Batch, stages: Stages) -> Parameters:
        gradient = super().gradient(network, batch, stages)
        gradient.weight(0)[...] = np.roll(gradient.weight(0), 1, axis=0)
        return gradient


class PenaltyOnWeights(Correct):
    """Adds a thousandth of the weights to their gradient, as weight decay does, and does not tell."""

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        return loss, Parameters(network, gradient.vector + parameters.dtype.type(1e-3) * parameters.vector)
