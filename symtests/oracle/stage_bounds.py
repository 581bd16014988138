"""Bounds that do not grow with depth: each stage of a pass against the stages that it was computed from.

An implementation that shows its pre-activations, activations and error signals can be followed stage by
stage. Each is computed again, in float64, from the implementation's own stages before it, so that only the
roundings of that one stage are left to explain a difference:

    z_l from a_{l-1},   a_l from z_l,   delta_L from z_L,   delta_l from delta_{l+1} and z_l,
    dL/dW_l and dL/db_l from a_{l-1} and delta_l

Beginning with x and ending with the gradient, the chain has no gap. All bounds are worst cases, hence proofs.

What is shown may be an evaluation of its own, in another order of summation than the one that the pass went
on with. So a stage that others are computed from may be off by one evaluation from the stage before it, and
what was used in its place by another: by twice the bound of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.network import Network
from symtests.oracle.activation_errors import derivative_error, value_error
from symtests.oracle.activations import Numbers
from symtests.oracle.error_bounds import OWN_ROUNDOFF, StageTolerances
from symtests.oracle.error_model import ErrorModel
from symtests.oracle.loss_errors import error_signal_error
from symtests.oracle.losses import error_signal
from symtests.oracle.passes import Stages, gradient_of
from symtests.oracle.workings import Workings, workings_of
from symtests.parameters import Parameters

__all__ = ["StageExpectation", "expect_stages"]

_TWO_EVALUATIONS: Final = 2.0
"""What was shown and what was used are each within one evaluation's bound of the exact value."""
_SCALED_LATE: Final = 4
"""Roundings besides those of a sum: the factor of the mean may be applied to a stage, and to the one before, last."""


@dataclass(frozen=True, eq=False)
class StageExpectation:
    """What each stage should be, given the shown ones before it, and how far rounding may lead from it.

    Parameters
    ----------
    stages, stage_tolerances
        Of every layer's pre-activations, activations (the first of which are x) and error signals.
    gradient, gradient_tolerance
        The gradient that belongs to the shown activations and error signals; the tolerance, shape (n,), is that of
        a gradient computed from these very error signals.
    """

    stages: Stages
    stage_tolerances: StageTolerances
    gradient: Parameters
    gradient_tolerance: Array


def expect_stages(
    network: Network,
    parameters: Parameters,
    batch: Batch,
    shown: Stages,
    unit_roundoff: float = 2.0**-53,
    relu_derivative_at_zero: float = 0.0,
) -> StageExpectation:
    """Return what each stage should be, given the shown ones before it, with its bound.

    The first terms, with e(.) for the bound of one evaluation of a stage, n and m for the inner lengths:

        z_l:      2 e(a_{l-1}) |W| + gamma_{n+2} |a_{l-1}| |W|
        a_l:      |sigma'| 2 e(z_l) + 8 u |a_l|
        delta_l:  |sigma'| (2 e(delta_{l+1}) |W^T| + gamma_{m+4} |delta_{l+1}| |W^T|) + |delta_{l+1} W^T| e(sigma')
        dL/dW_l:  2 e(a_{l-1})^T |delta_l| + gamma_{N+4} |a_{l-1}|^T |delta_l|

    Parameters
    ----------
    network, parameters, batch
        The question; values must be exact in the implementation's dtype.
    shown
        The stages that the implementation shows, of the loss defined in `symtests.network`.
    unit_roundoff
        u of the implementation: 2**-24 in float32, 2**-53 in float64.
    relu_derivative_at_zero
        Its choice for relu'(0).
    """
    with np.errstate(all="ignore"):
        given = workings_of(network, parameters, batch, shown, relu_derivative_at_zero)
        model = ErrorModel("certified", unit_roundoff)
        # The oracle rounds too: see `error_bounds.expect`.
        both = 1 + OWN_ROUNDOFF / unit_roundoff
        off_z = [_TWO_EVALUATIONS * model.dot_rounding(a, w) for a, w in zip(given.inputs, given.matrices, strict=True)]
        off_a = [np.zeros_like(given.batch.x)]
        off_a += [_TWO_EVALUATIONS * value_error(model, at, np.zeros_like(at.z)) for at in given.curves]
        z, a = _forward(given)
        error_z = [
            both * model.dot(inputs, given.with_bias_input(off), matrix)
            for inputs, off, matrix in zip(given.inputs, off_a, given.matrices, strict=True)
        ]
        error_a = [both * value_error(model, at, off) for at, off in zip(given.curves, off_z, strict=False)]
        delta, error_delta = _backward(model, given, off_z)
        of_gradient = [
            both * model.dot(inputs.T, given.with_bias_input(off).T, signals, extra=_SCALED_LATE).ravel()
            for inputs, off, signals in zip(given.inputs, off_a, shown.error_signals, strict=True)
        ]
    return StageExpectation(
        Stages(tuple(z), (given.batch.x, *a), tuple(delta)),
        StageTolerances(tuple(error_z), (off_a[0], *error_a), tuple(both * error for error in error_delta)),
        gradient_of(network, shown),
        np.concatenate(of_gradient),
    )


def _forward(given: Workings) -> tuple[list[Numbers], list[Numbers]]:
    """Return all z_l, each from the shown a_{l-1}, and all a_l from l = 1, each from the shown z_l."""
    z = [inputs @ matrix for inputs, matrix in zip(given.inputs, given.matrices, strict=True)]
    return z, [at.value for at in given.curves]


def _backward(model: ErrorModel, given: Workings, off_z: list[Numbers]) -> tuple[list[Numbers], list[Numbers]]:
    """Return all delta_l, each from the shown delta_{l+1} and z_l, with their errors."""
    loss, outputs, shown = given.network.loss, given.stages.pre_activations[-1], given.stages.error_signals
    delta = [error_signal(loss, outputs, given.batch)]
    errors = [error_signal_error(model, loss, outputs, off_z[-1], given.batch)]
    off = _TWO_EVALUATIONS * error_signal_error(model, loss, outputs, np.zeros_like(outputs), given.batch)
    for layer in reversed(range(len(given.curves))):
        signals, weight, at = shown[layer + 1], given.weights[layer + 1].T, given.curves[layer]
        back = signals @ weight
        delta.insert(0, back * at.slope)
        error_back = model.dot(signals, off, weight, extra=_SCALED_LATE)
        # a used slope is that of a used z, or of a used a
        error_slope = derivative_error(model, at, off_z[layer], value_error(model, at, off_z[layer]))
        errors.insert(0, model.product(back, error_back, at.slope, error_slope))
        # and what this layer may be off itself, from the same signals and the same z, for the layer below
        once = model.dot_rounding(signals, weight, extra=_SCALED_LATE)
        exact_z = np.zeros_like(at.z)
        slope_once = derivative_error(model, at, exact_z, value_error(model, at, exact_z))
        off = _TWO_EVALUATIONS * model.product(back, once, at.slope, slope_once)
    return delta, errors
