"""Faults of one plain step that a gradient by itself does not show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np

from symtests.batch import Batch
from symtests.diagnosis.faults.fault import Family, Fault, Gradient
from symtests.diagnosis.faults.faulty_pass import FaultyPass
from symtests.diagnosis.faults.later import right_gradient
from symtests.diagnosis.questions.question import Question, tensors
from symtests.float_json import Array

__all__ = ["STEP_FAMILIES", "STEP_FAULTS"]

_EARLY: Final = "the weights are updated before error signals are sent back through them"
_TOLD: Final = "the error grows with the learning rate, as the backward pass reads what the same step has changed"


def _updated_early(*, output_only: bool = False, of_output: float = 1.0) -> FaultyPass:
    """Return a pass in a step where weights change before the error signals pass them.

    delta_l is (delta_{l+1} (W_{l+1} - rate dW_{l+1})^T) * sigma'(z_l), the rate of the output layer being so many times
    that of the others.
    """

    def through(question: Question, weight: Array, gradient: Array, *, is_output: bool) -> Array:
        rate = question.rate or 0.0
        if is_output:
            return weight - of_output * rate * gradient
        return weight if output_only else weight - rate * gradient

    return FaultyPass(through=through)


def _sample_after_sample(question: Question, *, backwards: bool = False, summed: bool = False) -> Array:
    """Return what a step recovers that is taken sample after sample, each with its share of the rate."""
    batch, theta, rate = question.batch, question.theta.copy(), question.rate or 0.0
    weights = np.ones(len(batch)) if batch.sample_weights is None else batch.sample_weights.astype(np.float64)
    shares = np.ones(len(batch)) if summed else weights / weights.sum()
    order = range(len(batch))
    for sample in reversed(order) if backwards else order:
        alone = Batch(batch.x[sample : sample + 1], batch.y[sample : sample + 1])
        gradient = right_gradient(replace(question, batch=alone), theta)
        theta = theta - rate * shares[sample] * gradient
    return (question.theta - theta) / rate if rate else right_gradient(question)


def _layer_after_layer(question: Question, *, backwards: bool) -> Array:
    """Return what a step recovers in which each layer has the gradient that the layers before have left."""
    theta, rate = question.theta.copy(), question.rate or 0.0
    groups = [
        np.r_[question.network.weight_slice(layer), question.network.bias_slice(layer)]
        for layer in range(question.network.layer_count)
    ]
    for group in reversed(groups) if backwards else groups:
        theta[group] -= rate * right_gradient(question, theta)[group]
    return (question.theta - theta) / rate if rate else right_gradient(question)


def _unit_after_unit(question: Question) -> Array:
    """Return what a step recovers in which the units of the first layer are updated one after the other."""
    network, theta, rate = question.network, question.theta.copy(), question.rate or 0.0
    every = np.arange(network.parameter_count)
    for unit in range(network.sizes[1]):
        parts = [every[network.weight_slice(0)].reshape(network.sizes[0], -1)[:, unit]]
        parts.append(every[network.bias_slice(0)][unit : unit + 1])
        if network.hidden_sizes:
            parts.append(every[network.weight_slice(1)].reshape(network.sizes[1], -1)[unit])
        where = np.concatenate(parts)
        theta[where] -= rate * right_gradient(question, theta)[where]
    return (question.theta - theta) / rate if rate else right_gradient(question)


def _bias_after_weights(question: Question) -> Array:
    """Return what a step recovers in which the biases have the gradient that the updated weights lead to."""
    theta, rate = question.theta.copy(), question.rate or 0.0
    for wanted in (False, True):
        gradient = right_gradient(question, theta)
        for tensor in tensors(question.network):
            if tensor.is_bias == wanted:
                theta[tensor.where] -= rate * gradient[tensor.where]
    return (question.theta - theta) / rate if rate else right_gradient(question)


def _followed_by_another(question: Question) -> Array:
    """Return what a step recovers that is followed by another one."""
    g = right_gradient(question)
    return g + right_gradient(question, question.theta - (question.rate or 0.0) * g)


def _faults() -> Iterator[Fault]:
    yield Fault(f"{_EARLY}, in every layer: {_TOLD}", _updated_early())
    yield Fault(f"{_EARLY}, in the output layer: {_TOLD}", _updated_early(output_only=True))
    yield Fault("a training takes one step more than it is asked for", _followed_by_another)
    yield Fault("a step is taken sample after sample, each from where the one before has led", _sample_after_sample)
    yield Fault(
        "a step is taken sample after sample from the last to the first, each from where the one before has led",
        lambda q: _sample_after_sample(q, backwards=True),
    )
    yield Fault(
        "a whole step of the learning rate is taken for each sample, from where the one before has led",
        lambda q: _sample_after_sample(q, summed=True),
    )
    for words, backwards in (("first", False), ("last", True)):
        yield Fault(
            f"the layers are updated one after the other, the {words} layer first, each with the gradient that the "
            "ones before have left",
            partial(_layer_after_layer, backwards=backwards),
        )
    yield Fault(
        "the units of the first layer are updated one after the other, each with the gradient that the ones before "
        "have left",
        _unit_after_unit,
    )
    yield Fault("the biases are updated after the weights, with a gradient of their own", _bias_after_weights)


def _clipped_step(limit: float) -> Gradient:
    def gradient(question: Question) -> Array:
        rate = question.rate or 1.0
        return np.clip(rate * right_gradient(question), -limit, limit) / rate

    return gradient


def _families() -> Iterator[Family]:
    yield Family(
        f"{_EARLY}, those of the output layer by {{}} times the learning rate: {_TOLD}",
        lambda c: _updated_early(of_output=c),
    )
    yield Family("no component of a step exceeds {}: steps are clipped", _clipped_step)
    yield Family(
        "the step has {} theta added whatever the learning rate",
        lambda c: lambda q: right_gradient(q) + c * q.theta / (q.rate or 1.0),
    )
    yield Family(
        "the weights are updated a second time, with {} times the gradient of where the first step has led",
        lambda c: lambda q: right_gradient(q) + c * right_gradient(q, q.theta - (q.rate or 0.0) * right_gradient(q)),
    )


STEP_FAULTS: Final = tuple(_faults())
STEP_FAMILIES: Final = tuple(_families())
