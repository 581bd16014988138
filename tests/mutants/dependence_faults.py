"""Faults of a start whose numbers depend on each other, each with the distribution that it should have."""

from itertools import pairwise

import numpy as np

from symtests.float_json import Array
from symtests.initialization import initialize
from symtests.network import Network
from symtests.parameters import Parameters
from tests.mutants.base import Correct
from tests.mutants.drawn_otherwise import DrawnOtherwise


class UnitsInOppositePairs(DrawnOtherwise):
    """Gives every second unit of a layer the weights of the one before, with the opposite sign."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        pairs = weight.shape[1] // 2 if scheme != "orthogonal" else 0
        weight = weight.copy()
        weight[:, 1 : 2 * pairs : 2] = -weight[:, 0 : 2 * pairs : 2]
        return weight


class UnitsInRandomOppositePairs(DrawnOtherwise):
    """Gives half of the units of a layer, others in each start, the weights of the other half with opposite sign."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        pairs = weight.shape[1] // 2 if scheme != "orthogonal" else 0
        order = random.permutation(weight.shape[1])
        weight = weight.copy()
        weight[:, order[:pairs]] = -weight[:, order[pairs : 2 * pairs]]
        return weight


class LastRowRepeated(DrawnOtherwise):
    """Repeats the first row of a weight matrix, with a little noise, in place of the last."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        weight = weight.copy()
        if len(weight) > 1 and scheme != "orthogonal":
            weight[-1] = 0.999 * weight[0] + 0.045 * weight[-1]
        return weight


class LayersNearlyEqual(Correct):
    """Gives layers of one shape the same weights, but for a hundredth."""

    sign = 1.0

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        start = super().initialize(network, scheme, seed)
        by_shape: dict[tuple[int, ...], Array] = {}
        for weight in start.weights if scheme != "orthogonal" else ():
            first = by_shape.setdefault(weight.shape, weight)
            if first is not weight:
                weight[...] = self.sign * (0.99995 * first + 0.01 * weight)
        return start


class LayersOfOppositeSign(LayersNearlyEqual):
    """Gives layers of one shape the same weights with the opposite sign, but for a hundredth."""

    sign = -1.0


class LayersTransposed(Correct):
    """Gives a square layer the transpose of the weights of the layer before, if that is square too."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        start = super().initialize(network, scheme, seed)
        for below, above in pairwise(start.weights if scheme != "orthogonal" else ()):
            if below.shape == above.shape == above.shape[::-1]:
                above[...] = below.T
        return start


class SecondLayerIgnoresTheSeed(Correct):
    """Draws all layers but the first from the seed 0."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        start, other = super().initialize(network, scheme, seed), initialize(network, scheme, 0)
        for layer in range(1, network.layer_count):
            start.weight(layer)[...] = other.weight(layer)
        return start


class NeighbouringSeedsCorrelated(Correct):
    """Takes a tenth of the variance of each start from that of the seed before."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        start = super().initialize(network, scheme, seed)
        if scheme.endswith("normal") and seed:
            before = initialize(network, scheme, seed - 1)
            start.vector[...] = np.sqrt(0.9) * start.vector + np.sqrt(0.1) * before.vector
        return start


class SixtyFourNumbersOverAndOver(DrawnOtherwise):
    """Draws 64 numbers and uses them again and again."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        return np.resize(weight.ravel()[:64], weight.shape) if scheme != "orthogonal" else weight


class WeightsOfRankOneInSigns(DrawnOtherwise):
    """Draws sizes by themselves, and signs by rows and by columns only, so that units add up."""

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        rows, columns = (random.choice((-1.0, 1.0), size) for size in fans)
        return np.abs(weight) * np.outer(rows, columns) if scheme != "orthogonal" else weight
