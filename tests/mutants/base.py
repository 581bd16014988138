"""A correct implementation in pieces, each of which a broken one can replace."""

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Capabilities
from symtests.implementations.numpy_functions import ACTIVATION_PAIRS, LOSS_PAIRS
from symtests.implementations.stages import Stages
from symtests.initialization import initialize
from symtests.network import ACTIVATIONS, DTYPES, LOSSES, Network
from symtests.parameters import Parameters
from symtests.training import Training


class Correct:
    """Backpropagation whose every sum runs through its terms in ascending order, whatever the index of the unit."""

    name = "correct"
    capabilities = Capabilities(dtypes=DTYPES, index_independent=True)

    # What an implementation offers.

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        theta = parameters.copy()
        memory = {"mean": np.zeros_like(theta.vector), "square": np.zeros_like(theta.vector)}
        for step in range(1, training.steps + 1):
            self.update(theta, self.step_gradient(network, theta, batch, training), memory, step, training)
        return theta

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        stages = self.stages(network, parameters, batch)
        return self.loss(network, stages.pre_activations[-1], batch), self.gradient(network, batch, stages)

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        return self.forward(network, parameters, x)[0][-1]

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        return initialize(network, scheme, seed)

    def stages(self, network: Network, parameters: Parameters, batch: Batch) -> Stages:
        pre_activations, activations = self.forward(network, parameters, batch.x)
        signals = self.error_signals(network, parameters, pre_activations, batch)
        return Stages(tuple(pre_activations), tuple(activations), tuple(signals))

    # The pieces.

    def product(self, a: Array, b: Array) -> Array:
        """Return a b, each entry summed in ascending order."""
        total = np.zeros((a.shape[0], b.shape[1]), a.dtype)
        for k in range(a.shape[1]):
            total += a[:, k, np.newaxis] * b[k]
        return total

    def activate(self, name: str, z: Array) -> Array:
        return ACTIVATION_PAIRS[name][0](z)

    def slope(self, name: str, z: Array) -> Array:
        return ACTIVATION_PAIRS[name][1](z)

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        """Return z_1 .. z_L and a_0 .. a_(L-1)."""
        pre_activations, activations = [], [x]
        for layer, (weight, bias) in enumerate(zip(parameters.weights, parameters.biases, strict=True)):
            pre_activations.append(self.pre_activation(activations[-1], weight, bias if network.bias else None))
            if layer < network.layer_count - 1:
                activations.append(self.activate(network.activations[layer], pre_activations[-1]))
        return pre_activations, activations

    def pre_activation(self, below: Array, weight: Array, bias: Array | None) -> Array:
        z = self.product(below, weight)
        return z if bias is None else z + bias

    def shares(self, batch: Batch) -> Array:
        """Return what each sample counts for in the mean; none has a share in an empty one."""
        if not len(batch):
            raise ValueError("batch=<0 samples>: must have at least one sample")
        weights = np.ones(len(batch), batch.x.dtype) if batch.sample_weights is None else batch.sample_weights
        return weights / weights.sum()

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        return float((self.shares(batch) * LOSS_PAIRS[network.loss](z, batch.y)[0]).sum())

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        return LOSS_PAIRS[network.loss](z, batch.y)[1] * self.shares(batch)[:, np.newaxis]

    def error_signals(
        self, network: Network, parameters: Parameters, pre_activations: list[Array], batch: Batch
    ) -> list[Array]:
        """Return dL/dz_1 .. dL/dz_L."""
        signals = [self.output_error_signals(network, pre_activations[-1], batch)]
        for layer in range(network.layer_count - 1, 0, -1):
            z, name = pre_activations[layer - 1], network.activations[layer - 1]
            signals.insert(0, self.hidden_error_signals(name, z, signals[0], parameters.weight(layer)))
        return signals

    def hidden_error_signals(self, name: str, z: Array, above: Array, weight_above: Array) -> Array:
        return self.product(above, weight_above.T) * self.slope(name, z)

    def weight_gradient(self, below: Array, signals: Array) -> Array:
        return self.product(below.T, signals)

    def bias_gradient(self, signals: Array) -> Array:
        return self.product(np.ones((1, len(signals)), signals.dtype), signals)[0]

    def gradient(self, network: Network, batch: Batch, stages: Stages) -> Parameters:
        gradient = Parameters.zeros(network, batch.x.dtype)
        for layer, (below, signals) in enumerate(zip(stages.activations, stages.error_signals, strict=True)):
            gradient.weight(layer)[...] = self.weight_gradient(below, signals)
            if network.bias:
                gradient.bias(layer)[...] = self.bias_gradient(signals)
        return gradient

    def step_gradient(self, network: Network, theta: Parameters, batch: Batch, training: Training) -> Array:
        """Return the gradient of which a training step makes use."""
        return self.loss_and_gradient(network, theta, batch)[1].vector

    def update(
        self, theta: Parameters, gradient: Array, memory: dict[str, Array], step: int, training: Training
    ) -> None:
        rate, mean, square = training.learning_rate, memory["mean"], memory["square"]
        if training.optimizer in ("sgd", "momentum", "nesterov"):
            momentum = 0.0 if training.optimizer == "sgd" else training.momentum
            mean[...] = momentum * mean + gradient
            theta.vector[...] -= rate * (gradient + momentum * mean if training.optimizer == "nesterov" else mean)
        elif training.optimizer in ("adam", "adamw"):
            theta.vector[...] *= 1 - rate * training.weight_decay
            mean[...] = training.mean_decay * mean + (1 - training.mean_decay) * gradient
            square[...] = training.square_decay * square + (1 - training.square_decay) * gradient**2
            root = np.sqrt(square / (1 - training.square_decay**step))
            theta.vector[...] -= rate * (mean / (1 - training.mean_decay**step)) / (root + training.epsilon)
        else:
            kept = training.square_decay if training.optimizer == "rmsprop" else 1.0
            square[...] = kept * square + (1 - kept if kept < 1 else 1.0) * gradient**2
            theta.vector[...] -= rate * gradient / (np.sqrt(square) + training.epsilon)


class CorrectInAll(Correct):
    """The same with every activation and every loss; what is broken offers those that a capability means by default."""

    name = "correct in all"
    capabilities = Capabilities(dtypes=DTYPES, activations=ACTIVATIONS, losses=LOSSES, index_independent=True)
