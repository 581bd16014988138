"""How far independent roundings spread: a few linearized passes with random errors at each stage.

Variances that are carried from layer to layer, as `carried_errors` does, forget that units may be
wrong together: because they are tied, because they lie behind one narrow layer, because all weights
have one sign, because all of them saturate and their activations are all rounded down. Here each
replica draws an error at every place where something is rounded, of the size that the statistical
model gives it, and takes it along the exact derivatives. The mean square over the replicas is the
variance, correlations included.

In turn, the sign of the errors that a replica draws at one stage is common to all units and samples,
common to all units, common to all samples, or drawn for each alone; once as it is, once times the
sign of the number that is rounded, as all may be rounded towards 0. Units with equal incoming
weights (outgoing ones on the way back) always share it. Where weights are random, what is common
adds up no faster than what is not; where they are not, it is what adds up.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from symtests.model.activations import ACTIVATION_TABLE
from symtests.oracle.activation_errors import derivative_error, local_bend, local_slope, value_error
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

    def errors(self, exact: Numbers, variance: Numbers, ties: Numbers) -> Numbers:
        """Return errors of this variance of exact numbers, both of shape (N, n), with a first axis for the replicas."""
        samples, units = len(variance), int(ties.max()) + 1
        signs = np.empty((REPLICAS, samples, units), self.dtype)
        shapes = list(itertools.product((1, samples), (1, units)))
        drawn_signs = iter(self._signs([shape for shape in shapes for _ in range(2)]))
        for replica in range(len(shapes)):
            signs[replica], signs[replica + REPLICAS // 2] = next(drawn_signs), next(drawn_signs)
        drawn = (signs if units == len(ties) else signs[:, :, ties]) * self.cast(np.sqrt(variance) / self.unit_roundoff)
        drawn[: REPLICAS // 2] *= self.cast(np.sign(exact))
        return drawn

    def _signs(self, shapes: Sequence[tuple[int, int]]) -> list[Numbers]:
        """Return arrays of these shapes that hold +1 and -1, each with probability 1/2."""
        words = [rows * columns // 32 + 1 for rows, columns in shapes]  # of 32 bits; drawn at once, which is cheaper
        drawn = self.random.integers(2**32, size=sum(words), dtype=np.uint32).astype("<u4", copy=False)
        signs = 1 - 2 * np.unpackbits(drawn.view(np.uint8)).astype(self.dtype)
        starts = itertools.accumulate((32 * count for count in words), initial=0)
        return [
            signs[start : start + rows * columns].reshape(rows, columns)
            for start, (rows, columns) in zip(starts, shapes, strict=False)  # the last start is the end
        ]

    def variance(self, replicas: Numbers) -> Numbers:
        """Return the mean square over the replicas, the first axis."""
        squares: Numbers = np.einsum("k...,k...->...", replicas, replicas, dtype=np.float64)
        return squares * (self.unit_roundoff**2 / REPLICAS)


def _forward_replicas(draw: _Draw, model: ErrorModel, exact: Workings) -> tuple[list[Numbers], list[Numbers]]:
    """Return dz_l = da_{l-1} W + error and da_l = sigma' dz_l + error, each of shape (replicas, N, n_l)."""
    errors_z, errors_a = [], [np.zeros((REPLICAS, *exact.batch.x.shape), draw.dtype)]
    ties = _groups(exact.batch.x.T)
    for layer, weight in enumerate(exact.weights):
        equal_terms = _largest_group(_groups(np.stack([ties, _groups(weight)], axis=1)))
        rounded = model.dot_rounding(exact.inputs[layer], exact.matrices[layer], equal_terms=equal_terms)
        ties = _groups(weight.T)
        fresh = draw.errors(exact.stages.pre_activations[layer], rounded, ties)
        errors_z.append(errors_a[-1] @ draw.cast(weight) + fresh)
        if layer < len(exact.curves):
            at = exact.curves[layer]
            slope = local_slope(model, at, draw.variance(errors_z[-1]))
            rounded = value_error(model, at, np.zeros_like(at.z))
            errors_a.append(draw.cast(slope) * errors_z[-1] + draw.errors(at.value, rounded, ties))
    return errors_z, errors_a


def _backward_replicas(
    draw: _Draw, model: ErrorModel, exact: Workings, errors_z: list[Numbers], errors_a: list[Numbers]
) -> tuple[list[Numbers], Numbers]:
    """Return d delta_l = (d delta_{l+1} W^T) sigma' + (delta_{l+1} W^T) d sigma' + error; variances of the gradient."""
    z, loss = exact.stages.pre_activations[-1], exact.network.loss
    rounded = error_signal_error(model, loss, z, np.zeros_like(z), exact.batch)
    error = draw.cast(error_signal_slope(loss, z, errors_z[-1], exact.batch))
    error = error + draw.errors(exact.stages.error_signals[-1], rounded, _groups(exact.weights[-1].T))
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
        rounded = model.dot_rounding(delta, weight, equal_terms=_largest_group(_groups(weight)))
        error_back = error @ draw.cast(weight) + draw.errors(back, rounded, ties)
        # how far z may be off matters here only for which side of a kink it is on: the rest is carried by error_z
        at_kink = variance_z if ACTIVATION_TABLE[below.name].kinks else np.zeros_like(below.z)
        rounded = derivative_error(model, below, at_kink, value_error(model, below, np.zeros_like(below.z)))
        bend = draw.cast(local_bend(model, below, variance_z))
        error_slope = bend * error_z + draw.errors(below.slope, rounded, ties)
        rounded = model.roundings(1) * model.weigh(back * below.slope)
        error = error_back * draw.cast(below.slope) + draw.cast(back) * error_slope
        error = error + draw.errors(exact.stages.error_signals[layer - 1], rounded, ties)
        errors_delta.insert(0, error)
    return errors_delta, np.concatenate(gradient)


def _groups(vectors: Numbers) -> Numbers:
    """Return for each vector, a row, the number of its group; equal vectors are one group."""
    if len(np.unique(vectors[:, 0])) == len(vectors):
        return np.arange(len(vectors))
    numbers: dict[bytes, int] = {}
    return np.array([numbers.setdefault(vector.tobytes(), len(numbers)) for vector in vectors + 0.0])


def _largest_group(groups: Numbers) -> int:
    """Return how many vectors are in the largest group."""
    return int(np.bincount(groups).max())
