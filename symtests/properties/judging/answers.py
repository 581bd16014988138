"""Answers with their tolerances, sums of their components, and the arrays of a pass."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from symtests.float_json import Array
from symtests.implementations.checked import Answer, Checked
from symtests.implementations.checked_answers import require_finite
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.model.groups import Positions
from symtests.network import Network
from symtests.oracle import Expectation
from symtests.oracle.kinks import distance_to_kink, distance_to_kink_of_loss
from symtests.properties.base import Case
from symtests.properties.judging.judging import expectation, finite_sizes, gradient_tolerance

__all__ = ["OWN_ROUNDOFF", "Measured", "activation_of", "mean_is_exact", "measure", "near_a_kink", "positions"]

OWN_ROUNDOFF: Final = 2.0**-53
"""Unit roundoff of the arithmetic in which properties add up what they were answered."""


@dataclass(frozen=True, eq=False)
class Measured:
    """An answer, and how far rounding may have led it; the oracle is asked when that is wanted.

    Parameters
    ----------
    implementation, case
        Who was asked what.
    answer
        What was answered.
    """

    implementation: Checked
    case: Case
    answer: Answer

    @cached_property
    def vector(self) -> Array:
        """The gradient in float64, shape (n,)."""
        return self.answer.gradient.vector.astype(np.float64)

    @cached_property
    def expected(self) -> Expectation:
        """The right answer."""
        return expectation(self.implementation, self.case)

    @cached_property
    def tolerance(self) -> Array:
        """How far rounding may lead each component of the gradient, shape (n,)."""
        return gradient_tolerance(self.implementation, self.case, self.answer, self.expected)

    @cached_property
    def own_tolerance(self) -> Array:
        """How far rounding may lead each component, where answers are compared with answers and none need be right.

        A tolerance is that of the right numbers. Where those of a whole tensor are s times larger than the right ones,
        so is what has been rounded on the way: the tolerance is s times larger as well. That a number is not the right
        one is for GRAD1 to tell. Nothing is stretched where rounding hides whether the right numbers are 0.
        """
        tolerance = self.tolerance.copy()
        right, found = np.abs(self.expected.gradient.vector), finite_sizes(self.vector)
        for layer in range(self.case.network.layer_count):
            for where in (self.case.network.weight_slice(layer), self.case.network.bias_slice(layer)):
                largest = float(right[where].max(initial=0.0))
                hidden = float(tolerance[where].max(initial=0.0))
                if largest > hidden:
                    tolerance[where] *= max(1.0, float(found[where].max()) / (largest + hidden))
        return tolerance

    @property
    def loss_tolerance(self) -> float:
        """How far rounding may lead the loss; a loss of another scale has been divided by it, one rounding more."""
        expected = self.expected
        found = abs(self.answer.loss or 0.0)
        size = max(abs(expected.loss) + expected.loss_tolerance, found if np.isfinite(found) else 0.0)
        return float(expected.loss_tolerance + self.implementation.unit_roundoff * size)

    def sums(self, coefficients: Array, where: Positions, *, of_right_ones: bool = False) -> tuple[Array, Array]:
        """Return sums of components of the gradient, and how far rounding may lead each.

            sum_k c_k g_k,    sum_k |c_k| e_k + n u' sum_k |c_k g_k|,  u' the unit roundoff of this sum itself

        Parameters
        ----------
        coefficients
            c, shape (..., n), exact.
        where
            Position of each g, of the same shape.
        of_right_ones
            Whether the sum is compared with that of the right numbers, and not with other answers.
        """
        terms = coefficients * self.vector[where]
        size = np.abs(coefficients)
        own = (terms.shape[-1] + 1) * OWN_ROUNDOFF * np.abs(terms).sum(axis=-1)
        tolerance = self.tolerance if of_right_ones else self.own_tolerance
        return terms.sum(axis=-1), (size * tolerance[where]).sum(axis=-1) + own


def measure(implementation: Checked, case: Case) -> Measured:
    """Ask for the loss and the gradient of a case."""
    return Measured(implementation, case, implementation.loss_and_gradient(case.network, case.parameters, case.batch))


def positions(network: Network, layer: int) -> tuple[Positions, Positions]:
    """Return where W of this layer (0 is the first) lies, shape (fan_in, fan_out), and where b does; empty if none."""
    every = np.arange(network.parameter_count)
    weight = every[network.weight_slice(layer)].reshape(network.sizes[layer], network.sizes[layer + 1])
    return weight, every[network.bias_slice(layer)]


def mean_is_exact(case: Case) -> bool:
    """Tell whether the factor of the mean is a power of two, so that it rounds nothing, early or late."""
    outputs = 1 if case.network.loss == "softmax_cross_entropy" else case.network.sizes[-1]
    count = len(case.batch) * outputs
    # The weight of a single sample divides out of the mean.
    is_plain = case.batch.sample_weights is None or len(case.batch) == 1
    return is_plain and count & (count - 1) == 0


def near_a_kink(case: Case, expected: Expectation) -> bool:
    """Tell whether rounding may lead some pre-activation, or output, to the other side of a kink, as 0 is of relu."""
    z, tolerances = expected.stages.pre_activations, expected.stage_tolerances.pre_activations
    of_loss = distance_to_kink_of_loss(case.network.loss, z[-1], case.batch.y.astype(np.float64))
    return bool((of_loss <= tolerances[-1]).any()) or any(
        bool((distance_to_kink(name, of_layer) <= tolerance).any())
        for name, of_layer, tolerance in zip(case.network.activations, z, tolerances, strict=False)  # not the last
    )


def activation_of(implementation: Checked, case: Case, layer: int) -> Array:
    """Return a of the layer below (x for layer 0), shape (N, fan_in), as the implementation reports it.

    Raises
    ------
    Misbehaviour
        Where the implementation reports no such array.
    """
    if layer == 0:
        return case.batch.x
    answer = implementation.stages(case.network, case.parameters, case.batch)
    try:
        array = np.asarray(answer.activations[layer])
    except (AttributeError, IndexError, TypeError, KeyError) as error:
        raise Misbehaviour("wrong type", f"stages returned no activations[{layer}]: {error}") from error
    shape = (len(case.batch), case.network.sizes[layer])
    if array.dtype.kind != "f" or array.shape != shape:
        found = f"{array.dtype} of shape {array.shape}"
        raise Misbehaviour("wrong shape", f"stages returned activations[{layer}] as {found}: must be {shape}")
    require_finite("stages", array, f"activations[{layer}]")
    return array
