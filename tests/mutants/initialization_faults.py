"""Faults of the distribution of a start: correct schemes, drawn otherwise."""

from collections.abc import Iterator

import numpy as np

from symtests.float_json import Array
from symtests.network import Network
from symtests.parameters import Parameters
from tests.mutants.base import Correct
from tests.mutants.drawn_otherwise import DrawnOtherwise, spread


class HeByFanOut(DrawnOtherwise):
    """Divides the variance of he by fan-out."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        return weight * np.sqrt(fans[0] / fans[1]) if scheme.startswith("he") else weight


class HeWithoutItsTwo(DrawnOtherwise):
    """Draws he with the variance 1 / fan-in."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        return weight / np.sqrt(2) if scheme.startswith("he") else weight


class FansSwapped(DrawnOtherwise):
    """Takes the shape of a weight matrix for (fan-out, fan-in)."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        return weight * np.sqrt(fans[0] / fans[1]) if scheme.startswith(("he", "lecun")) else weight


class GlorotByTheSum(DrawnOtherwise):
    """Draws glorot with the variance 1 / (fan-in + fan-out)."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        return weight / np.sqrt(2) if scheme.startswith("glorot") else weight


class VarianceFivePercentOff(DrawnOtherwise):
    """Draws normal weights with a variance that is 5 % too large."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        return weight * np.sqrt(1.05) if scheme.endswith("normal") else weight


class UniformFromZero(DrawnOtherwise):
    """Draws uniform numbers from 0 upwards, as random.random() does."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        return random.uniform(0.0, 1.0, weight.shape) if scheme == "uniform" else weight


class DeviationTakenForBound(DrawnOtherwise):
    """Draws uniform weights from [-s, s), s the standard deviation, without the square root of 3."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        return weight / np.sqrt(3) if scheme.endswith("_uniform") else weight


class BoundTakenForDeviation(DrawnOtherwise):
    """Draws normal weights with the bound of the uniform distribution as standard deviation."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        return weight * np.sqrt(3) if scheme.endswith("_normal") else weight


def _cut(weight: Array, spread: float, cut: float, random: np.random.Generator) -> Array:
    """Draw again what lies beyond so many standard deviations."""
    while (far := np.abs(weight) > cut * spread).any():
        weight = np.where(far, random.normal(0.0, spread, weight.shape), weight)
    return weight


class TruncatedWithoutRescaling(DrawnOtherwise):
    """Cuts a normal distribution off at two standard deviations, and leaves the smaller variance as it is."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        return _cut(weight, spread(scheme, fans), 2.0, random) if scheme.endswith("normal") else weight


class TruncatedSoldAsNormal(DrawnOtherwise):
    """Cuts a normal distribution off at two standard deviations, and scales it so that the variance is right."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        if not scheme.endswith("normal"):
            return weight
        return _cut(weight, spread(scheme, fans), 2.0, random) / 0.87962566103423978


class CutOffAtThree(DrawnOtherwise):
    """Draws again what lies beyond three standard deviations."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        return _cut(weight, spread(scheme, fans), 3.0, random) if scheme.endswith("normal") else weight


class SumOfTwelveForNormal(DrawnOtherwise):
    """Takes the sum of twelve uniform numbers for a normal one."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        if not scheme.endswith("normal"):
            return weight
        return spread(scheme, fans) * random.uniform(-0.5, 0.5, (12, *weight.shape)).sum(axis=0)


class UniformForNormal(DrawnOtherwise):
    """Draws normal starts from a uniform distribution of the same variance."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        if not scheme.endswith("normal"):
            return weight
        return spread(scheme, fans) * random.uniform(-np.sqrt(3), np.sqrt(3), weight.shape)


class SignsAlone(DrawnOtherwise):
    """Draws weights of one size, with either sign."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        scaled = scheme.startswith(("glorot", "he", "lecun"))
        return spread(scheme, fans) * np.sign(weight) if scaled else weight


class RandomBiases(DrawnOtherwise):
    """Draws biases where zeros are asked."""

    def biases(self, biases: Array, scheme: str, random: np.random.Generator) -> Array:
        return random.uniform(-0.1, 0.1, biases.shape) if scheme.startswith(("glorot", "he", "lecun")) else biases


class TinyBiases(DrawnOtherwise):
    """Adds 1e-12 to the biases that are 0, so that nothing is."""

    def biases(self, biases: Array, scheme: str, random: np.random.Generator) -> Array:
        return np.where(biases == 0, 1e-12, biases)


class ZerosThatAreTiny(DrawnOtherwise):
    """Takes numbers below 1e-8 for zero."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        return random.uniform(-1e-8, 1e-8, weight.shape) if scheme == "zeros" else weight


class ConstantJittered(DrawnOtherwise):
    """Adds a little noise to a constant start, so that units differ."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        return weight + random.normal(0.0, 1e-3, weight.shape) if scheme == "constant" else weight


class AllWeightsPositive(DrawnOtherwise):
    """Starts with the absolute values of random weights."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        return np.abs(weight)


class OneWeightInAHundredZero(DrawnOtherwise):
    """Leaves one weight in a hundred at zero."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        return np.where(random.uniform(size=weight.shape) < 0.01, 0.0, weight)


class LastUnitAtHalf(DrawnOtherwise):
    """Draws the weights of the last unit of each layer half as large."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        return np.concatenate([weight[:, :-1], weight[:, -1:] / 2], axis=1) if scheme != "orthogonal" else weight


class FirstFanForAllLayers(Correct):
    """Draws every layer by the fan-in of the first."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        start = super().initialize(network, scheme, seed)
        if scheme.startswith(("he", "lecun")):
            for weight in start.weights:
                weight *= np.sqrt(weight.shape[0] / network.sizes[0])
        return start


def _layers_after(start: Parameters, first: int) -> Iterator[Array]:
    return (start.weight(layer) for layer in range(first, start.network.layer_count))


class DeepLayersDrawnSmaller(Correct):
    """Multiplies the weights of the third and each further layer by 0.8."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        start = super().initialize(network, scheme, seed)
        for weight in _layers_after(start, 2):
            weight *= 0.8
        return start
