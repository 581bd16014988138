"""Faults of optimizers: what they make of a right gradient."""

from dataclasses import replace

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from tests.mutants.base import Correct

Memory = dict[str, Array]


class Velocity(Correct):
    """Has the velocity of momentum and nesterov in a piece of its own; it is right."""

    def update(self, theta: Parameters, gradient: Array, memory: Memory, step: int, training: Training) -> None:
        if training.optimizer not in ("momentum", "nesterov"):
            return super().update(theta, gradient, memory, step, training)
        memory["mean"][...] = self.velocity(memory["mean"], gradient, training.momentum)
        theta.vector[...] -= training.learning_rate * self.direction(memory["mean"], gradient, training)
        return None

    def velocity(self, velocity: Array, gradient: Array, momentum: float) -> Array:
        return momentum * velocity + gradient

    def direction(self, velocity: Array, gradient: Array, training: Training) -> Array:
        return gradient + training.momentum * velocity if training.optimizer == "nesterov" else velocity


class MomentumOfTheWrongSign(Velocity):
    """Takes the momentum off the gradient."""

    def velocity(self, velocity, gradient, momentum):
        return gradient - momentum * velocity


class MomentumDampened(Velocity):
    """Averages the gradient, with the factor 1 - mu, where it should be added up."""

    def velocity(self, velocity, gradient, momentum):
        return momentum * velocity + (1 - momentum) * gradient


class NesterovWithoutLookAhead(Velocity):
    """Steps by the velocity in nesterov as in momentum."""

    def direction(self, velocity, gradient, training):
        return velocity


class Adaptive(Correct):
    """Has the rules that divide by the size of the gradient in pieces; they are right."""

    def update(self, theta: Parameters, gradient: Array, memory: Memory, step: int, training: Training) -> None:
        if training.optimizer in ("sgd", "momentum", "nesterov"):
            return super().update(theta, gradient, memory, step, training)
        is_adam = training.optimizer in ("adam", "adamw")
        b1, b2 = training.mean_decay if is_adam else 0.0, training.square_decay
        self.decay(theta, training)
        gradient = self.penalised(theta, gradient, training)
        memory["mean"][...] = b1 * memory["mean"] + (1 - b1) * gradient
        memory["square"][...] = self.square(memory, gradient, training)
        of_mean, of_square = self.corrections(b1, b2, step) if is_adam else (1.0, 1.0)
        quotient = self.quotient(memory["mean"], memory["square"], of_mean, of_square, training)
        theta.vector[...] -= training.learning_rate * quotient
        return None

    def decay(self, theta: Parameters, training: Training) -> None:
        theta.vector[...] *= 1 - training.learning_rate * training.weight_decay

    def penalised(self, theta: Parameters, gradient: Array, training: Training) -> Array:
        return gradient

    def square(self, memory: Memory, gradient: Array, training: Training) -> Array:
        if training.optimizer == "adagrad":
            return memory["square"] + gradient**2
        return training.square_decay * memory["square"] + (1 - training.square_decay) * gradient**2

    def corrections(self, b1: float, b2: float, step: int) -> tuple[float, float]:
        return 1 - b1**step, 1 - b2**step

    def quotient(self, m: Array, s: Array, of_mean: float, of_square: float, training: Training) -> Array:
        return (m / of_mean) / (np.sqrt(s / of_square) + training.epsilon)


class StepsCountedFromTwo(Adaptive):
    """Corrects the bias of the first step of adam as that of the second."""

    def corrections(self, b1, b2, step):
        return super().corrections(b1, b2, step + 1)


class NoBiasCorrection(Adaptive):
    """Leaves the running means of adam biased towards their start at 0."""

    def corrections(self, b1, b2, step):
        return 1.0, 1.0


class OnlyMeanCorrected(Adaptive):
    """Corrects the mean of the gradient, and not that of its square."""

    def corrections(self, b1, b2, step):
        return 1 - b1**step, 1.0


class EpsilonInsideRoot(Adaptive):
    """Adds epsilon to the mean square before the root is taken."""

    def quotient(self, m, s, of_mean, of_square, training):
        return (m / of_mean) / np.sqrt(s / of_square + training.epsilon)


