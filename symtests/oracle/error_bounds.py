"""From the oracle's own pass to tolerances: how far rounding may lead a correct implementation away.

The recursion follows the two passes, layer by layer, and keeps quadratic terms, so that in its
certified form it is a bound and not an estimate: it holds for every implementation that rounds each
operation within u, in any order of summation, with or without fused multiply-adds, with elementary
functions good to `activation_errors.EVALUATION` unit roundoffs. Parameters and data are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.network import Network
from symtests.oracle.carried_errors import carried_errors
from symtests.oracle.error_model import ErrorModel, Form
from symtests.oracle.losses import loss_value
from symtests.oracle.passes import Stages, gradient_of
from symtests.oracle.spread import spread
from symtests.oracle.workings import work_out
from symtests.parameters import Parameters

__all__ = ["Expectation", "StageTolerances", "detectable", "expect"]

OWN_ROUNDOFF: Final = 2.0**-53
"""Unit roundoff of the oracle itself."""

SHARP: Final = {"float32": 1e-4, "float64": 2e-11}
"""Certified tolerances with which a relative fault of this size shows in half of each weight matrix stand alone."""


@dataclass(frozen=True, eq=False)
class StageTolerances:
    """Tolerances of the arrays of `symtests.oracle.passes.Stages`, in the same shapes."""

    pre_activations: tuple[Array, ...]
    activations: tuple[Array, ...]
    error_signals: tuple[Array, ...]


@dataclass(frozen=True, eq=False)
class Expectation:
    """What is right, and how far rounding may lead from it.

    Parameters
    ----------
    form
        ``certified`` where a difference above the tolerance proves a fault; ``statistical`` where
        some tolerance rests on independent roundings.
    loss, loss_tolerance
        The loss, and the largest difference that rounding may explain.
    gradient, gradient_tolerance
        The gradient, and such a difference for each component, shape (n,).
    stages, stage_tolerances
        The same for every layer's pre-activations, activations and error signals.
    """

    form: Form
    loss: float
    loss_tolerance: float
    gradient: Parameters
    gradient_tolerance: Array
    stages: Stages
    stage_tolerances: StageTolerances


def expect(
    network: Network,
    parameters: Parameters,
    batch: Batch,
    unit_roundoff: float = 2.0**-53,
    relu_derivative_at_zero: float = 0.0,
    form: Form | None = None,
) -> Expectation:
    """Return the right answer with its tolerances, for an arithmetic of this unit roundoff.

    Statistical tolerances are the smaller of both forms, component by component.

    Parameters
    ----------
    network, parameters, batch
        The question; values must be exact in the implementation's dtype.
    unit_roundoff
        u of the implementation: 2**-24 in float32, 2**-53 in float64.
    relu_derivative_at_zero
        Its choice for relu'(0).
    form
        Which tolerances; unless given, certified ones if they are `SHARP`, as in small networks.
    """
    with np.errstate(all="ignore"):
        exact = work_out(network, parameters, batch, relu_derivative_at_zero)
        gradient = gradient_of(network, exact.stages)
        # The oracle rounds too. A bound is a convex function of u that vanishes with u, so the oracle's
        # own bound is at most OWN_ROUNDOFF / u of this one.
        both = 1 + OWN_ROUNDOFF / unit_roundoff
        found = carried_errors(ErrorModel("certified", unit_roundoff), exact).changed(lambda error: error * both)
        if form is None:
            form = "certified" if _is_sharp(gradient, found.gradient, unit_roundoff) else "statistical"
        if form == "statistical":
            model = ErrorModel(form, unit_roundoff)
            # neither knows all: one forgets what errors have in common, the other is a sample
            variances = carried_errors(model, exact).joined(np.fmax, spread(model, exact))
            found = found.joined(np.fmin, variances.changed(lambda variance: model.reach(variance) * both))
        loss = loss_value(network.loss, exact.stages.pre_activations[-1], exact.batch).real
    of_stages = StageTolerances(found.pre_activations, found.activations, found.error_signals)
    return Expectation(form, loss, float(found.loss), gradient, found.gradient, exact.stages, of_stages)


def detectable(expected: Array, tolerance: Array) -> Array:
    """Return, for each component, the relative fault that is seen whatever the rounding.

    A fault of epsilon |g| shows when it exceeds the tolerance on top of a rounding error of the
    other sign, which is itself at most the tolerance: epsilon = 2 tolerance / |g|. Infinite where g = 0.
    """
    size = np.abs(expected)
    with np.errstate(over="ignore"):  # beside a denormal gradient
        result: Array = np.divide(2 * tolerance, size, out=np.full(size.shape, np.inf), where=size > 0)
    return result


def _is_sharp(gradient: Parameters, tolerance: Array, unit_roundoff: float) -> bool:
    """Return whether half of the components of every weight matrix show a fault of the size that should be seen."""
    wanted = SHARP["float64" if unit_roundoff <= OWN_ROUNDOFF else "float32"]
    for layer in range(gradient.network.layer_count):
        where = gradient.network.weight_slice(layer)
        size = np.abs(gradient.vector[where])
        hidden = (2 * tolerance[where] > wanted * size) & (size > 0)
        if 2 * np.count_nonzero(hidden) > np.count_nonzero(size):
            return False
    return True
