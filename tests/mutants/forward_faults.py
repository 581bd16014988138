"""Faults of the forward pass, which the backward pass takes for right."""

import numpy as np

from symtests.float_json import Array
from symtests.network import Network
from symtests.parameters import Parameters
from tests.mutants.base import Correct


class InputsClipped(Correct):
    """Clips the inputs at 1."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        return super().forward(network, parameters, np.clip(x, -1, 1))


class InputsCentred(Correct):
    """Subtracts from each feature its mean over the samples."""

    def forward(self, network: Network, parameters: Parameters, x: Array) -> tuple[list[Array], list[Array]]:
        return super().forward(network, parameters, x - x.mean(axis=0))


class ActivationsCapped(Correct):
    """Lets no activation exceed 1/2, and passes no error signal back where one would."""

    def activate(self, name: str, z: Array) -> Array:
        return np.minimum(super().activate(name, z), z.dtype.type(0.5))

    def slope(self, name: str, z: Array) -> Array:
        return super().slope(name, z) * (super().activate(name, z) < 0.5)


class LogisticTooHigh(Correct):
    """Adds 1/100 to every logistic."""

    def activate(self, name: str, z: Array) -> Array:
        return super().activate(name, z) + z.dtype.type(0.01 if name == "logistic" else 0)


class PredictsWithDropout(Correct):
    """Drops the last hidden unit of each layer in training, and none in prediction."""

    def predict(self, network: Network, parameters: Parameters, x: Array) -> Array:
        return Correct().predict(network, parameters, x)

    def activate(self, name: str, z: Array) -> Array:
        return super().activate(name, z) * (np.arange(z.shape[1]) < z.shape[1] - 1)
