"""A question to an implementation, and its answer beside the right one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.network import Network
from symtests.oracle import Expectation, Stages, loss_and_gradient
from symtests.oracle.kinks import distance_to_kink
from symtests.parameters import Parameters

__all__ = ["Answered", "Question", "Tensor", "tensors"]

_SLACK: Final = 4.0
"""How many times the bound of the right gradient another formula of the same size may be off by rounding."""
_TERMS: Final = 256.0
"""Relative roundings of another formula, where the right one gives 0 without any."""
_CONCLUSIVE: Final = 30.0
"""How many times closer than the right gradient an explanation must come."""


class Tensor(NamedTuple):
    """A weight matrix or a bias vector of a network; `layer` 0 is the first."""

    layer: int
    is_bias: bool
    where: slice

    @property
    def name(self) -> str:
        """Its name: ``W1``, ``b1``, ..."""
        return f"{'b' if self.is_bias else 'W'}{self.layer + 1}"


def tensors(network: Network) -> Iterator[Tensor]:
    """Yield all tensors of a network, first layer first."""
    for layer in range(network.layer_count):
        yield Tensor(layer, False, network.weight_slice(layer))
        if network.bias:
            yield Tensor(layer, True, network.bias_slice(layer))


@dataclass(frozen=True, eq=False)
class Question:
    """Which gradient is asked for.

    Parameters
    ----------
    network, parameters, batch
        The question; parameters and data are exact in the implementation's dtype.
    rate
        Learning rate of the plain step from which the gradient is recovered; None for the reported gradient.
    at_zero
        The implementation's choice for relu'(0).
    way
        How the gradient comes about, with a fault; None for the right way.
    """

    network: Network
    parameters: Parameters
    batch: Batch
    rate: float | None = None
    at_zero: float = 0.0
    way: Callable[[Question], Array] | None = None

    @property
    def samples(self) -> int:
        """Batch size N."""
        return len(self.batch)

    @property
    def outputs(self) -> int:
        """Number of outputs m."""
        return self.network.sizes[-1]

    @cached_property
    def gradient(self) -> Array:
        """The gradient that comes about in the way of this question, shape (n,): the right one without any."""
        if self.way is not None:
            return self.way(replace(self, way=None))
        return loss_and_gradient(self.network, self.parameters, self.batch, self.at_zero)[1].vector

    @cached_property
    def layers(self) -> tuple[tuple[Array, Array], ...]:
        """W and b of each layer in float64; without biases, b has the shape (1,) and is 0."""
        theta = Parameters(self.network, self.theta)
        none = np.zeros(1)
        return tuple(
            (theta.weight(layer), theta.bias(layer) if self.network.bias else none)
            for layer in range(self.network.layer_count)
        )

    @cached_property
    def x(self) -> Array:
        """The inputs in float64, shape (N, n_0)."""
        wide: Array = self.batch.x.astype(np.float64)
        return wide

    @cached_property
    def theta(self) -> Array:
        """The parameters in float64, shape (n,)."""
        wide: Array = self.parameters.vector.astype(np.float64)
        return wide


@dataclass(frozen=True, eq=False)
class Answered:
    """An answer beside the right one.

    Parameters
    ----------
    question
        What was asked.
    found, loss
        The gradient in float64, shape (n,), and the loss, if it reports one.
    expected
        What is right.
    bound, loss_bound
        How far rounding may lead each component of the gradient, and the loss.
    unit_roundoff
        u of the implementation.
    """

    question: Question
    found: Array
    loss: float | None
    expected: Expectation
    bound: Array
    loss_bound: float
    unit_roundoff: float

    @property
    def right(self) -> Array:
        """The right gradient, shape (n,)."""
        return self.expected.gradient.vector

    @property
    def stages(self) -> Stages:
        """What the right passes compute on the way."""
        return self.expected.stages

    @cached_property
    def is_wrong(self) -> bool:
        """Whether rounding cannot explain the gradient."""
        return bool((np.abs(self.found - self.right) > self.bound).any())

    @cached_property
    def is_far_off(self) -> bool:
        """Whether some component is wrong by far more than any explanation may be off."""
        return bool((np.abs(self.found - self.right) > 1e3 * self.tensor_bounds).any())

    @cached_property
    def tensor_bounds(self) -> Array:
        """For each component, the largest bound in its tensor, shape (n,): a faulty formula cancels elsewhere."""
        bounds = np.empty_like(self.bound)
        for tensor in tensors(self.question.network):
            bounds[tensor.where] = self.bound[tensor.where].max()
        return bounds

    def bound_of(self, other: Array) -> Array:
        """Return how far rounding may lead an implementation that computes `other` in place of the gradient."""
        largest = np.abs(self.right).max()
        growth = max(1.0, float(np.abs(other).max() / largest)) if largest > 0 else 1.0
        # Where the right gradient is 0, so is its bound; another formula rounds its terms all the same.
        return _SLACK * growth * self.tensor_bounds + _TERMS * self.unit_roundoff * np.abs(other)

    def agrees(self, other: Array) -> bool:
        """Tell whether the answer is `other`, up to rounding."""
        return bool((np.abs(self.found - other) <= self.bound_of(other)).all())  # false for NaN

    def is_conclusive(self, other: Array) -> bool:
        """Tell whether the answer is so much closer to `other` than to the right gradient that it is no chance."""
        error = np.abs(self.found - self.right)
        return bool((error > _CONCLUSIVE * self.bound_of(other)).any())

    def sets_apart(self, one: Array, other: Array) -> bool:
        """Tell whether two gradients are so far from each other that an answer cannot be both."""
        if one.shape != other.shape:
            return True
        return bool((np.abs(one - other) > _CONCLUSIVE * self.bound_of(one)).any())

    def differs(self, other: Array) -> bool:
        """Tell whether `other` is clearly not the right gradient."""
        return not bool((np.abs(other - self.right) <= 2 * self.bound_of(other)).all())

    @cached_property
    def has_kink(self) -> bool:
        """Whether some pre-activation lies at a kink, exactly."""
        return any(
            bool((distance_to_kink(name, z) == 0).any())
            for name, z in zip(self.question.network.activations, self.stages.pre_activations, strict=False)
        )

    @property
    def is_near_a_kink(self) -> bool:
        """Whether rounding may decide on which side of a kink some pre-activation lies that is not at it."""
        return any(
            bool(((distance_to_kink(name, z) <= tolerance) & (distance_to_kink(name, z) != 0)).any())
            for name, z, tolerance in zip(
                self.question.network.activations,
                self.stages.pre_activations,
                self.expected.stage_tolerances.pre_activations,
                strict=False,  # the last layer has no activation
            )
        )

    @cached_property
    def is_saturated(self) -> bool:
        """Whether some logistic or tanh unit is so far out that its slope is below a thousandth."""
        reach = {"tanh": 4.2, "logistic": 7.0}
        return any(
            name in reach and bool((np.abs(z) > reach[name]).any())
            for name, z in zip(self.question.network.activations, self.stages.pre_activations, strict=False)
        )
