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
from symtests.oracle.losses import error_signal, loss_value
from symtests.oracle.passes import Stages
from symtests.parameters import Parameters

__all__ = ["FaultyPass", "Finish", "Incompatible"]

Finish = Callable[[Question, Stages, Parameters], None]
"""Changes a gradient in place, knowing what both passes have computed."""


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


def _times_slope(passes: FaultyPass, question: Question, name: str, z: Array, a: Array, sent: Array) -> Array:
    return sent * passes.slope(question, name, z, a)


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
    joined
        What the activations of a hidden layer are, of these, those below, and the number of the layer.
    slope
        What an error signal is multiplied by: of question, name, z and a = sigma(z).
    activated_back
        The error signal behind the activation: of these passes, question, name, z, a and the signal before it.
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
    implementation
        The activation or the loss that alone the parts are wrong for; empty for any.
    """

    batch: Callable[[Batch], Batch] = _batch_unchanged
    inputs: Callable[[Array], Array] = _unchanged
    pre_activation: Callable[[Array, Array, Array], Array] = _pre_activation
    activate: Callable[[str, Array], Array] = value
    joined: Callable[[Array, Array, int], Array] | None = None
    slope: Callable[[Question, str, Array, Array], Array] = _slope
    activated_back: Callable[[FaultyPass, Question, str, Array, Array, Array], Array] = _times_slope
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
    implementation: str = ""

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

    @property
    def changes_outputs(self) -> bool:
        """Whether the derivative of the loss is another one: nobody knows of which loss."""
        return self.output_signal is not _output_signal or self.output_change is not _output_unchanged

    def loss(self, question: Question) -> float:
        """Return the loss of the outputs that the forward pass leads to, with its faults and those of the data."""
        with np.errstate(all="ignore"):
            batch = self.batch(question.batch).astype(np.float64)
            outputs = self._forward(replace(question, batch=batch))[0][-1]
            return loss_value(question.network.loss, outputs, batch).real

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
            if field.name == "implementation" or theirs is field.default:
                parts[field.name] = mine
            elif mine is field.default:
                parts[field.name] = theirs
            else:
                parts[field.name] = _both(field.name, self, other)
        parts["implementation"] = ""
        return FaultyPass(**parts)

    def _gradient(self, question: Question) -> Array:
        if self.batch is not _batch_unchanged:
            question = replace(question, batch=self.batch(question.batch))
        network, weights = question.network, [weight for weight, _ in question.layers]
        last = network.layer_count - 1
        with np.errstate(all="ignore"):
            pre_activations, activations = self._forward(question)
            outputs = pre_activations[-1]
            signals = [self.output_change(question, outputs, self.output_signal(question, outputs))]
            for layer in reversed(range(last)):
                z, a = pre_activations[layer], activations[layer + 1]
                weight = weights[layer + 1]
                if self.through is not _as_it_is:
                    of_above = self.below(Stages(tuple(pre_activations), tuple(activations), ()), layer + 1)
                    above = np.resize(self.weight_gradient(of_above, signals[0]), weight.shape)
                    weight = self.through(question, weight, above, is_output=layer == last - 1)
                sent = self.sent_back(signals[0], weight, question)
                if self.has_slope(layer, last):
                    sent = self.activated_back(self, question, network.activations[layer], z, a, sent)
                signals.insert(0, self.hidden_signal(sent))
            stages = Stages(tuple(pre_activations), tuple(activations), tuple(signals))
            parts = []
            for layer, delta in enumerate(signals):
                gradient = self.weight_gradient(self.below(stages, layer), delta)
                shape = weights[layer].shape
                parts.append((gradient if gradient.shape == shape else np.resize(gradient, shape)).ravel())
                if network.bias:
                    parts.append(self.bias_gradient(delta))
            found: Array = np.concatenate(parts)
            if self.finish is not None:
                self.finish(question, stages, Parameters(network, found))
        return found

    def _forward(self, question: Question) -> tuple[list[Array], list[Array]]:
        network = question.network
        pre_activations: list[Array] = []
        activations = [self.inputs(question.x)]
        for layer, (weight, bias) in enumerate(question.layers):
            pre_activations.append(self.pre_activation(activations[-1], weight, bias))
            if layer < network.layer_count - 1:
                below = activations[-1]
                activations.append(self.activate(network.activations[layer], pre_activations[-1]))
                if self.joined is not None:
                    activations[-1] = self.joined(activations[-1], below, layer)
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
        return _finished(mine, theirs)
    of_one = _OF_AN_IMPLEMENTATION.get(name)
    special = second if second.implementation else first
    if of_one is None or not special.implementation or first.implementation == second.implementation:
        raise Incompatible
    own, other = (theirs, mine) if special is second else (mine, theirs)
    return lambda *given: (own if of_one(*given) == special.implementation else other)(*given)


def _finished(first: Finish, second: Finish) -> Finish:
    def both(question: Question, stages: Stages, gradient: Parameters) -> None:
        first(question, stages, gradient)
        second(question, stages, gradient)

    return both


_OF_AN_IMPLEMENTATION: Final[dict[str, Callable[..., str]]] = {
    "activate": lambda name, z: name,
    "slope": lambda question, name, z, a: name,
    "activated_back": lambda passes, question, name, z, a, sent: name,
    "output_signal": lambda question, z: question.network.loss,
}
"""What a part is asked about that may be wrong for one activation or loss alone."""
