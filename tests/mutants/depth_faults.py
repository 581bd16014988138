"""Faults that show in some layers alone."""

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.stages import Stages
from symtests.network import Network
from symtests.parameters import Parameters
from tests.mutants.base import Correct


class FirstLayerDetached(Correct):
    """Cuts the first hidden layer off from the error signals where there is a second."""

    def gradient(self, network: Network, batch: Batch, stages: Stages) -> Parameters:
        gradient = super().gradient(network, batch, stages)
        if network.layer_count > 2:
            gradient.weight(0)[...] = 0
            gradient.bias(0)[...] = 0
        return gradient


class SlopeInLastHiddenLayerOnly(Correct):
    """Multiplies by sigma' in the last hidden layer alone."""

    def error_signals(
        self, network: Network, parameters: Parameters, pre_activations: list[Array], batch: Batch
    ) -> list[Array]:
        names = ("identity",) * (len(network.hidden_sizes) - 1) + network.activations[-1:]
        linear = Network(network.sizes, names, network.loss, network.bias)
        return super().error_signals(linear, parameters, pre_activations, batch)


class SignalsSkipALayer(Correct):
    """Takes the error signals for a hidden layer from two layers above where the shapes allow it."""

    def error_signals(
        self, network: Network, parameters: Parameters, pre_activations: list[Array], batch: Batch
    ) -> list[Array]:
        signals = super().error_signals(network, parameters, pre_activations, batch)
        for layer in range(network.layer_count - 2):
            above = signals[layer + 2]
            if above.shape[1] == signals[layer + 1].shape[1]:
                z, name = pre_activations[layer], network.activations[layer]
                signals[layer] = self.hidden_error_signals(name, z, above, parameters.weight(layer + 1))
        return signals


class PreActivationsOfTheLayerAbove(Correct):
    """Takes sigma' of a hidden layer at the pre-activations of the next where they have the same shape."""

    def error_signals(
        self, network: Network, parameters: Parameters, pre_activations: list[Array], batch: Batch
    ) -> list[Array]:
        shifted = list(pre_activations)
        for layer in range(network.layer_count - 2):
            if pre_activations[layer].shape == pre_activations[layer + 1].shape:
                shifted[layer] = pre_activations[layer + 1]
        return super().error_signals(network, parameters, shifted, batch)


class HiddenLayersShareWeights(Correct):
    """Keeps one weight matrix for all hidden-to-hidden layers of one shape."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        return super().forward(network, _with_shared_weights(network, parameters), x)

    def error_signals(
        self, network: Network, parameters: Parameters, pre_activations: list[Array], batch: Batch
    ) -> list[Array]:
        shared = _with_shared_weights(network, parameters)
        return super().error_signals(network, shared, pre_activations, batch)


class FourthLayerForgotten(Correct):
    """Has room for three hidden layers: the gradient of further ones stays 0."""

    def gradient(self, network: Network, batch: Batch, stages: Stages) -> Parameters:
        gradient = super().gradient(network, batch, stages)
        for layer in range(3, network.layer_count - 1):
            gradient.weight(layer)[...] = 0
            gradient.bias(layer)[...] = 0
        return gradient


class SkipConnection(Correct):
    """Adds to the activations of a hidden layer those below where they have the same shape, in the forward pass."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        pre_activations, activations = [], [x]
        for layer in range(network.layer_count):
            bias = parameters.bias(layer) if network.bias else None
            z = self.pre_activation(activations[-1], parameters.weight(layer), bias)
            pre_activations.append(z)
            if layer < network.layer_count - 1:
                a = self.activate(network.activations[layer], z)
                activations.append(a + activations[-1] if layer and a.shape == activations[-1].shape else a)
        return pre_activations, activations


class OutputBiasForgotten(Correct):
    """Adds no bias to the outputs."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        return super().forward(network, _without_output_bias(network, parameters), x)


class OutputsActivated(Correct):
    """Applies the activation of the last hidden layer to the outputs too, in the forward pass."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        pre_activations, activations = super().forward(network, parameters, x)
        if network.hidden_sizes:
            pre_activations[-1] = self.activate(network.activations[-1], pre_activations[-1])
        return pre_activations, activations


def _with_shared_weights(network: Network, parameters: Parameters) -> Parameters:
    shared = parameters.copy()
    first: dict[tuple[int, ...], Array] = {}
    for layer in range(1, network.layer_count - 1):
        weight = shared.weight(layer)
        weight[...] = first.setdefault(weight.shape, weight.copy())
    return shared


def _without_output_bias(network: Network, parameters: Parameters) -> Parameters:
    without = parameters.copy()
    without.bias(network.layer_count - 1)[...] = 0
    return without
