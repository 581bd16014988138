"""Faults that mix up features, outputs and units."""

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.stages import Stages
from symtests.network import Network
from symtests.parameters import Parameters
from tests.mutants.base import Correct


class StridesIgnored(Correct):
    """Reads the activations for the weight gradient column by column from memory that holds rows."""

    def weight_gradient(self, below: Array, signals: Array) -> Array:
        return super().weight_gradient(below.ravel().reshape(below.shape, order="F"), signals)


class LabelsRolled(Correct):
    """Compares each output with the target of the next."""

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        rolled = Batch(batch.x, np.roll(batch.y, 1, axis=1), batch.sample_weights)
        return super().output_error_signals(network, z, rolled)


class GradientAveragedOverUnits(Correct):
    """Gives all units of a hidden layer the mean of their gradients."""

    def gradient(self, network: Network, batch: Batch, stages: Stages) -> Parameters:
        gradient = super().gradient(network, batch, stages)
        for layer in range(network.layer_count - 1):
            weight = gradient.weight(layer)
            weight[...] = weight.mean(axis=1, keepdims=True)
        return gradient
