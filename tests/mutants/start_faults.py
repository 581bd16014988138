"""Faults of the start."""

import numpy as np

from symtests.initialization import initialize
from symtests.network import Network
from symtests.parameters import Parameters
from tests.mutants.base import Correct


class SameNumbersForEveryUnit(Correct):
    """Gives every unit of a layer the same random numbers."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        start = super().initialize(network, scheme, seed)
        for weight in start.weights:
            weight[...] = weight[:, :1]
        return start


class SameNumbersForEveryInput(Correct):
    """Gives every input of a layer the same random numbers."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        start = super().initialize(network, scheme, seed)
        for weight in start.weights:
            weight[...] = weight[:1]
        return start


class ZeroSoldAsRandom(Correct):
    """Starts at zero whatever it is asked for."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        return Parameters.zeros(network)


class SeedIgnored(Correct):
    """Starts at the same random numbers whatever the seed."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        return initialize(network, scheme, 0)


class AnotherStartEachTime(Correct):
    """Takes its seed from a generator of its own."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(0)

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        return initialize(network, scheme, int(self.random.integers(2**31)))


class SameSeedForEveryLayer(Correct):
    """Begins the random numbers of each layer anew from the seed."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        start = super().initialize(network, scheme, seed)
        for layer in range(network.layer_count):
            alone = Network(network.sizes[layer:layer + 2], (), network.loss, network.bias)
            start.weight(layer)[...] = initialize(alone, scheme, seed).weight(0)
        return start


class SeedOfEightBits(Correct):
    """Keeps the last eight bits of the seed."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        return initialize(network, scheme, seed % 256)


class SeedOfSixteenBits(Correct):
    """Keeps the last sixteen bits of the seed."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        return initialize(network, scheme, seed % 2**16)


class SeedsOverlap(Correct):
    """Begins with each seed one number further on in the same sequence."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        start = super().initialize(network, scheme, 0)
        return Parameters(network, np.roll(start.vector, -(seed % start.vector.size)))


class StartOnACoarseGrid(Correct):
    """Draws from sixteen numbers, as a start in four bits does."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        start = super().initialize(network, scheme, seed)
        for weight in start.weights:
            largest = np.abs(weight).max() or 1.0
            weight[...] = np.round(weight / largest * 8) * largest / 8
        return start


class UnitsMirrored(Correct):
    """Gives every other unit the negative of the numbers of the one before."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        start = super().initialize(network, scheme, seed)
        for weight in start.weights:
            weight[:, 1::2] = -weight[:, : weight.shape[1] - weight.shape[1] % 2 : 2]
        return start


class GlobalGeneratorReseeded(Correct):
    """Seeds NumPy's own generator, which belongs to everybody, at each start."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        np.random.seed(seed % 2**32)  # noqa: NPY002  (that is the fault)
        return super().initialize(network, scheme, seed)
