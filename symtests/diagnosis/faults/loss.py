"""Faults of the loss's derivative, and of how samples and outputs are counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from symtests.batch import Batch
from symtests.diagnosis.faults.fault import Family, Fault
from symtests.diagnosis.faults.faulty_pass import FaultyPass
from symtests.diagnosis.questions.question import Question
from symtests.float_json import Array
from symtests.network import LOSSES
from symtests.oracle.activations import derivative, logistic, value
from symtests.oracle.losses import coefficients, error_signal, softmax

__all__ = ["LOSS_FAMILIES", "LOSS_FAULTS", "with_softmax_of_sum_one"]

_Signal = Callable[[Question, Array], Array]
"""dL/dz of a question and its outputs."""


def _right(question: Question, z: Array) -> Array:
    return error_signal(question.network.loss, z, question.batch)


def _of_loss(loss: str, signal: _Signal) -> FaultyPass:
    """Return a pass that is wrong for one loss."""
    return FaultyPass(
        output_signal=lambda q, z: signal(q, z) if q.network.loss == loss else _right(q, z), implementation=loss
    )


def _with_targets(change: Callable[[Array], Array]) -> FaultyPass:
    return FaultyPass(batch=lambda batch: replace(batch, y=change(batch.y)))


def with_softmax_of_sum_one(passes: FaultyPass) -> FaultyPass:
    """Return passes whose error signal after a softmax is p - y, whatever the targets of a sample add up to."""

    def signal(question: Question, z: Array) -> Array:
        if question.network.loss != "softmax_cross_entropy":
            return _right(question, z)
        return coefficients(question.network.loss, question.batch) * (softmax(z) - question.batch.y)

    return replace(passes, output_signal=signal)


def _times(factor: Callable[[Question, Array], Array]) -> FaultyPass:
    """Return a pass whose error signal of the outputs is multiplied by something."""
    return FaultyPass(output_change=lambda q, z, delta: delta * factor(q, z))


def _masked(keep: Callable[[int], Array], axis: int, *, renewed_mean: bool = False) -> FaultyPass:
    """Return a pass that sees only some samples (axis 0) or outputs (axis 1), where there are several."""

    def change(question: Question, z: Array, delta: Array) -> Array:
        count = delta.shape[axis]
        mask = keep(count) if count > 1 else np.ones(1)
        scale = count / mask.sum() if renewed_mean else 1.0
        return scale * delta * (mask[:, None] if axis == 0 else mask)

    return FaultyPass(output_change=change)


def _whole_blocks(block: int) -> Callable[[int], Array]:
    return lambda n: (np.arange(n) < (n - n % block or n)) + 0.0


def _signal_of(loss: str) -> _Signal:
    return lambda question, z: error_signal(loss, z, question.batch)


def _own_weights(question: Question, z: Array) -> Array:
    weights = question.batch.sample_weights
    return np.ones((1, 1)) if weights is None else weights[:, None].astype(np.float64)


def _activated_outputs(question: Question, z: Array) -> Array:
    """Return dL/dz where the outputs pass through the activation of the last hidden layer before the loss."""
    if not question.network.activations:
        return _right(question, z)
    name = question.network.activations[-1]
    return _right(question, value(name, z)) * derivative(name, z)


def _activated_without_slope(question: Question, z: Array) -> Array:
    activations = question.network.activations
    return _right(question, value(activations[-1], z) if activations else z)


def _slope_at_outputs(question: Question, z: Array) -> Array:
    activations = question.network.activations
    return derivative(activations[-1], z) if activations else np.ones_like(z)


_MASKS: Final[tuple[tuple[str, Callable[[int], Array]], ...]] = (
    ("the first {} is left out", lambda n: (np.arange(n) > 0) + 0.0),
    ("the last {} is left out", lambda n: (np.arange(n) < n - 1) + 0.0),
    ("only the first {} is used", lambda n: (np.arange(n) == 0) + 0.0),
    ("only the last {} is used", lambda n: (np.arange(n) == n - 1) + 0.0),
)


_WEIGHT_CHANGES: Final[tuple[tuple[str, Callable[[Array], Array]], ...]] = (
    ("the sample weights are squared", np.square),
    ("the sample weights are taken in reverse order", lambda s: s[::-1]),
    ("each sample has the weight of the one before", lambda s: np.roll(s, 1)),
    ("each sample has the weight of the next", lambda s: np.roll(s, -1)),
    ("the roots of the sample weights are taken", np.sqrt),
)


_TARGET_CHANGES: Final[tuple[tuple[str, Callable[[Array], Array]], ...]] = (
    ("the targets are left out, as if they were 0", np.zeros_like),
    ("the targets are cut down to whole numbers", np.trunc),
    ("the targets are rounded to whole numbers", np.rint),
    ("the targets have the opposite sign", np.negative),
)


def _with_weights(change: Callable[[Array], Array]) -> FaultyPass:
    def changed(batch: Batch) -> Batch:
        weights = batch.sample_weights
        return batch if weights is None else replace(batch, sample_weights=change(weights))

    return FaultyPass(batch=changed)


def _hardened(y: Array) -> Array:
    hard: Array = np.eye(y.shape[1], dtype=y.dtype)[y.argmax(axis=1)]
    return hard


_MEANS: Final[tuple[tuple[str, _Signal], ...]] = (
    ("N times too large, N being the batch size: the mean over the batch is missing",
     lambda q, z: np.full((1, 1), float(q.samples))),
    ("m times too large, m being the number of outputs: the mean over the outputs is missing",
     lambda q, z: np.full((1, 1), float(q.outputs))),
    ("N times too small, N being the batch size: it is divided by N once more",
     lambda q, z: np.full((1, 1), 1.0 / q.samples)),
)  # fmt: skip
"""Factors of error signals, which another fault may come after: by themselves, they are factors of the gradient."""


def _scaled(loss: str, factor: float) -> FaultyPass:
    return _times(lambda q, z: np.full((1, 1), factor if q.network.loss == loss else 1.0))


def _faults() -> Iterator[Fault]:
    yield Fault("the sample weights are ignored", FaultyPass(batch=lambda batch: replace(batch, sample_weights=None)))
    yield Fault("the sample weights are multiplied in twice", _times(_own_weights))
    for words, change in _WEIGHT_CHANGES:
        yield Fault(words, _with_weights(change))
    for block in (2, 4, 8, 16):
        yield Fault(
            f"the samples behind the last whole block of {block} are left out: the remainder of a loop over {block}",
            _masked(_whole_blocks(block), 0),
        )
    for words, keep in _MASKS:
        yield Fault(words.format("sample"), _masked(keep, 0))
        yield Fault(f"{words.format('sample')}, and the mean is over the others", _masked(keep, 0, renewed_mean=True))
        yield Fault(words.format("output"), _masked(keep, 1))
    yield Fault("each output is compared with the target of the next", _with_targets(lambda y: np.roll(y, -1, axis=1)))
    yield Fault(
        "each output is compared with the target of the one before", _with_targets(lambda y: np.roll(y, 1, axis=1))
    )
    yield Fault(
        "each sample is compared with the target of the one before", _with_targets(lambda y: np.roll(y, 1, axis=0))
    )
    yield Fault("each sample is compared with the target of the next", _with_targets(lambda y: np.roll(y, -1, axis=0)))
    for words, changed in _TARGET_CHANGES:
        yield Fault(words, _with_targets(changed))
        yield Fault(words, with_softmax_of_sum_one(_with_targets(changed)))
    yield Fault("the largest target of a sample is taken for 1 and the others for 0", _with_targets(_hardened))
    every = "the gradient of every tensor is"
    for words, size in _MEANS:
        yield Fault(f"{every} {words}", _times(size))
    for loss in ("mse", "logistic_mse"):
        yield Fault(
            f"{every} 2 times too small, only for the loss {loss}: a factor of 2 is missing", _scaled(loss, 0.5), loss
        )
        yield Fault(f"{every} 2 times too large, only for the loss {loss}", _scaled(loss, 2.0), loss)
    for loss in LOSSES:
        yield from _faults_of(loss)
    yield Fault(
        "the error signals of the outputs, which are linear, are multiplied by the slope of the hidden activation",
        _times(_slope_at_outputs),
    )
    yield Fault(
        "the outputs pass through the activation of the hidden units before the loss, and its slope is left out",
        FaultyPass(output_signal=_activated_without_slope),
    )
    yield Fault(
        "the outputs pass through the activation of the hidden units before the loss",
        FaultyPass(output_signal=_activated_outputs),
    )


def _faults_of(loss: str) -> Iterator[Fault]:
    def fault(words: str, signal: _Signal) -> Fault:
        return Fault(f"for the loss {loss}, {words}", _of_loss(loss, signal), loss)

    shown = "the right error signal of the outputs is multiplied by"
    for once_more, name in ((" once more", "logistic"), ("", "tanh")):
        yield Fault(f"for the loss {loss}, {shown} {name}'(z){once_more}", _times(_slope_for(loss, name)), loss)
    if loss == "logistic_mse":
        yield fault(
            "the error signal of the outputs lacks the factor logistic'(z)",
            lambda q, z: coefficients(loss, q.batch) * 2 * (logistic(z) - q.batch.y),
        )
    if loss == "softmax_cross_entropy":
        yield fault(
            "the logistic function of each output takes the place of the softmax",
            lambda q, z: coefficients(loss, q.batch) * (logistic(z) - q.batch.y),
        )
        yield fault("the softmax is taken of the softmax", _softmax_twice)
        yield fault(
            "the softmax is taken over the samples in place of the classes",
            lambda q, z: coefficients(loss, q.batch) * (softmax(z.T).T - q.batch.y),
        )
        yield fault(
            "the softmax is differentiated as if its outputs were independent, by the diagonal of its Jacobian alone: "
            "the error signal should be p - y, and is -y (1 - p)",
            lambda q, z: -coefficients(loss, q.batch) * q.batch.y * (1 - softmax(z)),
        )
        yield fault(
            "the error signal p - y is multiplied by p (1 - p) once more, the diagonal of the softmax's Jacobian",
            lambda q, z: coefficients(loss, q.batch) * (softmax(z) - q.batch.y) * softmax(z) * (1 - softmax(z)),
        )
        for words, by in (("the next", -1), ("the one before", 1)):
            yield fault(f"each class is compared with the target of {words}", _rolled_targets(by))
    if loss == "mse":
        yield fault(
            "the error signal is the sign of the residual, which belongs to the absolute error",
            lambda q, z: coefficients(loss, q.batch) * np.sign(z - q.batch.y),
        )
    if loss == "bce":
        yield fault(
            "the outputs are taken for probabilities: z - y takes the place of logistic(z) - y",
            lambda q, z: coefficients(loss, q.batch) * (z - q.batch.y),
        )
    for other in LOSSES:
        if other != loss:
            yield fault(f"the error signal of the outputs is that of {other}", _signal_of(other))


def _slope_for(loss: str, name: str) -> _Signal:
    return lambda q, z: derivative(name, z) if q.network.loss == loss else np.ones_like(z)


def _softmax_twice(question: Question, z: Array) -> Array:
    p = softmax(z)
    inner = coefficients("softmax_cross_entropy", question.batch) * (softmax(p) - question.batch.y)
    return p * (inner - (p * inner).sum(axis=1, keepdims=True))


def _rolled_targets(by: int) -> _Signal:
    def signal(question: Question, z: Array) -> Array:
        batch = question.batch
        rolled = Batch(batch.x, np.roll(batch.y, by, axis=1), batch.sample_weights)
        return error_signal(question.network.loss, z, rolled)

    return signal


def _clipped_residuals(question: Question, z: Array, limit: float) -> Array:
    y = question.batch.y
    clipped = np.clip(z - y, -limit, limit)
    return coefficients("mse", question.batch) * 2 * clipped


def _smoothed(question: Question, z: Array, share: float) -> Array:
    batch = question.batch
    y = (1 - share) * batch.y.astype(np.float64) + share / batch.y.shape[1]
    return error_signal(question.network.loss, z, Batch(batch.x.astype(np.float64), y))


def _weighted_positives(question: Question, z: Array, weight: float) -> Array:
    y = question.batch.y
    return coefficients("bce", question.batch) * (logistic(z) * (1 + (weight - 1) * y) - weight * y)


def _slope_kept_up(question: Question, z: Array, least: float) -> Array:
    slope = np.maximum(derivative("logistic", z), least)
    return coefficients("logistic_mse", question.batch) * 2 * (logistic(z) - question.batch.y) * slope


def _families() -> Iterator[Family]:
    yield Family(
        "for the loss logistic_mse, the slope of the outputs never falls below {}, so that saturated ones go on "
        "learning",
        lambda c: _of_loss("logistic_mse", lambda q, z: _slope_kept_up(q, z, c)),
        "logistic_mse",
    )
    yield Family(
        "the outputs are cut off at {} on either side of 0, while error signals pass as if they were not",
        lambda c: FaultyPass(output_signal=lambda q, z: _right(q, np.clip(z, -c, c))),
    )
    yield Family(
        "for the loss mse, residuals are clipped at {}: the error signal of larger ones is that of the Huber loss",
        lambda c: _of_loss("mse", lambda q, z: _clipped_residuals(q, z, c)),
        "mse",
    )
    for loss in ("softmax_cross_entropy", "bce"):
        yield Family(
            f"for the loss {loss}, the targets are smoothed: y (1 - {{}}) + {{}} / outputs",
            _smoothing(loss),
            loss,
        )
    yield Family(
        "for the loss bce, targets of 1 weigh {} times as much as targets of 0",
        lambda c: _of_loss("bce", lambda q, z: _weighted_positives(q, z, c)),
        "bce",
    )
    yield Family(
        "the error signals of the outputs are clipped at {}",
        lambda c: FaultyPass(output_change=lambda q, z, delta: np.clip(delta, -c, c)),
    )


def _smoothing(loss: str) -> Callable[[float], FaultyPass]:
    return lambda c: _of_loss(loss, lambda q, z: _smoothed(q, z, c))


LOSS_FAULTS: Final = tuple(_faults())
LOSS_FAMILIES: Final = tuple(_families())
