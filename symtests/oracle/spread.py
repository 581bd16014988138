"""How far independent roundings spread: a few linearized passes with random errors at each stage.

Variances that are carried from layer to layer, as `carried_errors` does, forget that units may be
wrong together: because they are tied, because they lie behind one narrow layer, because all weights
have one sign, because all of them saturate and their activations are all rounded down. Here each
replica draws an error at every place where something is rounded, of the size that the statistical
model gives it, and takes it along the exact derivatives. The mean square over the replicas is the
variance, correlations included.

The errors drawn for the units of a layer and the samples of a batch have something in common,

    xi_nj = (common + common to sample n + common to unit j + own of nj) / 2,    each part +1 or -1,

and units with equal incoming weights (outgoing ones on the way back) share all of it. Where weights
are random, what is common adds no more than what is not; where they are not, it is what adds up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from symtests.batch import Batch
from symtests.network import Network
from symtests.oracle.activation_errors import KINKED, Curve, derivative_error, local_bend, local_slope, value_error
from symtests.oracle.activations import Numbers
from symtests.oracle.error_model import ErrorModel
from symtests.oracle.errors import Errors
from symtests.oracle.loss_errors import error_signal_error
from symtests.oracle.losses import error_signal_slope
from symtests.oracle.passes import Stages
from symtests.parameters import Parameters

__all__ = ["spread"]

REPLICAS: Final = 8


def spread(
    model: ErrorModel, network: Network, parameters: Parameters, batch: Batch, right: Stages, curves: Sequence[Curve]
) -> Errors:
    """Return the variances of everything that the two passes compute; parameters as in `carried_errors`.

    The same question has the same answer: the random numbers come from a fixed seed.
    """
    dtype = np.float32 if model.unit_roundoff > 2.0**-53 else np.float64
    draw = _Draw(np.random.default_rng(0), model.unit_roundoff, np.dtype(dtype))
    errors_z, errors_a = _forward_replicas(draw, model, network, parameters, right, curves)
    errors_delta, gradient = _backward_replicas(
        draw, model, network, parameters, batch, right, curves, errors_z, errors_a
    )
    loss = (draw.cast(right.error_signals[-1]) * errors_z[-1]).sum(axis=(1, 2))
    stages = (tuple(draw.variance(error) for error in errors) for errors in (errors_z, errors_a, errors_delta))
    return Errors(draw.variance(loss), gradient, *stages)


@dataclass(frozen=True)
class _Draw:
    """Replicas of errors, in unit roundoffs and in the dtype that is judged: their own rounding is of no account."""

    random: np.random.Generator
    unit_roundoff: float
    dtype: np.dtype[Any]

    def cast(self, numbers: Numbers) -> Numbers:
        """Return the numbers in the dtype of the replicas."""
        return numbers.astype(self.dtype, copy=False)

    def errors(self, variance: Numbers, ties: Numbers) -> Numbers:
        """Return errors of this variance, shape (N, n), for each replica: shape (replicas, N, n)."""
        samples, units = len(variance), int(ties.max()) + 1
        common = self._signs(REPLICAS, 1, 1) + self._signs(REPLICAS, samples, 1)
        drawn = (self._signs(REPLICAS, 1, units) + common) + self._signs(REPLICAS, samples, units)
        scale = self.cast(np.sqrt(variance) * (0.5 / self.unit_roundoff))
        return (drawn if units == len(ties) else drawn[:, :, ties]) * scale

    def _signs(self, *shape: int) -> Numbers:
        """Return +1 and -1, each with probability 1/2."""
        count = math.prod(shape)
        bits = np.unpackbits(np.frombuffer(self.random.bytes(count // 8 + 1), np.uint8), count=count)
        return (self.cast(bits) * 2 - 1).reshape(shape)

    def variance(self, replicas: Numbers) -> Numbers:
        """Return the mean square over the replicas, the first axis."""
        squares: Numbers = np.einsum("k...,k...->...", replicas, replicas, dtype=np.float64)
        return squares * (self.unit_roundoff**2 / REPLICAS)


def _forward_replicas(
    draw: _Draw, model: ErrorModel, network: Network, parameters: Parameters, right: Stages, curves: Sequence[Curve]
) -> tuple[list[Numbers], list[Numbers]]:
    """Return dz_l = da_{l-1} W + error and da_l = sigma' dz_l + error, each of shape (replicas, N, n_l)."""
    errors_z, errors_a = [], [np.zeros((REPLICAS, *right.activations[0].shape), draw.dtype)]
    for layer, weight in enumerate(parameters.weights):
        a, ties = right.activations[layer], _groups(weight.T)
        rounded = model.dot_rounding(a, weight)
        if network.bias:
            rounded = rounded + model.roundings(len(weight) + 2) * model.weigh(parameters.bias(layer))
        errors_z.append(errors_a[-1] @ draw.cast(weight) + draw.errors(rounded, ties))
        if layer < len(curves):
            at = curves[layer]
            slope = local_slope(model, at, draw.variance(errors_z[-1]))
            rounded = value_error(model, at, np.zeros_like(at.z))
            errors_a.append(draw.cast(slope) * errors_z[-1] + draw.errors(rounded, ties))
    return errors_z, errors_a


