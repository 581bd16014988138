"""What broken starts are made from: a correct one, each tensor of which is handed to a method."""

from itertools import pairwise

import numpy as np

from symtests.float_json import Array
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.start_distributions import NAMED_STARTS
from tests.mutants.base import Correct


class DrawnOtherwise(Correct):
    """Hands each weight matrix of a start to `weight`, and each vector of biases to `biases`."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        start = super().initialize(network, scheme, seed)
        random = np.random.default_rng([seed, 1])
        for layer, fans in enumerate(pairwise(network.sizes)):
            start.weight(layer)[...] = self.weight(start.weight(layer), scheme, fans, random)
            if network.bias:
                start.bias(layer)[...] = self.biases(start.bias(layer), scheme, random)
        return start

    def weight(self, weight: Array, scheme: str, fans: tuple[int, int], random: np.random.Generator) -> Array:
        return weight

    def biases(self, biases: Array, scheme: str, random: np.random.Generator) -> Array:
        return biases


def spread(scheme: str, fans: tuple[int, int]) -> float:
    """Return the standard deviation of a weight."""
    drawn = NAMED_STARTS[scheme].weights
    assert drawn is not None
    return float(np.sqrt(drawn.variance(*fans)))
