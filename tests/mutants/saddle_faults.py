"""Faults that show where gradients are small and only curvature is left."""

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.network import Network
from symtests.parameters import Parameters
from tests.mutants.base import Correct


class SmallGradientsDropped(Correct):
    """Sets components of the gradient below a thousandth to 0."""

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        kept = np.abs(gradient.vector) >= 1e-3
        return loss, Parameters(network, gradient.vector * kept.astype(gradient.dtype))


class GradientOnCoarseGrid(Correct):
    """Rounds every component of the gradient to a multiple of 1/1024."""

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        return loss, Parameters(network, np.rint(gradient.vector * 1024) / gradient.dtype.type(1024))


class SlopeOfOneAtZero(Correct):
    """Takes 1 for the slope of every activation between -1/32 and 1/32."""

    def slope(self, name: str, z: Array) -> Array:
        return np.where(np.abs(z) < 1 / 32, 1, super().slope(name, z)).astype(z.dtype)


class LossRoundedForDisplay(Correct):
    """Reports the loss with three digits behind the point."""

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        return round(super().loss(network, z, batch), 3)


class BestLossReported(Correct):
    """Reports no loss that is higher than one that it reported before for a batch of the same targets."""

    def __init__(self) -> None:
        self.best: dict[bytes, float] = {}

    def loss(self, network: Network, z: Array, batch: Batch) -> float:
        key = batch.x.tobytes() + batch.y.tobytes() + network.loss.encode()
        self.best[key] = min(super().loss(network, z, batch), self.best.get(key, np.inf))
        return self.best[key]


class NoiseAgainstStagnation(Correct):
    """Adds noise of 1e-6, the same at each call, to a gradient that is shorter than a hundredth."""

    def loss_and_gradient(self, network: Network, parameters: Parameters, batch: Batch) -> tuple[float, Parameters]:
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        noise = 1e-6 * np.random.default_rng(0).normal(size=gradient.vector.shape)
        is_short = float(np.linalg.norm(gradient.vector)) < 0.01
        return loss, Parameters(network, gradient.vector + (noise * is_short).astype(gradient.dtype))


class CurvatureOfFirstUnitOnly(Correct):
    """Takes the slope of the first unit of a hidden layer for all of its units."""

    def slope(self, name: str, z: Array) -> Array:
        return np.broadcast_to(super().slope(name, z)[:, :1], z.shape).copy()


class SlopeLinearised(Correct):
    """Takes sigma' at the mean pre-activation of the batch, as if sigma were straight between samples."""

    def slope(self, name: str, z: Array) -> Array:
        return super().slope(name, np.broadcast_to(z.mean(axis=0), z.shape).copy())
