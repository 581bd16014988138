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
