"""Faults of single activations and of their slopes."""

import math

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.network import Network
from symtests.parameters import Parameters
from tests.mutants.base import Correct

_TANH_GELU = math.sqrt(2 / math.pi)


def _tanh_of_gelu(z: Array) -> Array:
    """Return the tanh in z (1 + tanh(sqrt(2 / pi) (z + 0.044715 z^3))) / 2, which approximates gelu."""
    answer: Array = np.tanh(z.dtype.type(_TANH_GELU) * (z + z.dtype.type(0.044715) * z**3))
    return answer


class IdentitySlopeOfZ(Correct):
    """Takes z for the derivative of z."""

    def slope(self, name: str, z: Array) -> Array:
        return z.copy() if name == "identity" else super().slope(name, z)


class LogisticSlopeOfHardLogistic(Correct):
    """Takes for logistic' the slope of its approximation in three pieces: 1/6 between -3 and 3."""

    def slope(self, name: str, z: Array) -> Array:
        return (np.abs(z) < 3) / z.dtype.type(6) if name == "logistic" else super().slope(name, z)


class LogisticSlopePlus(Correct):
    """Takes a (1 + a) for the derivative of the logistic a."""

    def slope(self, name: str, z: Array) -> Array:
        if name != "logistic":
            return super().slope(name, z)
        a = self.activate(name, z)
        return a * (1 + a)


class TanhScaled(Correct):
    """Sells 1.7159 tanh(2 z / 3) as tanh."""

    def activate(self, name: str, z: Array) -> Array:
        if name != "tanh":
            return super().activate(name, z)
        return z.dtype.type(1.7159) * np.tanh(z * z.dtype.type(2 / 3))

    def slope(self, name: str, z: Array) -> Array:
        if name != "tanh":
            return super().slope(name, z)
        return z.dtype.type(1.7159 * 2 / 3) * (1 - np.tanh(z * z.dtype.type(2 / 3)) ** 2)


class TanhOfExponentials(Correct):
    """Takes (exp(2 z) - 1) / (exp(2 z) + 1) for tanh, which is infinity by infinity far out."""

    def activate(self, name: str, z: Array) -> Array:
        if name != "tanh":
            return super().activate(name, z)
        answer: Array = np.expm1(2 * z) / (np.exp(2 * z) + 1)
        return answer


class SoftplusOverflows(Correct):
    """Takes log(1 + exp(z)) for softplus as it stands, which is infinite far out."""

    def activate(self, name: str, z: Array) -> Array:
        return np.log1p(np.exp(z)) if name == "softplus" else super().activate(name, z)


class SiluSlopeOverflows(Correct):
    """Forms the slope of silu with exp(z) / (1 + exp(z)), which is infinity by infinity far out."""

    def slope(self, name: str, z: Array) -> Array:
        if name != "silu":
            return super().slope(name, z)
        logistic = np.exp(z) / (1 + np.exp(z))
        return logistic * (1 + z * (1 - logistic))


class LogisticSlopeOverflows(Correct):
    """Forms the slope of the logistic function with exp(-z) / (1 + exp(-z))^2, infinity by infinity far out."""

    def slope(self, name: str, z: Array) -> Array:
        return np.exp(-z) / (1 + np.exp(-z)) ** 2 if name == "logistic" else super().slope(name, z)


class TanhByFraction(Correct):
    """Takes z (27 + z^2) / (27 + 9 z^2) for tanh(z) where |z| < 3, and 1 beyond; its slope is right."""

    def activate(self, name: str, z: Array) -> Array:
        if name != "tanh":
            return super().activate(name, z)
        return np.clip(z * (27 + z**2) / (27 + 9 * z**2), -1, 1)


class ReluCappedAtSix(Correct):
    """Sells relu6 as relu."""

    def activate(self, name: str, z: Array) -> Array:
        return np.minimum(super().activate(name, z), z.dtype.type(6)) if name == "relu" else super().activate(name, z)

    def slope(self, name: str, z: Array) -> Array:
        return super().slope(name, z) * (z < 6) if name == "relu" else super().slope(name, z)