def _backward_replicas(
    draw: _Draw,
    model: ErrorModel,
    network: Network,
    parameters: Parameters,
    batch: Batch,
    right: Stages,
    curves: Sequence[Curve],
    errors_z: list[Numbers],
    errors_a: list[Numbers],
) -> tuple[list[Numbers], Numbers]:
    """Return d delta_l = (d delta_{l+1} W^T) sigma' + (delta_{l+1} W^T) d sigma' + error; variances of the gradient."""
    z, ties = right.pre_activations[-1], _groups(parameters.weights[-1].T)
    rounded = error_signal_error(model, network.loss, z, np.zeros_like(z), batch)
    error = draw.cast(error_signal_slope(network.loss, z, errors_z[-1], batch)) + draw.errors(rounded, ties)
    errors_delta, gradient, ones = [error], Parameters.zeros(network), np.ones((1, len(batch)))
    for layer in reversed(range(network.layer_count)):
        delta, a = right.error_signals[layer], right.activations[layer]
        own = model.dot_rounding(a.T, delta, extra=4)
        error_weight = draw.cast(a).T @ error + errors_a[layer].transpose(0, 2, 1) @ draw.cast(delta)
        gradient.weight(layer)[...] = own + draw.variance(error_weight)
        if network.bias:
            own = model.dot_rounding(ones, delta, extra=4)[0]
            gradient.bias(layer)[...] = own + draw.variance(error.sum(axis=1))
        if layer == 0:
            break
        weight, below, error_z = parameters.weight(layer).T, curves[layer - 1], errors_z[layer - 1]
        ties = _groups(weight.T)
        back, variance_z = delta @ weight, draw.variance(error_z)
        rounded = model.dot_rounding(delta, weight)
        error_back = error @ draw.cast(weight) + draw.errors(rounded, ties)
        # how far z may be off matters here only for which side of a kink it is on: the rest is carried by error_z
        at_kink = variance_z if below.name in KINKED else np.zeros_like(below.z)
        rounded = derivative_error(model, below, at_kink, value_error(model, below, np.zeros_like(below.z)))
        error_slope = draw.cast(local_bend(model, below, variance_z)) * error_z + draw.errors(rounded, ties)
        rounded = model.roundings(1) * model.weigh(back * below.slope)
        error = error_back * draw.cast(below.slope) + draw.cast(back) * error_slope + draw.errors(rounded, ties)
        errors_delta.insert(0, error)
    return errors_delta, gradient.vector


def _groups(vectors: Numbers) -> Numbers:
    """Return for each vector, a row, the number of its group; equal vectors are one group."""
    numbers: dict[bytes, int] = {}
    return np.array([numbers.setdefault(vector.tobytes(), len(numbers)) for vector in vectors + 0.0])
