"""Faults of precision: numbers that pass through a format with fewer bits, or are taken for zero."""

from dataclasses import replace
from typing import Any

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.stages import Stages
from symtests.network import LEAKY_SLOPE, Network
from symtests.parameters import Parameters
from symtests.training import Training
from tests.mutants.base import Correct


def _through_float32(array: Array) -> Array:
    return array.astype(np.float32).astype(array.dtype)


def _in_bits(array: Array, bits: int) -> Array:
    """Return the array with so many significant bits."""
    mantissa, exponent = np.frexp(array)
    return np.ldexp(np.round(np.ldexp(mantissa, bits)), exponent - bits).astype(array.dtype)


class RateInFloat32(Correct):
    """Rounds the learning rate to float32."""

    def update(
        self, theta: Parameters, gradient: Array, memory: dict[str, Array], step: int, training: Training
    ) -> None:
        before = theta.vector.copy()
        super().update(theta, gradient, memory, step, training)
        factor = float(np.float32(training.learning_rate)) / training.learning_rate if training.learning_rate else 1.0
        theta.vector[...] = before + theta.dtype.type(factor) * (theta.vector - before)


class LossInFloat32(Correct):
    """Rounds the loss to float32."""

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        return float(np.float32(super().loss(network, z, batch)))


class GradientInBfloat16(Correct):
    """Rounds the gradient to eight significant bits, as bfloat16 has them."""

    def gradient(self, network: Network, batch: Batch, stages: Stages) -> Parameters:
        return Parameters(network, _in_bits(super().gradient(network, batch, stages).vector, 8))


class BiasGradientInFloat32(Correct):
    """Adds up the error signals for the biases in float32."""

    def bias_gradient(self, signals: Array) -> Array:
        return super().bias_gradient(signals.astype(np.float32)).astype(signals.dtype)


class ActivationsInFloat32(Correct):
    """Has its activations from a library for float32; slopes are taken of the pre-activations as they are."""

    def activate(self, name: str, z: Array) -> Array:
        return super().activate(name, z.astype(np.float32)).astype(z.dtype)


class InputsInFloat16(Correct):
    """Keeps the inputs in float16."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        return super().forward(network, parameters, x.astype(np.float16).astype(x.dtype))


class SignalsInElevenBits(Correct):
    """Keeps the error signals of hidden units in eleven significant bits, as float16 does."""

    def hidden_error_signals(self, name: str, z: Array, above: Array, weight_above: Array) -> Array:
        return _in_bits(super().hidden_error_signals(name, z, above, weight_above), 11)


class SmallSignalsVanish(Correct):
    """Takes error signals below 6e-8 for zero, as float16 does where the loss is not scaled."""

    def hidden_error_signals(self, name: str, z: Array, above: Array, weight_above: Array) -> Array:
        signals = super().hidden_error_signals(name, z, above, weight_above)
        return signals * (np.abs(signals) >= 6e-8)


class SmallWeightsPruned(Correct):
    """Takes weights below 1e-4 for zero."""

    def product(self, a: Array, b: Array) -> Array:
        return super().product(a, b * (np.abs(b) >= 1e-4))


class SharesInFloat32(Correct):
    """Computes what each sample counts for in float32."""

    def shares(self, batch: Batch) -> Array:
        return _through_float32(super().shares(batch))


class StateInFloat32(Correct):
    """Keeps the memory of the optimizer in float32."""

    def update(
        self, theta: Parameters, gradient: Array, memory: dict[str, Array], step: int, training: Training
    ) -> None:
        super().update(theta, gradient, memory, step, training)
        for name, array in memory.items():
            memory[name][...] = _through_float32(array)


class ParametersInFloat32BetweenSteps(Correct):
    """Hands the parameters from one step to the next in float32; the answer of a single step has all its digits."""

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        theta = parameters.copy()
        memory = {"mean": np.zeros_like(theta.vector), "square": np.zeros_like(theta.vector)}
        for step in range(1, training.steps + 1):
            theta.vector[...] = _through_float32(theta.vector) if step > 1 else theta.vector
            self.update(theta, self.step_gradient(network, theta, batch, training), memory, step, training)
        return theta


class GradientByDifferences(Correct):
    """Has no backward pass: takes differences of the loss over a hundred-thousandth."""

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        def loss(vector: Array) -> float:
            return self.loss(network, self.predict(network, Parameters(network, vector), batch.x), batch)

        gradient, step = Parameters.zeros(network, parameters.dtype), parameters.dtype.type(1e-5)
        for index in range(network.parameter_count):
            moved = np.eye(1, network.parameter_count, index, dtype=parameters.dtype)[0] * step
            rise = loss(parameters.vector + moved) - loss(parameters.vector - moved)
            gradient.vector[index] = rise / (2 * step)
        return loss(parameters.vector), gradient


class _SettingInFloat32(Correct):
    setting: str

    def update(
        self, theta: Parameters, gradient: Array, memory: dict[str, Array], step: int, training: Training
    ) -> None:
        rounded: dict[str, Any] = {self.setting: float(np.float32(getattr(training, self.setting)))}
        super().update(theta, gradient, memory, step, replace(training, **rounded))


class MomentumInFloat32(_SettingInFloat32):
    """Rounds the momentum to float32."""

    setting = "momentum"


class MeanDecayInFloat32(_SettingInFloat32):
    """Rounds the decay of adam's mean to float32."""

    setting = "mean_decay"