class EpsilonBeforeCorrection(Adaptive):
    """Adds epsilon to the root of the biased mean square."""

    def quotient(self, m, s, of_mean, of_square, training):
        return np.sqrt(of_square) * (m / of_mean) / (np.sqrt(s) + training.epsilon)


class SquareOfTheMean(Adaptive):
    """Divides by the size of the mean gradient, not by the root of the mean square."""

    def square(self, memory, gradient, training):
        if training.optimizer == "adagrad":
            return super().square(memory, gradient, training)
        return training.square_decay * memory["square"] + (1 - training.square_decay) * memory["mean"] ** 2


class SquaresSummedUp(Adaptive):
    """Adds the squares up in rmsprop as in adagrad."""

    def square(self, memory, gradient, training):
        if training.optimizer == "rmsprop":
            return memory["square"] + (1 - training.square_decay) * gradient**2
        return super().square(memory, gradient, training)


class AdagradForgets(Adaptive):
    """Keeps 9/10 of the sum of squares in adagrad."""

    def square(self, memory, gradient, training):
        kept = 0.9 if training.optimizer == "adagrad" else 1.0
        return super().square({**memory, "square": kept * memory["square"]}, gradient, training)


class WeightDecayAsPenalty(Adaptive):
    """Adds weight_decay theta to the gradient in adamw."""

    def decay(self, theta, training):
        pass

    def penalised(self, theta, gradient, training):
        return gradient + training.weight_decay * theta.vector


class WeightDecayWithoutRate(Adaptive):
    """Multiplies by 1 - weight_decay in adamw, whatever the learning rate."""

    def decay(self, theta, training):
        theta.vector[...] *= 1 - training.weight_decay


class BiasesNotDecayed(Adaptive):
    """Leaves the biases out of the weight decay."""

    def decay(self, theta, training):
        for weight in theta.weights:
            weight *= 1 - training.learning_rate * training.weight_decay


class OnlyBiasesDecayed(Adaptive):
    """Decays the biases alone."""

    def decay(self, theta, training):
        for bias in theta.biases:
            bias *= 1 - training.learning_rate * training.weight_decay


class NoEpsilon(Adaptive):
    """Forgets epsilon: 0 / 0 where a gradient is 0."""

    def quotient(self, m, s, of_mean, of_square, training):
        with np.errstate(all="ignore"):
            return (m / of_mean) / np.sqrt(s / of_square)


class StateSharedBetweenTensors(Correct):
    """Has one state for all layers: each finds what the layer before it has left in the same places."""

    def update(self, theta: Parameters, gradient: Array, memory: Memory, step: int, training: Training) -> None:
        for layer in range(theta.network.layer_count):
            where = slice(theta.network.weight_slice(layer).start, theta.network.bias_slice(layer).stop)
            size = where.stop - where.start
            part = Parameters.zeros(theta.network, theta.dtype)
            part.vector[:size] = theta.vector[where]
            moved = np.zeros_like(gradient)
            moved[:size] = gradient[where]
            kept = {name: state[size:].copy() for name, state in memory.items()}
            super().update(part, moved, memory, step, training)
            for name, state in memory.items():
                state[size:] = kept[name]
            theta.vector[where] = part.vector[:size]


class StepsCountedByLayer(Correct):
    """Counts a step of adam for each layer that it updates."""

    def update(self, theta: Parameters, gradient: Array, memory: Memory, step: int, training: Training) -> None:
        before, state = theta.vector.copy(), {name: values.copy() for name, values in memory.items()}
        layers = theta.network.layer_count
        for layer in range(layers):
            where = slice(theta.network.weight_slice(layer).start, theta.network.bias_slice(layer).stop)
            moved, memory_of_layer = theta.copy(), {name: values.copy() for name, values in state.items()}
            moved.vector[...] = before
            super().update(moved, gradient, memory_of_layer, (step - 1) * layers + layer + 1, training)
            theta.vector[where] = moved.vector[where]
            for name, values in memory.items():
                values[where] = memory_of_layer[name][where]


