"""Faults of how error signals are sent back, and of how gradients are formed with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from symtests.diagnosis.faults.fault import Family, Fault
from symtests.diagnosis.faults.faulty_pass import FaultyPass, Finish
from symtests.diagnosis.questions.question import Question
from symtests.float_json import Array
from symtests.oracle.activations import logistic
from symtests.oracle.losses import softmax
from symtests.oracle.passes import Stages
from symtests.parameters import Parameters

__all__ = ["BACKWARD_FAMILIES", "BACKWARD_FAULTS"]


def _square_turned(weight: Array) -> Array:
    """Return W in place of its transpose, where the shape allows it."""
    return weight if weight.shape[0] == weight.shape[1] else weight.T


def _without_last(array: Array) -> Array:
    """Return a vector with its last component 0, where there are several."""
    changed = array.copy()
    changed[1:][-1:] = 0
    return changed


def _signal_faults() -> Iterator[Fault]:
    yield Fault(
        "error signals are sent back through W in place of its transpose, where W is square",
        FaultyPass(sent_back=lambda above, w, q: above @ _square_turned(w)),
    )
    yield Fault(
        "error signals are sent back through W as it lies in memory, in place of its transpose",
        FaultyPass(sent_back=lambda above, w, q: above @ w.reshape(w.shape[::-1])),
    )
    yield Fault(
        "error signals are summed on their way back without being multiplied by the weights",
        FaultyPass(sent_back=lambda above, w, q: above @ np.ones_like(w).T),
    )
    yield Fault(
        "error signals are sent back through the absolute values of the weights",
        FaultyPass(sent_back=lambda above, w, q: above @ np.abs(w).T),
    )
    yield Fault(
        "error signals are sent back through the signs of the weights",
        FaultyPass(sent_back=lambda above, w, q: above @ np.sign(w).T),
    )
    yield Fault(
        "only the error signal of the first unit above is sent back",
        FaultyPass(sent_back=lambda above, w, q: above[:, :1] @ w[:, :1].T),
    )
    yield Fault(
        "only the error signal of the last unit above is sent back",
        FaultyPass(sent_back=lambda above, w, q: above[:, -1:] @ w[:, -1:].T),
    )
    yield Fault(
        "the mean, and not the sum, of the error signals above is sent back",
        FaultyPass(sent_back=lambda above, w, q: above @ w.T / above.shape[1]),
    )
    for words, axis in (("the units above", 1), ("the units of the layer", 0)):
        yield Fault(
            f"error signals are sent back through weights that are averaged over {words}",
            FaultyPass(sent_back=_through_averages(axis)),
        )
    yield Fault(
        "the error signal of each sample is replaced by the mean over the batch on its way back",
        FaultyPass(sent_back=lambda above, w, q: np.broadcast_to(above.mean(axis=0), above.shape) @ w.T),
    )


def _through_averages(axis: int) -> Callable[[Array, Array, Question], Array]:
    return lambda above, w, q: above @ np.broadcast_to(w.mean(axis=axis, keepdims=True), w.shape).T


def _gradient_faults() -> Iterator[Fault]:
    yield Fault(
        "the weight gradient is formed with the pre-activations of the layer below in place of its activations",
        FaultyPass(below=lambda stages, layer: stages.pre_activations[layer - 1] if layer else stages.activations[0]),
    )
    yield Fault(
        "the weight gradient reads the activations column by column from memory that holds rows",
        FaultyPass(weight_gradient=lambda a, d: a.ravel().reshape(a.shape, order="F").T @ d),
    )
    yield Fault(
        "the weight gradients are those of the transposed matrices, laid out column by column",
        FaultyPass(weight_gradient=lambda a, d: (a.T @ d).T.reshape(a.shape[1], d.shape[1])),
    )
    yield Fault(
        "the weight gradients are transposed where the matrix is square",
        FaultyPass(weight_gradient=lambda a, d: _square_turned((a.T @ d).T)),
    )
    yield Fault(
        "the weight gradient is formed of the mean activation and the summed error signal, not sample by sample",
        FaultyPass(weight_gradient=lambda a, d: np.outer(a.mean(axis=0), d.sum(axis=0))),
    )
    for words, sample in (("first", 0), ("last", -1)):
        yield Fault(f"the weight gradient is that of the {words} sample alone", _of_one_sample(sample))
        yield Fault(f"the bias gradient is that of the {words} sample alone", _bias_of_one_sample(sample))
    yield Fault(
        "the bias gradient of the last unit of each layer is 0, where there are several",
        FaultyPass(bias_gradient=lambda d: _without_last(d.sum(axis=0))),
    )
    yield Fault(
        "all biases of a layer have the summed gradient of all its units",
        FaultyPass(bias_gradient=lambda d: np.full(d.shape[1], d.sum())),
    )
    yield Fault(
        "all biases of a layer have the mean gradient of its units",
        FaultyPass(bias_gradient=lambda d: np.full(d.shape[1], d.sum() / d.shape[1])),
    )
    yield Fault("the weight gradient of the last unit of each layer is 0", FaultyPass(weight_gradient=_last_unit_zero))
    yield Fault(
        "the weight gradient of the output layer is formed with the activations of the first hidden layer in place of "
        "those of the last: networks of one hidden layer are right",
        FaultyPass(below=_first_hidden_for_output),
    )
    yield Fault(
        "the weight gradient of each layer is formed with the activations of the first hidden layer",
        FaultyPass(below=lambda stages, layer: _cut_to(stages, layer, 1) if layer else stages.activations[0]),
    )
    yield Fault(
        "the weight gradient of each layer is formed with the inputs of the network",
        FaultyPass(below=lambda stages, layer: _cut_to(stages, layer, 0)),
    )
    own = (
        "the weight gradient{} is formed with the layer's own activations, those above the weights, in place of those "
        "of the layer below{}"
    )
    outputs = ", the outputs' own being logistic(z) or softmax(z) where the loss takes these"
    yield Fault(own.format(" of each layer", outputs), FaultyPass(finish=_weights_of_own(_own_activations)))
    yield Fault(
        own.format(" of each layer", ", the outputs' own being linear"), FaultyPass(finish=_weights_of_own(_own_linear))
    )
    yield Fault(own.format(" of hidden layers", ""), FaultyPass(finish=_weights_of_own(_own_linear, hidden=True)))
    square = ", where there are as many of both"
    for where, hidden in ((" of each layer", False), (" of hidden layers", True)):
        yield Fault(
            own.format(where, square), FaultyPass(finish=_weights_of_own(_own_linear, hidden=hidden, square=True))
        )
    for words, holds in _WHERE:
        yield Fault(
            f"the bias gradient{words} is the sum of dW over the inputs of the layer, in place of that of the error "
            "signals",
            FaultyPass(finish=_biases_of_weights(holds)),
        )
        yield Fault(
            f"the bias gradient{words} is summed over the units of the layer in place of the samples",
            FaultyPass(finish=_biases_over_units(holds)),
        )


def _cut_to(stages: Stages, layer: int, other: int) -> Array:
    """Return the activations of another layer, cut to the width of the right one; 0 in place of missing ones."""
    right = stages.activations[layer]
    cut = np.zeros_like(right)
    width = min(right.shape[1], stages.activations[other].shape[1])
    cut[:, :width] = stages.activations[other][:, :width]
    return cut


def _first_hidden_for_output(stages: Stages, layer: int) -> Array:
    is_output = layer == len(stages.activations) - 1
    return _cut_to(stages, layer, 1) if is_output and layer else stages.activations[layer]


def _own_linear(question: Question, stages: Stages, layer: int) -> Array:
    return (*stages.activations[1:], stages.pre_activations[-1])[layer]


def _own_activations(question: Question, stages: Stages, layer: int) -> Array:
    if layer < len(stages.activations) - 1:
        return stages.activations[layer + 1]
    z = stages.pre_activations[-1]
    return {"bce": logistic, "logistic_mse": logistic, "softmax_cross_entropy": softmax}.get(
        question.network.loss, lambda outputs: outputs
    )(z)


def _weights_of_own(
    own: Callable[[Question, Stages, int], Array], *, hidden: bool = False, square: bool = False
) -> Finish:
    def finish(question: Question, stages: Stages, gradient: Parameters) -> None:
        for layer, delta in enumerate(stages.error_signals[:-1] if hidden else stages.error_signals):
            weight = gradient.weight(layer)
            if square and weight.shape[0] != weight.shape[1]:
                continue
            weight[...] = np.resize(own(question, stages, layer).T @ delta, weight.shape)

    return finish


_Layers = Callable[[int, int], bool]
"""Of a layer and the last one."""

_WHERE: Final[tuple[tuple[str, _Layers], ...]] = (
    ("", lambda layer, last: True),
    (" of the output layer", lambda layer, last: layer == last),
    (" of hidden layers", lambda layer, last: layer < last),
)


def _biases_of_weights(holds: _Layers) -> Finish:
    def finish(question: Question, stages: Stages, gradient: Parameters) -> None:
        for layer in filter(lambda layer: holds(layer, len(stages.error_signals) - 1), _with_bias(question)):
            gradient.bias(layer)[...] = gradient.weight(layer).sum(axis=0)

    return finish


def _biases_over_units(holds: _Layers) -> Finish:
    def finish(question: Question, stages: Stages, gradient: Parameters) -> None:
        for layer in filter(lambda layer: holds(layer, len(stages.error_signals) - 1), _with_bias(question)):
            sums = stages.error_signals[layer].sum(axis=1)
            gradient.bias(layer)[...] = np.resize(sums, gradient.bias(layer).shape)

    return finish


def _with_bias(question: Question) -> range:
    return range(question.network.layer_count if question.network.bias else 0)


def _last_unit_zero(a: Array, delta: Array) -> Array:
    gradient = a.T @ delta
    gradient[:, 1:][:, -1:] = 0
    return gradient


def _of_one_sample(sample: int) -> FaultyPass:
    return FaultyPass(weight_gradient=lambda a, d: np.outer(a[sample], d[sample]))


def _bias_of_one_sample(sample: int) -> FaultyPass:
    return FaultyPass(bias_gradient=lambda d: d[sample])


def _families() -> Iterator[Family]:
    yield Family(
        "the error signals of hidden units are clipped at {}",
        lambda c: FaultyPass(hidden_signal=lambda d: np.clip(d, -c, c)),
    )
    yield Family(
        "all error signals, those of outputs and of hidden units, are clipped at {}",
        lambda c: FaultyPass(
            output_change=lambda q, z, d: np.clip(d, -c, c), hidden_signal=lambda d: np.clip(d, -c, c)
        ),
    )
    yield Family(
        "error signals of hidden units below {} are flushed to 0",
        lambda c: FaultyPass(hidden_signal=lambda d: np.where(np.abs(d) < c, 0.0, d)),
        constants=_SMALL,
    )
    yield Family(
        "error signals of hidden units above {} are taken for 0",
        lambda c: FaultyPass(hidden_signal=lambda d: np.where(np.abs(d) > c, 0.0, d)),
        constants=_LARGE,
    )


_SMALL: Final = (*(10.0**-k for k in (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30)), 2.0**-126, 2.0**-149)
_LARGE: Final = (1.0, 5.0, 10.0, 100.0, 1000.0, 1e4, 1e5)
"""Limits that somebody may have written down."""


BACKWARD_FAULTS: Final = (*_signal_faults(), *_gradient_faults())
BACKWARD_FAMILIES: Final = tuple(_families())