class SquareDecayInFloat32(_SettingInFloat32):
    """Rounds the decay of the mean square to float32."""

    setting = "square_decay"


class WeightDecayInFloat32(_SettingInFloat32):
    """Rounds the weight decay to float32."""

    setting = "weight_decay"


class EpsilonInFloat32(_SettingInFloat32):
    """Rounds epsilon to float32."""

    setting = "epsilon"


class LeakInFloat32(Correct):
    """Rounds the slope of leaky_relu below 0 to float32."""

    def activate(self, name: str, z: Array) -> Array:
        return np.where(z > 0, z, _LEAK * z).astype(z.dtype) if name == "leaky_relu" else super().activate(name, z)

    def slope(self, name: str, z: Array) -> Array:
        return np.where(z > 0, 1.0, _LEAK).astype(z.dtype) if name == "leaky_relu" else super().slope(name, z)


_LEAK = float(np.float32(LEAKY_SLOPE))


class SlopesInFloat32(Correct):
    """Has the slopes of its activations from a library for float32."""

    def slope(self, name: str, z: Array) -> Array:
        return super().slope(name, z.astype(np.float32)).astype(z.dtype)


class TanhInFloat32(Correct):
    """Has its tanh from a library for float32, in both passes."""

    def activate(self, name: str, z: Array) -> Array:
        return np.tanh(z.astype(np.float32)).astype(z.dtype) if name == "tanh" else super().activate(name, z)

    def slope(self, name: str, z: Array) -> Array:
        return 1 - self.activate(name, z) ** 2 if name == "tanh" else super().slope(name, z)


class ProbabilitiesInFloat32(Correct):
    """Has the exponentials of its losses from a library for float32."""

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        if network.loss == "mse":
            return super().output_error_signals(network, z, batch)
        return super().output_error_signals(network, _through_float32(z), batch)


class ProductsInTensorFloat(Correct):
    """Rounds both factors of each product to the ten bits behind the point that tensor units keep of a float32."""

    def product(self, a: Array, b: Array) -> Array:
        return super().product(_in_bits(a, 11), _in_bits(b, 11))


class BackwardProductsInTensorFloat(Correct):
    """Rounds the factors of the weight gradient to the ten bits behind the point that tensor units keep."""

    def weight_gradient(self, below: Array, signals: Array) -> Array:
        return super().weight_gradient(_in_bits(below, 11), _in_bits(signals, 11))
