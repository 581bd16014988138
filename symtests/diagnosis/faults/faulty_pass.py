"""The two passes of the oracle with parts that a fault may replace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from symtests.diagnosis.questions.question import Question
from symtests.float_json import Array
from symtests.oracle.activations import derivative, value
from symtests.oracle.losses import error_signal
from symtests.oracle.passes import Stages
from symtests.parameters import Parameters

__all__ = ["FaultyPass", "Finish"]

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


def _sent_back(above: Array, weight: Array, _: Question) -> Array:
    return above @ weight.T


@dataclass(frozen=True)
class FaultyPass:
    """Backpropagation, part by part; a part that is not given is right.

    Parameters
    ----------
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
    """

    inputs: Callable[[Array], Array] = _unchanged
    pre_activation: Callable[[Array, Array, Array], Array] = _pre_activation
    activate: Callable[[str, Array], Array] = value
    slope: Callable[[Question, str, Array, Array], Array] = _slope
    has_slope: Callable[[int, int], bool] = lambda layer, layers: True
    output_signal: Callable[[Question, Array], Array] = _output_signal
    sent_back: Callable[[Array, Array, Question], Array] = _sent_back
    hidden_signal: Callable[[Array], Array] = _unchanged
    below: Callable[[Stages, int], Array] = lambda stages, layer: stages.activations[layer]
    weight_gradient: Callable[[Array, Array], Array] = lambda a, delta: a.T @ delta
    bias_gradient: Callable[[Array], Array] = lambda delta: delta.sum(axis=0)
    finish: Finish | None = None

    def __call__(self, question: Question) -> Array:
        """Return the gradient that comes of it, shape (n,)."""
        network = question.network
        theta = Parameters(network, question.theta)
        with np.errstate(all="ignore"):
            pre_activations, activations = self._forward(question, theta)
            signals = [self.output_signal(question, pre_activations[-1])]
            for layer in reversed(range(network.layer_count - 1)):
                z, a = pre_activations[layer], activations[layer + 1]
                sent = self.sent_back(signals[0], theta.weight(layer + 1), question)
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
