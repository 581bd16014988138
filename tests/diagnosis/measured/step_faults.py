"""Faults of optimizers and of the loop over steps; the reported gradient is right."""

from dataclasses import replace

import numpy as np

from symtests.diagnosis.questions.question import tensors
from tests.diagnosis.measured.reference import Reference

_ADAM = ("adam", "adamw")


class NoCorrection(Reference):
    """Has no bias correction in adam."""

    def corrected(self, mean, square, gradient, numbers, training):
        return mean, square


class CorrectionMultiplied(Reference):
    """Multiplies by the bias corrections of adam where it should divide."""

    def corrected(self, mean, square, gradient, numbers, training):
        return mean * (1 - training.mean_decay**numbers), square * (1 - training.square_decay**numbers)


class CountedFromTwo(Reference):
    """Counts the steps of the bias correction from 2."""

    def numbers(self, theta, step):
        return super().numbers(theta, step) + 1


class CounterPerTensor(Reference):
    """Counts a step for each tensor that it updates."""

    def numbers(self, theta, step):
        numbers = super().numbers(theta, step).copy()
        places = list(tensors(theta.network))
        for place, tensor in enumerate(places):
            numbers[tensor.where] = (numbers[tensor.where] - 1) * len(places) + place + 1
        return numbers


class NadamForAdam(Reference):
    """Takes Nesterov's mean in adam, as NAdam does."""

    def corrected(self, mean, square, gradient, numbers, training):
        root = super().corrected(mean, square, gradient, numbers, training)[1]
        b1 = training.mean_decay
        return b1 * mean / (1 - b1 ** (numbers + 1)) + (1 - b1) * gradient / (1 - b1**numbers), root


class LargestSquare(Reference):
    """Keeps the largest mean square of adam, as AMSGrad does."""

    def direction(self, gradient, memory, numbers, training):
        self.largest = memory.setdefault("largest", np.zeros_like(gradient))
        return super().direction(gradient, memory, numbers, training)

    def corrected(self, mean, square, gradient, numbers, training):
        np.maximum(self.largest, square, out=self.largest)
        return super().corrected(mean, self.largest.copy(), gradient, numbers, training)


class BetasExchanged(Reference):
    """Takes each of adam's decays for the other."""

    def settings(self, training, step):
        training = super().settings(training, step)
        if training.optimizer not in _ADAM:
            return training
        return replace(training, mean_decay=training.square_decay, square_decay=training.mean_decay)


class MomentsRest(Reference):
    """Leaves the moments of adam as they are where the gradient is 0, and the parameter too."""

    def direction(self, gradient, memory, numbers, training):
        if training.optimizer not in _ADAM:
            return super().direction(gradient, memory, numbers, training)
        kept = {name: memory[name].copy() for name in ("mean", "square")}
        direction, idle = super().direction(gradient, memory, numbers, training), gradient == 0
        for name, values in kept.items():
            memory[name][idle] = values[idle]
        return np.where(idle, 0, direction)


class EpsilonInsideRoot(Reference):
    """Adds epsilon to the mean square before the root is taken, in adam."""

    def quotient(self, mean, square, training):
        if training.optimizer not in _ADAM:
            return super().quotient(mean, square, training)
        return mean / np.sqrt(square + training.epsilon)


class EpsilonFloor(Reference):
    """Takes the larger of the root and epsilon, in rmsprop."""

    def quotient(self, mean, square, training):
        if training.optimizer != "rmsprop":
            return super().quotient(mean, square, training)
        return mean / np.maximum(np.sqrt(square), max(training.epsilon, 1e-300))


class RmsDecaysExchanged(Reference):
    """Multiplies the old mean square by 1 - square_decay and the new one by square_decay, in rmsprop."""

    def square(self, old, gradient, mean, training):
        if training.optimizer == "rmsprop":
            training = replace(training, square_decay=1 - training.square_decay)
        return super().square(old, gradient, mean, training)


class SquaresSummed(Reference):
    """Lets the mean square of rmsprop forget nothing."""

    def square(self, old, gradient, mean, training):
        right = super().square(old, gradient, mean, training)
        return right + (1 - training.square_decay) * old if training.optimizer == "rmsprop" else right


class AdagradForgets(Reference):
    """Keeps nine tenths of the sum of squares of adagrad in each step."""

    def square(self, old, gradient, mean, training):
        return super().square(0.9 * old if training.optimizer == "adagrad" else old, gradient, mean, training)


class AccumulatorShared(Reference):
    """Has one sum of squares of adagrad for all tensors."""

    def update(self, theta, gradient, memory, step, training):
        self.places = [tensor.where for tensor in tensors(theta.network)]
        super().update(theta, gradient, memory, step, training)

    def square(self, old, gradient, mean, training):
        if training.optimizer != "adagrad":
            return super().square(old, gradient, mean, training)
        shared, right = old[self.places[0]] * 0, np.empty_like(old)
        latest = self.places[-1]
        shared = old[latest]
        for where in self.places:
            size = where.stop - where.start
            begun = shared if len(shared) == size else np.resize(shared, size)
            right[where] = shared = super().square(begun, gradient[where], mean[where], training)
        return right


