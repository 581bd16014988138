"""Faults of how error signals are sent back, and of how gradients are formed with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from symtests.diagnosis.faults.fault import Family, Fault
from symtests.diagnosis.faults.faulty_pass import FaultyPass
from symtests.diagnosis.questions.question import Question
from symtests.float_json import Array

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


BACKWARD_FAULTS: Final = (*_signal_faults(), *_gradient_faults())
BACKWARD_FAMILIES: Final = tuple(_families())