class StateKeptBetweenTrainings(Correct):
    """Begins a training with the state that the one before has left, where the sizes agree."""

    def __init__(self) -> None:
        self.left: Memory = {}

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        theta, memory = parameters.copy(), self.left
        if not memory or memory["mean"].shape != theta.vector.shape or memory["mean"].dtype != theta.dtype:
            memory = {"mean": np.zeros_like(theta.vector), "square": np.zeros_like(theta.vector)}
        for step in range(1, training.steps + 1):
            self.update(theta, self.step_gradient(network, theta, batch, training), memory, step, training)
        self.left = memory
        return theta


class RateFallsWithSteps(Correct):
    """Divides the learning rate by the root of the number of the step."""

    def update(self, theta: Parameters, gradient: Array, memory: Memory, step: int, training: Training) -> None:
        before = theta.vector.copy()
        super().update(theta, gradient, memory, step, training)
        theta.vector[...] = before + (theta.vector - before) / np.sqrt(theta.dtype.type(step))


class WeightDecayInSgd(Correct):
    """Takes a thousandth of the parameter into the gradient of plain steps, as some frameworks do unasked."""

    def update(self, theta: Parameters, gradient: Array, memory: Memory, step: int, training: Training) -> None:
        penalty = theta.vector / 1024 if training.optimizer == "sgd" else 0.0
        super().update(theta, gradient + penalty, memory, step, training)


class GradientClipped(Correct):
    """Shortens the gradient to a length of 1/4 where it is longer, as is usual for recurrent networks."""

    def step_gradient(self, network: Network, theta: Parameters, batch: Batch, training: Training) -> Array:
        gradient = super().step_gradient(network, theta, batch, training)
        length = float(np.sqrt((gradient**2).sum()))
        return gradient if length <= 0.25 else gradient * gradient.dtype.type(0.25 / length)


class MomentumNeverOff(Velocity):
    """Takes a momentum of 0 to mean the usual one: ``momentum or 0.9``."""

    def update(self, theta: Parameters, gradient: Array, memory: Memory, step: int, training: Training) -> None:
        super().update(theta, gradient, memory, step, replace(training, momentum=training.momentum or 0.9))


class WeightDecayNeverOff(Adaptive):
    """Decays by a hundredth in adamw where it is told not to: ``weight_decay or 0.01``."""

    def decay(self, theta, training):
        if training.optimizer == "adamw":
            theta.vector[...] *= 1 - training.learning_rate * (training.weight_decay or 0.01)


class GradientShifted(Correct):
    """Adds 1e-8 to the gradient, so as not to divide by 0."""

    def step_gradient(self, network: Network, theta: Parameters, batch: Batch, training: Training) -> Array:
        return super().step_gradient(network, theta, batch, training) + batch.x.dtype.type(1e-8)


class ClippedFromAbove(Correct):
    """Lets no component of the gradient exceed 1/8, but every one fall below -1/8."""

    def step_gradient(self, network: Network, theta: Parameters, batch: Batch, training: Training) -> Array:
        return np.minimum(super().step_gradient(network, theta, batch, training), batch.x.dtype.type(0.125))


class Ascends(Correct):
    """Adds the step of plain descent."""

    def update(self, theta: Parameters, gradient: Array, memory: Memory, step: int, training: Training) -> None:
        sign = -1 if training.optimizer == "sgd" else 1
        super().update(theta, sign * gradient, memory, step, training)


class FirstLayerAscends(Correct):
    """Has the sign of the first layer's step wrong; the gradient that it reports is right."""

    def step_gradient(self, network: Network, theta: Parameters, batch: Batch, training: Training) -> Array:
        gradient = super().step_gradient(network, theta, batch, training).copy()
        gradient[network.weight_slice(0)] *= -1
        return gradient


class RateTenfold(Correct):
    """Learns ten times as fast in its first steps, as in a schedule that nobody asked for."""

    def update(self, theta: Parameters, gradient: Array, memory: Memory, step: int, training: Training) -> None:
        super().update(theta, gradient, memory, step, replace(training, learning_rate=10 * training.learning_rate))


class TargetsShuffledApart(Correct):
    """Shuffles the targets in training, and not the inputs with them; the gradient that it reports is right."""

    def step_gradient(self, network: Network, theta: Parameters, batch: Batch, training: Training) -> Array:
        shuffled = replace(batch, y=np.roll(batch.y, 1, axis=0))
        return super().step_gradient(network, theta, shuffled, training)
