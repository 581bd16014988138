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
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from symtests.oracle.activation_errors import KINKED, derivative_error, local_bend, local_slope, value_error
from symtests.oracle.activations import Numbers
from symtests.oracle.error_model import ErrorModel
from symtests.oracle.errors import Errors
from symtests.oracle.loss_errors import error_signal_error
from symtests.oracle.losses import error_signal_slope
from symtests.oracle.workings import Workings

__all__ = ["spread"]

REPLICAS: Final = 8


def spread(model: ErrorModel, exact: Workings) -> Errors:
    """Return the variances of everything that the two passes compute.

    The same question has the same answer: the random numbers come from a fixed seed.
    """
    dtype = np.float32 if model.unit_roundoff > 2.0**-53 else np.float64
    draw = _Draw(np.random.default_rng(0), model.unit_roundoff, np.dtype(dtype))
    errors_z, errors_a = _forward_replicas(draw, model, exact)
    errors_delta, gradient = _backward_replicas(draw, model, exact, errors_z, errors_a)
    loss = (draw.cast(exact.stages.error_signals[-1]) * errors_z[-1]).sum(axis=(1, 2))
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
        common = self._halves(REPLICAS, 1, 1) + self._halves(REPLICAS, samples, 1)
        drawn = (self._halves(REPLICAS, 1, units) + common) + self._halves(REPLICAS, samples, units)
        return (drawn if units == len(ties) else drawn[:, :, ties]) * self.cast(np.sqrt(variance) / self.unit_roundoff)

    def _halves(self, *shape: int) -> Numbers:
        """Return +1/2 and -1/2, each with probability 1/2."""
        count = math.prod(shape)
        bits = np.unpackbits(np.frombuffer(self.random.bytes(count // 8 + 1), np.uint8), count=count)
        return np.subtract(bits, 0.5, dtype=self.dtype).reshape(shape)

    def variance(self, replicas: Numbers) -> Numbers:
        """Return the mean square over the replicas, the first axis."""
        squares: Numbers = np.einsum("k...,k...->...", replicas, replicas, dtype=np.float64)
        return squares * (self.unit_roundoff**2 / REPLICAS)


def _forward_replicas(draw: _Draw, model: ErrorModel, exact: Workings) -> tuple[list[Numbers], list[Numbers]]:
    """Return dz_l = da_{l-1} W + error and da_l = sigma' dz_l + error, each of shape (replicas, N, n_l)."""
    errors_z, errors_a = [], [np.zeros((REPLICAS, *exact.batch.x.shape), draw.dtype)]
    for layer, weight in enumerate(exact.weights):
        ties = _groups(weight.T)
        rounded = model.dot_rounding(exact.inputs[layer], exact.matrices[layer])
        errors_z.append(errors_a[-1] @ draw.cast(weight) + draw.errors(rounded, ties))
        if layer < len(exact.curves):
            at = exact.curves[layer]
            slope = local_slope(model, at, draw.variance(errors_z[-1]))
            rounded = value_error(model, at, np.zeros_like(at.z))
            errors_a.append(draw.cast(slope) * errors_z[-1] + draw.errors(rounded, ties))
    return errors_z, errors_a


def _backward_replicas(
    draw: _Draw, model: ErrorModel, exact: Workings, errors_z: list[Numbers], errors_a: list[Numbers]
) -> tuple[list[Numbers], Numbers]:
    """Return d delta_l = (d delta_{l+1} W^T) sigma' + (delta_{l+1} W^T) d sigma' + error; variances of the gradient."""
    z, loss = exact.stages.pre_activations[-1], exact.network.loss
    rounded = error_signal_error(model, loss, z, np.zeros_like(z), exact.batch)
    error = draw.cast(error_signal_slope(loss, z, errors_z[-1], exact.batch))
    error = error + draw.errors(rounded, _groups(exact.weights[-1].T))
    errors_delta: list[Numbers] = [error]
    gradient: list[Numbers] = []
    for layer in reversed(range(exact.network.layer_count)):
        delta, inputs = exact.stages.error_signals[layer], exact.inputs[layer]
        errors_inputs = exact.with_bias_input(errors_a[layer])
        carried = draw.cast(inputs).T @ error + errors_inputs.transpose(0, 2, 1) @ draw.cast(delta)
        gradient.insert(0, (model.dot_rounding(inputs.T, delta, extra=4) + draw.variance(carried)).ravel())
        if layer == 0:
            break
        weight, below, error_z = exact.weights[layer].T, exact.curves[layer - 1], errors_z[layer - 1]
        ties = _groups(weight.T)
        back, variance_z = delta @ weight, draw.variance(error_z)
        error_back = error @ draw.cast(weight) + draw.errors(model.dot_rounding(delta, weight), ties)
        # how far z may be off matters here only for which side of a kink it is on: the rest is carried by error_z
        at_kink = variance_z if below.name in KINKED else np.zeros_like(below.z)
        rounded = derivative_error(model, below, at_kink, value_error(model, below, np.zeros_like(below.z)))
        error_slope = draw.cast(local_bend(model, below, variance_z)) * error_z + draw.errors(rounded, ties)
        rounded = model.roundings(1) * model.weigh(back * below.slope)
        error = error_back * draw.cast(below.slope) + draw.cast(back) * error_slope + draw.errors(rounded, ties)
        errors_delta.insert(0, error)
    return errors_delta, np.concatenate(gradient)


def _groups(vectors: Numbers) -> Numbers:
    """Return for each vector, a row, the number of its group; equal vectors are one group."""
    if len(np.unique(vectors[:, 0])) == len(vectors):
        return np.arange(len(vectors))
    numbers: dict[bytes, int] = {}
    return np.array([numbers.setdefault(vector.tobytes(), len(numbers)) for vector in vectors + 0.0])
