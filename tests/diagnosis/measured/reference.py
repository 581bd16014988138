"""A right implementation in pieces which faults change by way of ``super()``, so that several faults go together."""

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Capabilities
from symtests.implementations.stages import Stages
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from tests.mutants.base import Correct

__all__ = ["Memory", "Reference"]

Memory = dict[str, Array]
"""What an optimizer keeps from step to step: ``mean`` and ``square``, shape (n,)."""


class Reference(Correct):
    """Backpropagation by the matrix products of NumPy, and each rule of an optimizer in a piece of its own."""

    name = "reference"
    capabilities = Capabilities(dtypes=("float32", "float64"))

    def product(self, a: Array, b: Array) -> Array:
        return a @ b

    # Data and signals.

    def data(self, network: Network, batch: Batch) -> Batch:
        """Return the batch that is learned from."""
        return batch

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        return super().loss_and_gradient(network, parameters, self.data(network, batch))

    def hidden_error_signals(self, name: str, z: Array, above: Array, weight_above: Array) -> Array:
        return self.sent_back(above, weight_above) * self.slope(name, z)

    def sent_back(self, above: Array, weight_above: Array) -> Array:
        return self.product(above, weight_above.T)

    def below(self, stages: Stages, layer: int) -> Array:
        """Return the activations that the weight gradient of a layer is formed with."""
        return stages.activations[layer]

    def gradient(self, network: Network, batch: Batch, stages: Stages) -> Parameters:
        gradient = Parameters.zeros(network, batch.x.dtype)
        for layer, signals in enumerate(stages.error_signals):
            gradient.weight(layer)[...] = self.weight_gradient(self.below(stages, layer), signals)
            if network.bias:
                gradient.bias(layer)[...] = self.bias_gradient(signals)
        return gradient

    # Steps.

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        theta = parameters.copy()
        memory = {"mean": np.zeros_like(theta.vector), "square": np.zeros_like(theta.vector)}
        for step in range(1, self.step_count(training) + 1):
            self.update(theta, self.step_gradient(network, theta, batch, training), memory, step, training)
        return theta

    def step_count(self, training: Training) -> int:
        return training.steps

    def update(self, theta: Parameters, gradient: Array, memory: Memory, step: int, training: Training) -> None:
        training = self.settings(training, step)
        gradient = self.used(theta, gradient, memory, training)
        self.decay(theta, training)
        direction = self.direction(gradient, memory, self.numbers(theta, step), training)
        self.move(theta, training.learning_rate * direction)

    def settings(self, training: Training, step: int) -> Training:
        """Return the settings of a step."""
        return training

    def used(self, theta: Parameters, gradient: Array, memory: Memory, training: Training) -> Array:
        """Return what is made of the gradient before the rule has it."""
        return gradient

    def decay(self, theta: Parameters, training: Training) -> None:
        theta.vector[...] *= 1 - training.learning_rate * training.weight_decay

    def move(self, theta: Parameters, change: Array) -> None:
        theta.vector[...] -= change

    def numbers(self, theta: Parameters, step: int) -> Array:
        """Return the number of the step for each component, shape (n,)."""
        return np.full(theta.vector.shape, step)

    def direction(self, gradient: Array, memory: Memory, numbers: Array, training: Training) -> Array:
        """Return what is multiplied by the learning rate, by the rule of the optimizer."""
        optimizer, old = training.optimizer, memory["mean"].copy()
        if optimizer == "sgd":
            return gradient
        if optimizer in ("momentum", "nesterov"):
            memory["mean"][...] = self.velocity(old, gradient, training)
            return self.ahead(memory["mean"], old, gradient, training)
        mean = gradient
        if optimizer in ("adam", "adamw"):
            memory["mean"][...] = mean = self.mean(old, gradient, training)
        memory["square"][...] = square = self.square(memory["square"].copy(), gradient, mean, training)
        if optimizer in ("adam", "adamw"):
            mean, square = self.corrected(mean, square, gradient, numbers.astype(gradient.dtype), training)
        return self.quotient(mean, square, training)

    def velocity(self, old: Array, gradient: Array, training: Training) -> Array:
        return training.momentum * old + gradient

    def ahead(self, velocity: Array, old: Array, gradient: Array, training: Training) -> Array:
        return gradient + training.momentum * velocity if training.optimizer == "nesterov" else velocity

    def mean(self, old: Array, gradient: Array, training: Training) -> Array:
        return training.mean_decay * old + (1 - training.mean_decay) * gradient

    def square(self, old: Array, gradient: Array, mean: Array, training: Training) -> Array:
        if training.optimizer == "adagrad":
            return old + gradient**2
        return training.square_decay * old + (1 - training.square_decay) * gradient**2

    def corrected(
        self, mean: Array, square: Array, gradient: Array, numbers: Array, training: Training
    ) -> tuple[Array, Array]:
        return mean / (1 - training.mean_decay**numbers), square / (1 - training.square_decay**numbers)

    def quotient(self, mean: Array, square: Array, training: Training) -> Array:
        return mean / (np.sqrt(square) + training.epsilon)
