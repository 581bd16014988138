"""Faults of the forward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from symtests.diagnosis.faults.fault import Family, Fault
from symtests.diagnosis.faults.faulty_pass import FaultyPass
from symtests.diagnosis.questions.question import Question
from symtests.float_json import Array
from symtests.oracle.activations import derivative, value
from symtests.oracle.losses import error_signal

__all__ = ["FORWARD_FAMILIES", "FORWARD_FAULTS"]


def _forward(change: Callable[[Array, Array, Array], Array]) -> FaultyPass:
    return FaultyPass(pre_activation=change)


def _remainder_without_bias(block: int) -> FaultyPass:
    def pre_activation(below: Array, weight: Array, bias: Array) -> Array:
        z = below @ weight + bias
        rest = z.shape[1] - z.shape[1] % block
        if rest:
            z[:, rest:] = below @ weight[:, rest:]
        return z

    return _forward(pre_activation)


def _square_transposed(weight: Array) -> Array:
    """Return the transpose of W, where the shape allows it."""
    return weight.T if weight.shape[0] == weight.shape[1] else weight


def _cut(count: int, block: int) -> int:
    """Return how many of `count` terms lie in whole blocks; all where there is no whole block."""
    return count - count % block or count


def _cut_product(block: int) -> Callable[[Array, Array, Array], Array]:
    def product(a: Array, w: Array, b: Array) -> Array:
        kept = _cut(len(w), block)
        return a[:, :kept] @ w[:kept] + b

    return product


def _all_products_cut(block: int) -> FaultyPass:
    def product(a: Array, b: Array) -> Array:
        kept = _cut(len(b), block)
        return a[:, :kept] @ b[:kept]

    return FaultyPass(
        pre_activation=lambda a, w, b: product(a, w) + b,
        sent_back=lambda above, w, q: product(above, w.T),
        weight_gradient=lambda a, d: product(a.T, d),
        bias_gradient=lambda d: d[: _cut(len(d), block)].sum(axis=0),
    )


def _scaled_by_width(power: float, of: str) -> Iterator[Fault]:
    def forward(a: Array, w: Array, b: Array) -> Array:
        return a @ w / len(w) ** power + b

    def back(above: Array, w: Array, _: Question) -> Array:
        return above @ w.T / len(w) ** power

    both = f"each sum of both passes over the units below is divided by {of}"
    yield Fault(f"each sum of the forward pass is divided by {of}, and error signals are not", _forward(forward))
    yield Fault(both, FaultyPass(
        pre_activation=forward, sent_back=back, weight_gradient=lambda a, d: a.T @ d / a.shape[1] ** power
    ))  # fmt: skip
    yield Fault(f"{both}, but the weight gradient is not", FaultyPass(pre_activation=forward, sent_back=back))


def _faults() -> Iterator[Fault]:
    yield Fault("the biases are left out of the forward pass", _forward(lambda a, w, b: a @ w))
    yield Fault("the biases are subtracted", _forward(lambda a, w, b: a @ w - b))
    for block in (4, 8, 16):
        yield Fault(
            f"units behind the last whole block of {block} get no bias in the forward pass: the remainder of a loop "
            f"over {block} units",
            _remainder_without_bias(block),
        )
    for block in (2, 4, 8, 16):
        rest = f"leave out what lies behind the last whole block of {block}: the remainder of a loop over {block} terms"
        yield Fault(f"the sums of the forward pass over the units below {rest}", _forward(_cut_product(block)))
        yield Fault(f"all sums {rest}", _all_products_cut(block))
    for power, of in ((0.5, "the root of its fan-in"), (1.0, "its fan-in")):
        yield from _scaled_by_width(power, of)
    yield from _mixing_faults()
    yield Fault("the inputs are cut down to whole numbers", FaultyPass(inputs=np.trunc))
    yield Fault(
        "the forward pass multiplies by the transpose of W where W is square",
        _forward(lambda a, w, b: a @ _square_transposed(w) + b),
    )
    yield Fault(
        "the forward pass reads W column by column from memory that holds rows",
        _forward(lambda a, w, b: a @ w.ravel().reshape(w.shape, order="F") + b),
    )
    for words, by in (("the unit before", 1), ("the next unit", -1)):
        yield Fault(
            f"the forward pass takes each unit's outgoing weights from the row of {words}",
            _forward(_rolled_rows(by)),
        )
    yield Fault(
        "from each feature its mean over the samples is subtracted", FaultyPass(inputs=lambda x: x - x.mean(axis=0))
    )
    yield Fault(
        "from each sample the mean of its features is subtracted",
        FaultyPass(inputs=lambda x: x - x.mean(axis=1, keepdims=True)),
    )
    yield Fault("the inputs are divided by the largest of them", FaultyPass(inputs=lambda x: x / np.abs(x).max()))
    yield Fault(
        "each sample is divided by its length",
        FaultyPass(inputs=lambda x: x / np.sqrt((x * x).sum(axis=1, keepdims=True))),
    )
    yield Fault(
        "the inputs are standardized over the samples",
        FaultyPass(inputs=lambda x: (x - x.mean(axis=0)) / x.std(axis=0)),
    )
    for which, dropped in (("last", -1), ("first", 0)):
        yield Fault(
            f"the {which} unit of each hidden layer is dropped, as dropout does in training",
            _without_unit(dropped),
        )


def _mixing_faults() -> Iterator[Fault]:
    """Yield faults in which units of a layer, or samples of a batch, have a part in each other."""
    yield Fault(
        "the activations of the hidden layer below are added to those of a hidden layer of the same width, in the "
        "forward pass alone",
        FaultyPass(joined=lambda a, below, layer: a + below if layer and a.shape == below.shape else a),
    )
    for share, words in ((0.5, "half of "), (1.0, "")):
        for axis, over in ((1, "over the units of a layer"), (0, "over the samples")):
            yield Fault(
                f"from pre-activations of hidden units {words}their mean {over} is subtracted",
                FaultyPass(activate=_less_mean(share, axis), slope=_slope_less_mean(share, axis)),
            )
            yield Fault(
                f"from pre-activations of hidden units {words}their mean {over} is subtracted, and slopes are taken "
                "where they were before",
                FaultyPass(activate=_less_mean(share, axis)),
            )


def _less_mean(share: float, axis: int) -> Callable[[str, Array], Array]:
    return lambda name, z: value(name, z - share * z.mean(axis=axis, keepdims=True))


def _slope_less_mean(share: float, axis: int) -> Callable[[Question, str, Array, Array], Array]:
    return lambda q, name, z, a: derivative(name, z - share * z.mean(axis=axis, keepdims=True), q.at_zero)


def _rolled_rows(by: int) -> Callable[[Array, Array, Array], Array]:
    return lambda a, w, b: a @ np.roll(w, by, axis=0) + b


def _without_unit(unit: int) -> FaultyPass:
    def activate(name: str, z: Array) -> Array:
        a = value(name, z)
        a[:, unit] = 0
        return a

    return FaultyPass(activate=activate)


def _smaller_weights_replaced(least: float) -> FaultyPass:
    def replaced(weight: Array) -> Array:
        return np.where(weight == 0, least, weight)

    return FaultyPass(
        pre_activation=lambda a, w, b: a @ replaced(w) + b, sent_back=lambda above, w, q: above @ replaced(w).T
    )


def _capped(cap: float) -> FaultyPass:
    def slope(q: Question, name: str, z: Array, a: Array) -> Array:
        return derivative(name, z, q.at_zero) * (value(name, z) < cap)

    return FaultyPass(activate=lambda name, z: np.minimum(value(name, z), cap), slope=slope)


def _input_added(share: float) -> FaultyPass:
    def signal(question: Question, z: Array) -> Array:
        shift = share * question.batch.x.astype(np.float64).mean(axis=1, keepdims=True)
        return error_signal(question.network.loss, z + shift, question.batch)

    return FaultyPass(output_signal=signal)


def _families() -> Iterator[Family]:
    yield Family("the inputs are clipped at {}", lambda c: FaultyPass(inputs=lambda x: np.clip(x, -c, c)))
    yield Family("the inputs are multiplied by {}", lambda c: FaultyPass(inputs=lambda x: c * x))
    yield Family(
        "the activations of hidden units are multiplied by {}, in the forward pass alone",
        lambda c: FaultyPass(activate=lambda name, z: c * value(name, z)),
    )
    yield Family(
        "the activations of hidden units are multiplied by {}, in both passes",
        lambda c: FaultyPass(
            activate=lambda name, z: c * value(name, z), slope=lambda q, name, z, a: c * derivative(name, z, q.at_zero)
        ),
    )
    yield Family(
        "the activations of hidden layers of several units are multiplied by {}, in the forward pass alone",
        lambda c: FaultyPass(activate=lambda name, z: (c if z.shape[1] > 1 else 1.0) * value(name, z)),
    )
    yield Family("activations are capped at {}, and units that are pass no error signal back", _capped)
    yield Family(
        "activations are capped at {}, and units that are pass error signals back as if they were not",
        lambda c: FaultyPass(activate=lambda name, z: np.minimum(value(name, z), c)),
    )
    yield Family("weights that are 0 are replaced by {}", _smaller_weights_replaced)
    yield Family("{} times the mean input is added to every output", _input_added)
    yield Family(
        "the biases are multiplied by {} in the forward pass",
        lambda c: FaultyPass(pre_activation=lambda a, w, b: a @ w + c * b),
    )
    yield Family(
        "the weights are multiplied by {} in the forward pass",
        lambda c: FaultyPass(pre_activation=lambda a, w, b: c * (a @ w) + b),
    )


FORWARD_FAULTS: Final = tuple(_faults())
FORWARD_FAMILIES: Final = tuple(_families())
