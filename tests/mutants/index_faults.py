"""Faults that depend on where a unit stands."""

import numpy as np

from symtests.float_json import Array
from tests.mutants.base import Correct


class NoiseByUnitIndex(Correct):
    """Adds 1e-9 times its index to the gradient of each unit."""

    def weight_gradient(self, below: Array, signals: Array) -> Array:
        return super().weight_gradient(below, signals) + 1e-9 * np.arange(signals.shape[1])


class RemainderForgetsBias(Correct):
    """Forgets the bias of the units behind the last whole block of eight, where there is a whole block."""

    def pre_activation(self, below: Array, weight: Array, bias: Array | None) -> Array:
        z = super().pre_activation(below, weight, bias)
        rest = z.shape[1] - z.shape[1] % 8
        if bias is not None and rest:
            z[:, rest:] -= bias[rest:]
        return z


class WeightsNotTransposed(Correct):
    """Sends error signals back through W instead of its transpose, where the shape allows it."""

    def hidden_error_signals(self, name: str, z: Array, above: Array, weight_above: Array) -> Array:
        square = weight_above.shape[0] == weight_above.shape[1]
        return super().hidden_error_signals(name, z, above, weight_above.T if square else weight_above)


class DropoutLeftOn(Correct):
    """Drops hidden units at random, the same ones at each call."""

    def activate(self, name: str, z: Array) -> Array:
        return super().activate(name, z) * (np.random.default_rng(0).random(z.shape) < 0.5)


class LastUnitLeftOut(Correct):
    """Ends the loop over the units of a layer one too early in the bias gradient, where there are several."""

    def bias_gradient(self, signals: Array) -> Array:
        gradient = super().bias_gradient(signals)
        gradient[1:][-1:] = 0.0
        return gradient


class WeightsShiftedByOne(Correct):
    """Reads each unit's outgoing weights from the row of the unit before, in the forward pass alone."""

    def pre_activation(self, below: Array, weight: Array, bias: Array | None) -> Array:
        return super().pre_activation(below, np.roll(weight, 1, axis=0), bias)
