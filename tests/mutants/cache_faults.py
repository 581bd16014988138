"""Faults of what is kept between calls, between steps and between layers."""

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from tests.mutants.base import Correct


class GradientArrayShared(Correct):
    """Hands out the same array of the gradient at each call."""

    def __init__(self) -> None:
        self.buffers: dict[tuple[Network, str], Array] = {}

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        buffer = self.buffers.setdefault((network, str(gradient.dtype)), gradient.vector)
        buffer[...] = gradient.vector
        return loss, Parameters(network, buffer)


class OutputsShared(Correct):
    """Hands out, as a prediction, the first rows of one buffer that every later prediction writes to."""

    def __init__(self) -> None:
        self.buffers: dict[tuple[int, str], Array] = {}

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        z = super().predict(network, parameters, x)
        key = z.shape[1], str(z.dtype)
        buffer = self.buffers.get(key, z[:0])
        if len(buffer) < len(z):
            self.buffers[key] = buffer = np.zeros_like(z)
        buffer[: len(z)] = z
        return buffer[: len(z)]


class CachedByShape(Correct):
    """Keeps the pre-activations of the first layer by the shapes of the data, and uses them for other weights too."""

    def __init__(self) -> None:
        self.cache: dict[tuple[object, ...], Array] = {}

    def pre_activation(self, below: Array, weight: Array, bias: Array | None) -> Array:
        z = super().pre_activation(below, weight, bias)
        return self.cache.setdefault((below.shape, weight.shape, bias is None, str(z.dtype)), z).copy()


class CachedByInputs(Correct):
    """Keeps its predictions by the inputs, and answers them whatever the parameters are by then."""

    def __init__(self) -> None:
        self.cache: dict[tuple[Network, bytes], Array] = {}

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        return self.cache.setdefault((network, x.tobytes()), super().predict(network, parameters, x)).copy()


class CachedByNetwork(Correct):
    """Packs the weights of a network once for its predictions, and goes on with them when there are others."""

    def __init__(self) -> None:
        self.packed: dict[tuple[Network, str], Parameters] = {}

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        kept = self.packed.setdefault((network, str(x.dtype)), parameters.copy())
        return super().predict(network, kept, x)


class WarmStart(Correct):
    """Begins each training of a network where the one before has ended."""

    def __init__(self) -> None:
        self.latest: dict[tuple[Network, str], Parameters] = {}

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        key = network, str(parameters.dtype)
        after = super().train(network, self.latest.get(key, parameters), batch, training)
        self.latest[key] = after.copy()
        return after


class RateDecaysFromCallToCall(Correct):
    """Has a learning rate that decays by a hundredth in each training, and does not begin anew."""

    def __init__(self) -> None:
        self.factor = 1.0

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        after = super().train(network, parameters, batch, training)
        step = (after.vector - parameters.vector) * after.dtype.type(self.factor)
        self.factor *= 0.99
        return Parameters(network, parameters.vector + step)


class StepsCountedOn(Correct):
    """Counts the steps of Adam from the first training on, so that its bias correction is over in the second."""

    def __init__(self) -> None:
        self.steps = 0

    def update(
        self, theta: Parameters, gradient: Array, memory: dict[str, Array], step: int, training: Training
    ) -> None:
        self.steps += 1
        super().update(theta, gradient, memory, self.steps, training)


class RunningMeanOfInputs(Correct):
    """Subtracts from the inputs a running mean that every call moves on."""

    def __init__(self) -> None:
        self.means: dict[tuple[int, str], Array] = {}

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        key = x.shape[1], str(x.dtype)
        mean = self.means.get(key, np.zeros_like(x[:1]))
        if len(x):
            self.means[key] = mean + (x.mean(axis=0, keepdims=True) - mean) / 10
        return super().forward(network, parameters, x - mean)


class StaleTranspose(Correct):
    """Transposes the weights once for the backward pass of all steps of a training."""

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        first = parameters.copy()

        class OfThisTraining(Correct):
            def error_signals(
                self, network: Network, parameters: Parameters, pre_activations: list[Array], batch: Batch
            ) -> list[Array]:
                return super().error_signals(network, first, pre_activations, batch)

        return OfThisTraining().train(network, parameters, batch, training)


class TwoBuffersForAllLayers(Correct):
    """Keeps the activations of all layers in two buffers by turns: each layer overwrites that two below, if alike."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        pre_activations, activations = super().forward(network, parameters, x)
        for layer in range(1, len(activations) - 2):
            if activations[layer].shape == activations[layer + 2].shape:
                activations[layer] = activations[layer + 2]
        return pre_activations, activations


class ActivationsOverwritten(Correct):
    """Writes the activations of each layer over those below where they have the same shape, the inputs excepted."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        pre_activations, activations = super().forward(network, parameters, x)
        for layer in range(1, len(activations) - 1):
            if activations[layer].shape == activations[layer + 1].shape:
                activations[layer] = activations[layer + 1]
        return pre_activations, activations