class MomentumDampened(Reference):
    """Multiplies the gradient by 1 - mu in the velocity."""

    def velocity(self, old, gradient, training):
        return super().velocity(old, (1 - training.momentum) * gradient, training)


class MomentumLate(Reference):
    """Moves by the velocity of the step before."""

    def ahead(self, velocity, old, gradient, training):
        return (
            super().ahead(old, old, gradient, training)
            if training.optimizer == "momentum"
            else super().ahead(velocity, old, gradient, training)
        )


class MomentumTimesRate(Reference):
    """Multiplies the step before by the momentum and by the learning rate."""

    def velocity(self, old, gradient, training):
        return super().velocity(training.learning_rate * old, gradient, training)


class MomentumOfTheWrongSign(Reference):
    """Takes the momentum off the gradient, in momentum."""

    def velocity(self, old, gradient, training):
        return super().velocity(-old if training.optimizer == "momentum" else old, gradient, training)


class NesterovPlain(Reference):
    """Moves by the velocity in nesterov, as momentum does."""

    def ahead(self, velocity, old, gradient, training):
        return velocity if training.optimizer == "nesterov" else super().ahead(velocity, old, gradient, training)


class NesterovSign(Reference):
    """Takes mu v off the gradient in nesterov where it should add it."""

    def ahead(self, velocity, old, gradient, training):
        if training.optimizer == "nesterov":
            velocity = -velocity
        return super().ahead(velocity, old, gradient, training)


class MomentumIsNesterov(Reference):
    """Looks ahead in momentum too."""

    def ahead(self, velocity, old, gradient, training):
        return gradient + training.momentum * velocity


class DecayCoupled(Reference):
    """Adds weight_decay theta to the gradient in adamw."""

    def decay(self, theta, training):
        super().decay(theta, replace(training, weight_decay=0.0))

    def used(self, theta, gradient, memory, training):
        return super().used(theta, gradient, memory, training) + training.weight_decay * theta.vector


class BiasesNotDecayed(Reference):
    """Leaves the biases out of the weight decay of adamw."""

    def decay(self, theta, training):
        before = theta.copy()
        super().decay(theta, training)
        for bias, kept in zip(theta.biases, before.biases, strict=True):
            bias[...] = kept


class DecayWithoutRate(Reference):
    """Multiplies by 1 - weight_decay in adamw, whatever the learning rate."""

    def decay(self, theta, training):
        theta.vector[...] *= 1 - training.weight_decay


class RateHalves(Reference):
    """Halves the learning rate after each step."""

    def settings(self, training, step):
        training = super().settings(training, step)
        return replace(training, learning_rate=training.learning_rate * 0.5 ** (step - 1))


class RateTwice(Reference):
    """Multiplies by the learning rate twice."""

    def move(self, theta, change):
        super().move(theta, self.rate * change)

    def settings(self, training, step):
        training = super().settings(training, step)
        self.rate = training.learning_rate
        return training


class RateInFloat32(Reference):
    """Rounds the learning rate to float32 in float64."""

    def settings(self, training, step):
        training = super().settings(training, step)
        return replace(training, learning_rate=float(np.float32(training.learning_rate)))


class StaleGradient(Reference):
    """Uses the gradient of the step before, from the second step on."""

    def used(self, theta, gradient, memory, training):
        gradient = super().used(theta, gradient, memory, training)
        before = memory.get("stale", gradient)
        memory["stale"] = gradient.copy()
        return before


class StepGradientClipped(Reference):
    """Clips the components of the gradient at 1/4 in training."""

    def used(self, theta, gradient, memory, training):
        return np.clip(super().used(theta, gradient, memory, training), -0.25, 0.25)


class StepGradientShortened(Reference):
    """Shortens the gradient to the length 1/2 in training where it is longer."""

    def used(self, theta, gradient, memory, training):
        gradient = super().used(theta, gradient, memory, training)
        length = np.sqrt((gradient**2).sum())
        return gradient if length <= 0.5 else gradient * (gradient.dtype.type(0.5) / length)


class StepGradientSummed(Reference):
    """Takes the sum over the batch in training, where it reports the gradient of the mean."""

    def step_gradient(self, network, theta, batch, training):
        return super().step_gradient(network, theta, batch, training) * len(batch)


class MomentumInSgd(Reference):
    """Has a momentum of 0.9 in plain descent."""

    def settings(self, training, step):
        training = super().settings(training, step)
        return replace(training, optimizer="momentum", momentum=0.9) if training.optimizer == "sgd" else training
