"""Faults that show where numbers are not numbers, and where there are none; and one of too few digits."""

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from tests.mutants.base import Correct


class ReluHidesNaN(Correct):
    """Takes z where z > 0, and 0 where not: also where z is NaN."""

    def activate(self, name: str, z: Array) -> Array:
        return np.where(z > 0, z, 0).astype(z.dtype) if name == "relu" else super().activate(name, z)


class MissingInputsAreZero(Correct):
    """Takes 0 for inputs that are NaN."""

    def pre_activation(self, below: Array, weight: Array, bias: Array | None) -> Array:
        return super().pre_activation(np.nan_to_num(below), weight, bias)


class GradientWithoutNaN(Correct):
    """Reports the loss as it is, and takes 0 for the entries of the gradient that are NaN."""

    def weight_gradient(self, below: Array, signals: Array) -> Array:
        return np.nan_to_num(super().weight_gradient(below, signals))


class EmptyMeanIsZero(Correct):
    """Divides by the number of samples, or by 1 where there are none."""

    def shares(self, batch: Batch) -> Array:
        weights = np.ones(len(batch), batch.x.dtype) if batch.sample_weights is None else batch.sample_weights
        return weights / (weights.sum() if len(weights) else 1)


class EmptyBatchStillDecays(EmptyMeanIsZero):
    """Shrinks the weights a little in each step, also in one without samples; reports no loss."""

    loss_and_gradient = None  # type: ignore[assignment]  # an implementation need not have it

    def step_gradient(self, network: Network, theta: Parameters, batch: Batch, training: Training) -> Array:
        gradient = Correct.loss_and_gradient(self, network, theta, batch)[1].vector
        return gradient + theta.vector.dtype.type(0.001) * theta.vector


class SumsInFloat32(Correct):
    """Adds up products in float32, whatever the dtype."""

    def product(self, a: Array, b: Array) -> Array:
        return super().product(a.astype(np.float32), b.astype(np.float32)).astype(a.dtype)


class MissingTargetsAreRight(Correct):
    """Takes the output for the target where the target is NaN."""

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        return super().loss(network, z, _without_nan(batch, z))

    def output_error_signals(self, network: Network, z: Array, batch: Batch) -> Array:
        return super().output_error_signals(network, z, _without_nan(batch, z))


def _without_nan(batch: Batch, z: Array) -> Batch:
    return Batch(batch.x, np.where(np.isnan(batch.y), z, batch.y), batch.sample_weights)
