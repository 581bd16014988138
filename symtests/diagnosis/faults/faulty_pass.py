"""The two passes of the oracle with parts that a fault may replace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np

from symtests.batch import Batch
from symtests.diagnosis.questions.question import Question
from symtests.float_json import Array
from symtests.oracle.activations import derivative, value
from symtests.oracle.losses import error_signal
from symtests.oracle.passes import Stages
from symtests.parameters import Parameters

__all__ = ["FaultyPass", "Finish", "Incompatible"]

Finish = Callable[[Question, Parameters], None]
"""Changes a gradient in place."""


def _unchanged(array: Array) -> Array:
    return array


def _slope(question: Question, name: str, z: Array, _: Array) -> Array:
    return derivative(name, z, question.at_zero)


def _output_signal(question: Question, z: Array) -> Array:
    return error_signal(question.network.loss, z, question.batch)


def _pre_activation(below: Array, weight: Array, bias: Array) -> Array:
    return below @ weight + bias


def _as_it_is(question: Question, weight: Array, gradient: Array, *, is_output: bool) -> Array:
    return weight


def _output_unchanged(question: Question, z: Array, delta: Array) -> Array:
    return delta


def _batch_unchanged(batch: Batch) -> Batch:
    return batch


class Incompatible(Exception):
    """Two faults replace one part of the passes, and nobody knows which would be right."""


def _sent_back(above: Array, weight: Array, _: Question) -> Array:
    return above @ weight.T


@dataclass(frozen=True)
class FaultyPass:
    """Backpropagation, part by part; a part that is not given is right.

    Parameters
    ----------
    batch
        Of the whole batch, before anything else.
    inputs
        Of x, shape (N, n_0).
    pre_activation
        z, of the activations below, W and b, shape (1,) and 0 without biases.
    activate
        sigma(z), of name and z.
    slope
        What an error signal is multiplied by: of question, name, z and a = sigma(z).
    has_slope
        Whether a hidden layer, of so many, multiplies by its slope at all.
    output_signal
        dL/dz_L, of question and z_L.
    output_change
        Of question, z_L and dL/dz_L.
    through
        The W that error signals are sent back through: of question, W, dW and whether it is that of the output layer.
    sent_back
        delta W^T, of delta of the layer above, its W, and the question.
    hidden_signal
        Of the finished error signal of a hidden layer.
    below
        What the weight gradient is formed with, of pre-activations, activations and the layer; x for layer 0.
    weight_gradient, bias_gradient
        dW of a and delta, db of delta.
    finish
        What is done to the gradient in the end.
    subject
        The activation or the loss that alone the parts are wrong for; empty for any.
    """

    batch: Callable[[Batch], Batch] = _batch_unchanged
    inputs: Callable[[Array], Array] = _unchanged
    pre_activation: Callable[[Array, Array, Array], Array] = _pre_activation
    activate: Callable[[str, Array], Array] = value
    slope: Callable[[Question, str, Array, Array], Array] = _slope
    has_slope: Callable[[int, int], bool] = lambda layer, layers: True
    output_signal: Callable[[Question, Array], Array] = _output_signal
    output_change: Callable[[Question, Array, Array], Array] = _output_unchanged
    through: Callable[..., Array] = _as_it_is
    sent_back: Callable[[Array, Array, Question], Array] = _sent_back
    hidden_signal: Callable[[Array], Array] = _unchanged
    below: Callable[[Stages, int], Array] = lambda stages, layer: stages.activations[layer]
    weight_gradient: Callable[[Array, Array], Array] = lambda a, delta: a.T @ delta
    bias_gradient: Callable[[Array], Array] = lambda delta: delta.sum(axis=0)
    finish: Finish | None = None
    subject: str = ""

    def __call__(self, question: Question) -> Array:
        """Return the gradient that comes of it, shape (n,), with the faults of the way of the question.

        Raises
        ------
        Incompatible
            If these faults cannot be had together with this one, in this order.
        """
        way = question.way
        if way is None:
            return self._gradient(question)
        if not isinstance(way, FaultyPass):
            raise Incompatible
        return way.followed_by(self)._gradient(replace(question, way=None))

    def followed_by(self, other: FaultyPass) -> FaultyPass:
        """Return the passes with the parts of both.

        Raises
        ------
        Incompatible
            If both replace a part that can be replaced once only.
        """
        parts: dict[str, Any] = {}
        for field in fields(self):
            mine, theirs = getattr(self, field.name), getattr(other, field.name)
            if field.name == "subject" or theirs is field.default:
                parts[field.name] = mine
            elif mine is field.default:
                parts[field.name] = theirs
            else:
                parts[field.name] = _both(field.name, self, other)
        parts["subject"] = ""
        return FaultyPass(**parts)

    def _gradient(self, question: Question) -> Array:
        question = replace(question, batch=self.batch(question.batch))
        network = question.network
        theta = Parameters(network, question.theta)
        with np.errstate(all="ignore"):
            pre_activations, activations = self._forward(question, theta)
            outputs = pre_activations[-1]
            signals = [self.output_change(question, outputs, self.output_signal(question, outputs))]
            for layer in reversed(range(network.layer_count - 1)):
                z, a = pre_activations[layer], activations[layer + 1]
                weight = theta.weight(layer + 1)
                if self.through is not _as_it_is:
                    above = self.weight_gradient(a, signals[0])
                    weight = self.through(question, weight, above, is_output=layer == network.layer_count - 2)
                sent = self.sent_back(signals[0], weight, question)
                if self.has_slope(layer, network.layer_count - 1):
                    sent = sent * self.slope(question, network.activations[layer], z, a)
                signals.insert(0, self.hidden_signal(sent))
            stages = Stages(tuple(pre_activations), tuple(activations), tuple(signals))
            gradient = Parameters.zeros(network)
            for layer, delta in enumerate(signals):
                gradient.weight(layer)[...] = self.weight_gradient(self.below(stages, layer), delta)
                if network.bias:
                    gradient.bias(layer)[...] = self.bias_gradient(delta)
            if self.finish is not None:
                self.finish(question, gradient)
        return gradient.vector

    def _forward(self, question: Question, theta: Parameters) -> tuple[list[Array], list[Array]]:
        network = question.network
        pre_activations: list[Array] = []
        activations = [self.inputs(question.batch.x.astype(np.float64))]
        for layer in range(network.layer_count):
            bias = theta.bias(layer) if network.bias else np.zeros(1)
            pre_activations.append(self.pre_activation(activations[-1], theta.weight(layer), bias))
            if layer < network.layer_count - 1:
                activations.append(self.activate(network.activations[layer], pre_activations[-1]))
        return pre_activations, activations


_ONE_AFTER_THE_OTHER: Final = frozenset({"batch", "inputs", "hidden_signal"})


def _both(name: str, first: FaultyPass, second: FaultyPass) -> Any:
    """Return a part of the passes that both replace."""
    mine, theirs = getattr(first, name), getattr(second, name)
    if name in _ONE_AFTER_THE_OTHER:
        return lambda array: theirs(mine(array))
    if name == "output_change":
        return lambda question, z, delta: theirs(question, z, mine(question, z, delta))
    if name == "finish":
        return lambda question, gradient: (mine(question, gradient), theirs(question, gradient))[0]
    of_one = _OF_A_SUBJECT.get(name)
    special = second if second.subject else first
    if of_one is None or not special.subject or first.subject == second.subject:
        raise Incompatible
    own, other = (theirs, mine) if special is second else (mine, theirs)
    return lambda *given: (own if of_one(*given) == special.subject else other)(*given)


_OF_A_SUBJECT: Final[dict[str, Callable[..., str]]] = {
    "activate": lambda name, z: name,
    "slope": lambda question, name, z, a: name,
    "output_signal": lambda question, z: question.network.loss,
}
"""What a part is asked about that may be wrong for one activation or loss alone."""
