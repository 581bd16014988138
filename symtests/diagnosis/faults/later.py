"""Faults of what is done with a right gradient: rows moved, clipped, penalized, taken elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from symtests.diagnosis.faults.fault import Family, Fault, Gradient
from symtests.diagnosis.questions.question import Question, tensors
from symtests.float_json import Array
from symtests.network import Network
from symtests.parameters import Parameters

__all__ = ["LATER_FAMILIES", "LATER_FAULTS", "right_gradient"]

_Change = Callable[[Array], Array]
"""Of one weight matrix, shape (fan_in, fan_out)."""


def right_gradient(question: Question, theta: Array | None = None) -> Array:
    """Return the gradient in the way of the question, shape (n,), at other parameters where `theta` is given."""
    if theta is None:
        return question.gradient.copy()
    return replace(question, parameters=Parameters(question.network, theta)).gradient


def _weights_changed(change: _Change, layers: Callable[[Network], range]) -> Callable[[Question], Array]:
    def gradient(question: Question) -> Array:
        found = Parameters(question.network, right_gradient(question))
        for layer in layers(question.network):
            found.weight(layer)[...] = change(found.weight(layer))
        return found.vector

    return gradient


_LAYERS: Final[tuple[tuple[str, Callable[[Network], range]], ...]] = (
    ("of every weight matrix", lambda network: range(network.layer_count)),
    ("of W1", lambda network: range(1)),
    ("of the weights between hidden layers", lambda network: range(1, network.layer_count - 1)),
    ("of the weights of hidden layers", lambda network: range(network.layer_count - 1)),
    ("of the output weights", lambda network: range(network.layer_count - 1, network.layer_count)),
)


def _zeroed(index: int | slice, axis: int) -> _Change:
    def change(weight: Array) -> Array:
        changed = weight.copy()
        changed[(index if axis == 0 else slice(None)), (index if axis == 1 else slice(None))] = 0
        return changed

    return change


_CHANGES: Final[tuple[tuple[str, _Change], ...]] = (
    ("each row of the gradient {} stands one row further down", lambda w: np.roll(w, 1, axis=0)),
    ("each row of the gradient {} stands one row further up", lambda w: np.roll(w, -1, axis=0)),
    ("each column of the gradient {} stands one column further right", lambda w: np.roll(w, 1, axis=1)),
    ("each column of the gradient {} stands one column further left", lambda w: np.roll(w, -1, axis=1)),
    ("the rows of the gradient {} stand in reverse order", lambda w: w[::-1]),
    ("the columns of the gradient {} stand in reverse order", lambda w: w[:, ::-1]),
    ("the gradient {} is averaged over the units of the layer",
     lambda w: np.broadcast_to(w.mean(1, keepdims=True), w.shape)),
    ("the gradient {} is averaged over the inputs of the layer", lambda w: np.broadcast_to(w.mean(0), w.shape)),
    ("each column of the gradient {} is divided by its length", lambda w: w / np.sqrt((w * w).sum(axis=0))),
    ("each row of the gradient {} is divided by its length", lambda w: w / np.sqrt((w * w).sum(axis=1, keepdims=True))),
    ("the last row of the gradient {} is 0: a loop over the inputs of the layer ends one too early", _zeroed(-1, 0)),
    ("the first row of the gradient {} is 0: a loop over the inputs of the layer begins one too late", _zeroed(0, 0)),
    ("the last column of the gradient {} is 0: a loop over the units of the layer ends one too early", _zeroed(-1, 1)),
    ("the first column of the gradient {} is 0: a loop over the units of the layer begins one too late", _zeroed(0, 1)),
)  # fmt: skip


def _rounded(numbers: Array, bits: int) -> Array:
    mantissa, exponent = np.frexp(numbers)
    return np.ldexp(np.rint(mantissa * 2.0**bits) / 2.0**bits, exponent)


def _rounding_faults(name: str, bits: int) -> Iterator[Fault]:
    yield Fault(
        f"the gradient is rounded to {bits} bits, as many as {name} has", lambda q: _rounded(right_gradient(q), bits)
    )
    yield Fault(
        f"the parameters are rounded to {bits} bits, as many as {name} has",
        lambda q: right_gradient(q, _rounded(q.theta, bits)),
    )


def _layers_rounded(layers: Callable[[Network], range], bits: int) -> Callable[[Question], Array]:
    def gradient(question: Question) -> Array:
        theta = Parameters(question.network, question.theta.copy())
        for layer in layers(question.network):
            theta.weight(layer)[...] = _rounded(theta.weight(layer), bits)
        return right_gradient(question, theta.vector)

    return gradient


def _biases_rounded(bits: int) -> Callable[[Question], Array]:
    def gradient(question: Question) -> Array:
        theta = Parameters(question.network, question.theta.copy())
        for bias in theta.biases:
            bias[...] = _rounded(bias, bits)
        return right_gradient(question, theta.vector)

    return gradient


def _without_biases(theta: Parameters, layers: range) -> None:
    for layer in layers:
        theta.bias(layer)[...] = 0


def _read_by_columns(theta: Parameters) -> None:
    for weight in theta.weights:
        weight[...] = weight.ravel().reshape(weight.shape, order="F")


def _divided_by_width(power: float) -> Callable[[Parameters], None]:
    def change(theta: Parameters) -> None:
        for weight in theta.weights:
            weight[...] /= len(weight) ** power

    return change


_OTHER_PARAMETERS: Final[tuple[tuple[str, Callable[[Parameters], None]], ...]] = (
    ("the output biases are 0", lambda p: _without_biases(p, range(p.network.layer_count - 1, p.network.layer_count))),
    ("the biases of the first layer are 0", lambda p: _without_biases(p, range(1))),
    ("the hidden biases are 0", lambda p: _without_biases(p, range(p.network.layer_count - 1))),
    ("the matrices are read column by column from memory that holds rows",
     _read_by_columns),
    ("each W is divided by the root of its fan-in", _divided_by_width(0.5)),
    ("each W is divided by its fan-in", _divided_by_width(1.0)),
)  # fmt: skip


def _at_other_parameters(change: Callable[[Parameters], None]) -> Callable[[Question], Array]:
    def gradient(question: Question) -> Array:
        theta = Parameters(question.network, question.theta.copy())
        change(theta)
        return right_gradient(question, theta.vector)

    return gradient


def _normalized(question: Question, *, each_tensor: bool = False, limit: float | None = None) -> Array:
    """Return the gradient with the length 1, or with at most the length `limit`."""
    g = right_gradient(question)
    parts = [tensor.where for tensor in tensors(question.network)] if each_tensor else [slice(None)]
    for part in parts:
        length = float(np.sqrt((g[part] ** 2).sum()))
        if length > 0 and (limit is None or length > limit):
            g[part] *= (1.0 if limit is None else limit) / length
    return g


def _faults() -> Iterator[Fault]:
    for where, layers in _LAYERS:
        for words, change in _CHANGES:
            yield Fault(words.format(where), _weights_changed(change, layers))
    yield Fault("every component of the gradient is replaced by its sign", lambda q: np.sign(right_gradient(q)))
    yield Fault(
        "every component of the gradient is replaced by its absolute value", lambda q: np.abs(right_gradient(q))
    )
    for name, bits in (("bfloat16", 8), ("float16", 11), ("float32", 24)):
        yield from _rounding_faults(name, bits)
        for where, layers in _LAYERS[1:]:
            yield Fault(
                f"the numbers {where} are kept with {bits} bits, as many as {name} has",
                _layers_rounded(layers, bits),
            )
        yield Fault(f"the biases are kept with {bits} bits, as many as {name} has", _biases_rounded(bits))
    for words, moved in _OTHER_PARAMETERS:
        yield Fault(f"the gradient is that of other parameters: {words}", _at_other_parameters(moved))
    yield Fault("the gradient is divided by its length", _normalized)
    yield Fault("the gradient of each tensor is divided by its length", lambda q: _normalized(q, each_tensor=True))


def _weights_of(question: Question) -> Array:
    """Return the parameters with 0 in place of the biases."""
    chosen = question.theta.copy()
    for layer in range(question.network.layer_count):
        chosen[question.network.bias_slice(layer)] = 0
    return chosen


def _output_bias_shifted(question: Question) -> Array:
    return np.ones_like(question.theta)


_PENALTIES: Final[tuple[tuple[str, Callable[[Question], Array]], ...]] = (
    ("the gradient has {} theta added, as weight decay of {} does", lambda q: q.theta),
    ("the gradient of the weights has {} W added, as weight decay of {} without biases does", _weights_of),
    ("the gradient has {} theta / N added, N being the batch size: weight decay of {}", lambda q: q.theta / q.samples),
    ("the gradient of the weights has {} W / N added, N being the batch size: weight decay of {} without biases",
     lambda q: _weights_of(q) / q.samples),
    ("the gradient has {} sign(theta) added, as a penalty on absolute values does", lambda q: np.sign(q.theta)),
    ("the gradient of the weights has {} sign(W) added, as a penalty on their absolute values does",
     lambda q: np.sign(_weights_of(q))),
    ("every component of the gradient has {} added", _output_bias_shifted),
)  # fmt: skip


def _with_penalty(penalty: Callable[[Question], Array]) -> Callable[[float], Gradient]:
    return lambda factor: lambda question: right_gradient(question) + factor * penalty(question)


_SMALL: Final = (*(10.0**-k for k in (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30)), 2.0**-126, 2.0**-149)
_LARGE: Final = (1.0, 5.0, 10.0, 100.0, 1000.0, 1e4, 1e5)
"""Limits that somebody may have written down."""


def _flushed(gradient: Array, limit: float) -> Array:
    return np.where(np.abs(gradient) < limit, 0.0, gradient)


def _zero_above(gradient: Array, limit: float) -> Array:
    return np.where(np.abs(gradient) > limit, 0.0, gradient)


def _flushed_tensors(question: Question, limit: float) -> Array:
    g = right_gradient(question)
    for tensor in tensors(question.network):
        if np.sqrt((g[tensor.where] ** 2).sum()) < limit:
            g[tensor.where] = 0.0
    return g


def _families() -> Iterator[Family]:
    for words, penalty in _PENALTIES:
        yield Family(words, _with_penalty(penalty))
    yield Family(
        "components of the gradient below {} are flushed to 0",
        lambda c: lambda q: _flushed(right_gradient(q), c),
        constants=_SMALL,
    )
    yield Family(
        "each tensor of the gradient is replaced by 0 where its length is below {}",
        lambda c: lambda q: _flushed_tensors(q, c),
        constants=_SMALL,
    )
    yield Family(
        "components of the gradient above {} are replaced by 0",
        lambda c: lambda q: _zero_above(right_gradient(q), c),
        constants=_LARGE,
    )
    yield Family(
        "the parameters are clipped at {}",
        lambda c: lambda q: right_gradient(q, np.clip(q.theta, -c, c)),
    )
    yield Family(
        "the components of the gradient are clipped at {}", lambda c: lambda q: np.clip(right_gradient(q), -c, c)
    )
    yield Family(
        "the gradient is shortened to the length {} where it is longer", lambda c: lambda q: _normalized(q, limit=c)
    )
    yield Family(
        "the gradient of each tensor is shortened to the length {} where it is longer",
        lambda c: lambda q: _normalized(q, each_tensor=True, limit=c),
    )
    yield Family(
        "the gradient is that of the parameters after a step of learning rate {}",
        lambda c: lambda q: right_gradient(q, q.theta - c * right_gradient(q)),
    )
    yield Family(
        "the gradient is that of the parameters multiplied by {}", lambda c: lambda q: right_gradient(q, c * q.theta)
    )


LATER_FAULTS: Final = tuple(_faults())
LATER_FAMILIES: Final = tuple(_families())