class ReluMaskOfSignal(Correct):
    """Lets those error signals pass a relu that are positive, in place of those whose pre-activation is."""

    def hidden_error_signals(self, name: str, z: Array, above: Array, weight_above: Array) -> Array:
        if name != "relu":
            return super().hidden_error_signals(name, z, above, weight_above)
        return np.maximum(self.product(above, weight_above.T), 0)


class SoftplusSlopeOfMinusZ(Correct):
    """Takes logistic(-z) for the derivative of softplus(z)."""

    def slope(self, name: str, z: Array) -> Array:
        return super().slope(name, -z) if name == "softplus" else super().slope(name, z)


class SoftplusLinearTooEarly(Correct):
    """Takes z for softplus(z) where z > 3/2, in both passes."""

    def activate(self, name: str, z: Array) -> Array:
        return np.where(z > 1.5, z, super().activate(name, z)) if name == "softplus" else super().activate(name, z)

    def slope(self, name: str, z: Array) -> Array:
        slope = super().slope(name, z)
        return np.where(z > 1.5, z.dtype.type(1), slope) if name == "softplus" else slope


class GeluSlopeOfTanh(Correct):
    """Has gelu by the error function, and the derivative of its approximation by tanh."""

    def slope(self, name: str, z: Array) -> Array:
        if name != "gelu":
            return super().slope(name, z)
        t = _tanh_of_gelu(z)
        inner = z.dtype.type(_TANH_GELU) * (1 + z.dtype.type(3 * 0.044715) * z**2)
        return (1 + t) / 2 + z * (1 - t**2) * inner / 2


class GeluByTanh(GeluSlopeOfTanh):
    """Sells the approximation of gelu by tanh as gelu, in both passes."""

    def activate(self, name: str, z: Array) -> Array:
        return z * (1 + _tanh_of_gelu(z)) / 2 if name == "gelu" else super().activate(name, z)


class GeluDensityMissing(Correct):
    """Takes for gelu' the share of a normal distribution below z, without z times its density."""

    def slope(self, name: str, z: Array) -> Array:
        if name != "gelu":
            return super().slope(name, z)
        return np.array([math.erfc(-v / math.sqrt(2)) / 2 for v in z.ravel().tolist()], z.dtype).reshape(z.shape)


class SiluTermMissing(Correct):
    """Takes logistic(z) for the derivative of z logistic(z)."""

    def slope(self, name: str, z: Array) -> Array:
        return super().activate("logistic", z) if name == "silu" else super().slope(name, z)


class SiluOfAnotherBeta(Correct):
    """Sells z logistic(1.702 z) as silu, in both passes."""

    def activate(self, name: str, z: Array) -> Array:
        if name != "silu":
            return super().activate(name, z)
        return super().activate("silu", z.dtype.type(1.702) * z) / z.dtype.type(1.702)

    def slope(self, name: str, z: Array) -> Array:
        return super().slope(name, z.dtype.type(1.702) * z) if name == "silu" else super().slope(name, z)


class FirstActivationForAll(Correct):
    """Has the activation of the first hidden layer in all of them, in both passes."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        return super().forward(_with_activations(network, network.activations[:1]), parameters, x)

    def error_signals(
        self, network: Network, parameters: Parameters, pre_activations: list[Array], batch: Batch
    ) -> list[Array]:
        alike = _with_activations(network, network.activations[:1])
        return super().error_signals(alike, parameters, pre_activations, batch)


class SlopeOfTheLayerAbove(Correct):
    """Takes the slope of each hidden layer from the activation of the next hidden layer."""

    def error_signals(
        self, network: Network, parameters: Parameters, pre_activations: list[Array], batch: Batch
    ) -> list[Array]:
        shifted = _with_activations(network, network.activations[1:])
        return super().error_signals(shifted, parameters, pre_activations, batch)


def _with_activations(network: Network, names: tuple[str, ...]) -> Network:
    """Return the network with these activations, the last of them in all layers that remain."""
    if not network.hidden_sizes:
        return network
    names = names or network.activations
    rest = len(network.hidden_sizes) - len(names)
    return Network(network.sizes, names + names[-1:] * rest, network.loss, network.bias)
