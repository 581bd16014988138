"""Faults of what should have been switched off: clipping, decay, schedules, normalization, a momentum."""

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.stages import Stages
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from tests.mutants.base import Correct


class GradientNormClipped(Correct):
    """Scales the gradient to the norm 1 where it is longer."""

    def gradient(self, network: Network, batch: Batch, stages: Stages) -> Parameters:
        gradient = super().gradient(network, batch, stages)
        norm = np.sqrt((gradient.vector**2).sum())
        return Parameters(network, gradient.vector / np.maximum(norm, norm.dtype.type(1)))


class StepGradientClipped(Correct):
    """Clips each component of the gradient at 1 in training; the gradient that it reports is right."""

    def step_gradient(self, network: Network, theta: Parameters, batch: Batch, training: Training) -> Array:
        return np.clip(super().step_gradient(network, theta, batch, training), -1, 1)


class MomentumLeftOn(Correct):
    """Has a momentum of 0.9 in plain gradient descent."""

    def update(
        self, theta: Parameters, gradient: Array, memory: dict[str, Array], step: int, training: Training
    ) -> None:
        if training.optimizer == "sgd":
            memory["mean"][...] = theta.dtype.type(0.9) * memory["mean"] + gradient
            gradient = memory["mean"].copy()
        super().update(theta, gradient, memory, step, training)


class LeastRate(Correct):
    """Has no learning rate below 1/1000, other than 0."""

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        rate = max(training.learning_rate, 1e-3) if training.learning_rate else 0.0
        return super().train(network, parameters, batch, _with_rate(training, rate))


class RateWarmsUp(Correct):
    """Has a tenth of the learning rate in the first step, and more in each of the next nine."""

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        theta = parameters.copy()
        memory = {"mean": np.zeros_like(theta.vector), "square": np.zeros_like(theta.vector)}
        for step in range(1, training.steps + 1):
            now = _with_rate(training, training.learning_rate * min(step / 10, 1.0))
            self.update(theta, self.step_gradient(network, theta, batch, now), memory, step, now)
        return theta


class StopsOnSmallGradients(Correct):
    """Takes a minimum to be reached where no component of the gradient exceeds 1/100."""

    def step_gradient(self, network: Network, theta: Parameters, batch: Batch, training: Training) -> Array:
        gradient = super().step_gradient(network, theta, batch, training)
        return gradient * (np.abs(gradient).max() > 0.01)


class OneStepOnly(Correct):
    """Takes one step, however many are asked for."""

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        return super().train(network, parameters, batch, training.with_steps(min(training.steps, 1)))


class OneStepTooMany(Correct):
    """Begins to count its steps at 0, and ends behind the last: takes one more where there are several."""

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        steps = training.steps + (training.steps > 1)
        return super().train(network, parameters, batch, training.with_steps(steps))


class BestOfAllSteps(Correct):
    """Returns the parameters of the step with the least loss."""

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        passed = [
            Correct.train(self, network, parameters, batch, training.with_steps(steps))
            for steps in range(training.steps + 1)
        ]
        return min(passed, key=lambda theta: self.loss_and_gradient(network, theta, batch)[0])


class AverageOfAllSteps(Correct):
    """Returns the mean of the parameters after each step."""

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        if not training.steps:
            return parameters.copy()
        vectors = [
            Correct.train(self, network, parameters, batch, training.with_steps(steps)).vector
            for steps in range(1, training.steps + 1)
        ]
        return Parameters(network, np.mean(vectors, axis=0, dtype=parameters.dtype))


class BatchNormalized(Correct):
    """Subtracts from the pre-activations of hidden units their mean over the batch, which it takes for a constant."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        pre_activations, activations = [], [x]
        for layer in range(network.layer_count):
            bias = parameters.bias(layer) if network.bias else None
            z = self.pre_activation(activations[-1], parameters.weight(layer), bias)
            if layer < network.layer_count - 1:
                z = z - z.mean(axis=0) if len(z) > 1 else z
                activations.append(self.activate(network.activations[layer], z))
            pre_activations.append(z)
        return pre_activations, activations


class WeightsNormalized(Correct):
    """Scales the incoming weights of a unit to the norm 1 where it is larger."""

    def pre_activation(self, below: Array, weight: Array, bias: Array | None) -> Array:
        norm = np.maximum(np.sqrt((weight**2).sum(axis=0)), weight.dtype.type(1))
        return super().pre_activation(below, weight / norm, bias)


class BiasDespiteAll(Correct):
    """Trains hidden biases of its own, which begin at 0, in a network without biases."""

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        if network.bias:
            return super().train(network, parameters, batch, training)
        biased = Network(network.sizes, network.activations, network.loss, bias=True)
        biases = [np.zeros(width) for width in network.sizes[1:]]
        start = Parameters.from_layers(biased, parameters.weights, biases, parameters.dtype)
        after = super().train(biased, start, batch, training)
        return Parameters.from_layers(network, after.weights, dtype=parameters.dtype)


class AtLeastOneStep(Correct):
    """Tests after each step whether it was the last, and so takes one where none is asked for."""

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        return super().train(network, parameters, batch, training.with_steps(max(training.steps, 1)))


class SettingsOfAnotherLibrary(Correct):
    """Has a momentum of 0.9 and decays of 0.9 and 0.999, whatever is asked for."""

    def update(
        self, theta: Parameters, gradient: Array, memory: dict[str, Array], step: int, training: Training
    ) -> None:
        usual = {"momentum": 0.9, "mean_decay": 0.9, "square_decay": 0.999}
        super().update(theta, gradient, memory, step, Training.from_json({**training.to_json(), **usual}))


def _with_rate(training: Training, rate: float) -> Training:
    return Training.from_json({**training.to_json(), "learning_rate": rate})
