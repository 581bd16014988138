"""Faults of the data that the passes are given: targets, features, samples and their weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from symtests.batch import Batch
from symtests.diagnosis.faults.fault import Family, Fault
from symtests.diagnosis.faults.faulty_pass import FaultyPass
from symtests.diagnosis.faults.loss import with_softmax_of_sum_one
from symtests.diagnosis.questions.question import Question
from symtests.float_json import Array

__all__ = ["DATA_FAMILIES", "DATA_FAULTS"]

_Chosen = NDArray[np.bool_]

_BLOCKS: Final = (8.0, 10.0, 16.0, 20.0, 25.0, 30.0, 32.0, 50.0, 64.0, 100.0, 128.0, 200.0, 250.0, 256.0)
"""Sizes at which somebody may have cut off a batch."""


def _targets(change: Callable[[Batch], Array]) -> FaultyPass:
    return FaultyPass(batch=lambda batch: replace(batch, y=change(batch).astype(np.float64)))


def _features(change: Callable[[Array], Array]) -> FaultyPass:
    return FaultyPass(inputs=change)


def _padded(x: Array, like: Array) -> Array:
    """Return the first columns, with 0 for missing ones."""
    found = np.zeros(like.shape)
    width = min(x.shape[1], like.shape[1])
    found[:, :width] = x[:, :width]
    return found


_INPUTS: Final = "the inputs are taken for the targets"
_TARGETS: Final[tuple[tuple[str, Callable[[Batch], Array]], ...]] = (
    ("the targets of the samples are reversed, the last sample's being taken for the first", lambda b: b.y[::-1]),
    ("the targets of each sample are reversed, the last output's being taken for the first", lambda b: b.y[:, ::-1]),
    ("1 - y is taken for the targets y", lambda b: 1 - b.y),
    ("the targets are rounded down to whole numbers", lambda b: np.floor(b.y)),
    ("the targets are rounded up to whole numbers", lambda b: np.ceil(b.y)),
    ("targets above 0 are taken for 1 and the others for 0", lambda b: (b.y > 0) + 0.0),
    ("targets above 1/2 are taken for 1 and the others for 0", lambda b: (b.y > 0.5) + 0.0),
    ("targets from 1/2 on are taken for 1 and the others for 0", lambda b: (b.y >= 0.5) + 0.0),
    ("the signs of the targets are taken for them", lambda b: np.sign(b.y)),
    ("the absolute values of the targets are taken for them", lambda b: np.abs(b.y)),
    (f"{_INPUTS}, over again where there are fewer", lambda b: np.resize(b.x, b.y.shape)),
    (f"{_INPUTS}, the first of each sample", lambda b: _padded(b.x, b.y)),
    (f"{_INPUTS}, the first of each sample and these over again", lambda b: _tiled(b.x, b.y.shape[1])),
    ("from the targets their mean over the samples is subtracted", lambda b: b.y - b.y.mean(axis=0)),
    ("the first sample's targets are taken for all samples", lambda b: _same_rows(b.y, 0)),
    ("the last sample's targets are taken for all samples", lambda b: _same_rows(b.y, -1)),
)  # fmt: skip


def _target_faults() -> Iterator[Fault]:
    for words, change in _TARGETS:
        yield Fault(words, _targets(change))
        yield Fault(words, with_softmax_of_sum_one(_targets(change)))


def _tiled(x: Array, width: int) -> Array:
    tiled: Array = np.tile(x, (1, -(-width // x.shape[1])))[:, :width]
    return tiled


def _same_rows(y: Array, row: int) -> Array:
    same: Array = np.broadcast_to(y[row], y.shape)
    return same


def _without(chosen: Callable[[Array], _Chosen]) -> Callable[[Array], Array]:
    """Return what puts 0 for the features that are chosen."""
    return lambda x: np.where(chosen(x), 0.0, x)


def _is_duplicate(x: Array) -> _Chosen:
    columns = [x[:, column].tobytes() for column in range(x.shape[1])]
    return np.array([column in columns[:at] for at, column in enumerate(columns)])


def _feature_faults() -> Iterator[Fault]:
    yield Fault(
        "features that are the same in all samples are left out", _features(_without(lambda x: np.ptp(x, axis=0) == 0))
    )
    yield Fault("features that others repeat are left out", _features(_without(_is_duplicate)))
    for words, column in (("last", -1), ("first", 0)):
        yield Fault(f"the {words} feature is left out", _features(_without_column(column)))
    yield Fault("the features of a sample are taken in reverse order", _features(lambda x: x[:, ::-1]))
    yield Fault("the samples' inputs are taken in reverse order", _features(lambda x: x[::-1]))
    yield Fault("each sample has the inputs of the one before", _features(lambda x: np.roll(x, 1, axis=0)))
    yield Fault("each sample has the inputs of the next", _features(lambda x: np.roll(x, -1, axis=0)))
    yield Fault("the absolute values of the inputs are taken for them", _features(np.abs))
    yield Fault("the inputs are rounded to whole numbers", _features(np.rint))
    yield Fault("the inputs have the opposite sign", _features(np.negative))
    yield Fault("inputs below 0 are replaced by 0", _features(lambda x: np.maximum(x, 0)))
    yield Fault(
        "the inputs are scaled to run from 0 to 1 in each feature",
        _features(lambda x: (x - x.min(axis=0)) / np.ptp(x, axis=0)),
    )
    for name, bits in (("float16", 11), ("bfloat16", 8), ("float32", 24)):
        yield Fault(f"the inputs are kept with {bits} bits, as many as {name} has", _features(_with_bits(bits)))
        yield Fault(
            f"the factors of all products are rounded to {bits} bits, as many as "
            f"{'TensorFloat or float16' if bits == 11 else name} has",
            _products_of(_with_bits(bits)),
        )


def _with_bits(bits: int) -> Callable[[Array], Array]:
    def rounded(numbers: Array) -> Array:
        mantissa, exponent = np.frexp(numbers)
        found: Array = np.ldexp(np.rint(mantissa * 2.0**bits) / 2.0**bits, exponent)
        return found

    return rounded


def _products_of(rounded: Callable[[Array], Array]) -> FaultyPass:
    return FaultyPass(
        pre_activation=lambda a, w, b: rounded(a) @ rounded(w) + b,
        sent_back=lambda above, w, q: rounded(above) @ rounded(w).T,
        weight_gradient=lambda a, d: rounded(a).T @ rounded(d),
    )


def _without_column(column: int) -> Callable[[Array], Array]:
    def change(x: Array) -> Array:
        changed = x.copy()
        changed[:, column] = 0.0
        return changed

    return change


def _chosen_samples(keep: Callable[[Batch], _Chosen], *, renewed_mean: bool) -> FaultyPass:
    """Return a pass that leaves out the samples that are not kept, whose mean is over the others or over all."""

    def change(question: Question, z: Array, delta: Array) -> Array:
        kept = keep(question.batch)
        weights = question.batch.sample_weights
        every = np.ones(len(kept)) if weights is None else weights.astype(np.float64)
        scale = every.sum() / every[kept].sum() if renewed_mean and kept.any() else 1.0
        return scale * delta * kept[:, None]

    return FaultyPass(output_change=change)


def _outliers(deviations: float) -> Callable[[Batch], _Chosen]:
    def keep(batch: Batch) -> _Chosen:
        x = batch.x.astype(np.float64)
        spread = x.std(axis=0)
        near: _Chosen = np.abs(x - x.mean(axis=0)) <= deviations * np.where(spread > 0, spread, np.inf)
        return np.asarray(near.all(axis=1))

    return keep


_RENEWED: Final = (("", False), (", and the mean is over the others", True))


def _sample_faults() -> Iterator[Fault]:
    for words, renewed in _RENEWED:
        for deviations in (2.0, 3.0):
            yield Fault(
                f"samples with a feature more than {deviations:g} standard deviations from its mean are left out"
                f"{words}",
                _chosen_samples(_outliers(deviations), renewed_mean=renewed),
            )
        yield Fault(
            f"every second sample is left out{words}",
            _chosen_samples(lambda batch: np.arange(len(batch)) % 2 == 0, renewed_mean=renewed),
        )
        yield Fault(
            f"samples that repeat others are left out{words}", _chosen_samples(_first_of_its_kind, renewed_mean=renewed)
        )


def _first_of_its_kind(batch: Batch) -> _Chosen:
    rows = [x.tobytes() + y.tobytes() for x, y in zip(batch.x, batch.y, strict=True)]
    return np.array([row not in rows[:at] for at, row in enumerate(rows)])


def _families() -> Iterator[Family]:
    for words, renewed in _RENEWED:
        yield Family(
            f"batches are cut off: the samples after the first {{}} are left out{words}",
            _cut_off(renewed_mean=renewed),
            constants=_BLOCKS,
        )
        yield Family(
            f"samples with an input above {{}} are left out{words}",
            _without_large(renewed_mean=renewed),
            constants=(2.0, 3.0, 5.0, 10.0, 100.0, 1000.0, 1e4),
        )
    yield Family("the targets are clipped at {}", lambda c: _targets(lambda batch: np.clip(batch.y, -c, c)))
    yield Family("the targets are multiplied by {}", lambda c: _targets(lambda batch: c * batch.y))
    yield Family("{} is added to the targets", lambda c: _targets(lambda batch: batch.y + c))
    yield Family("{} is added to the inputs", lambda c: _features(lambda x: x + c))


def _cut_off(*, renewed_mean: bool) -> Callable[[float], FaultyPass]:
    return lambda c: _chosen_samples(lambda batch: np.arange(len(batch)) < c, renewed_mean=renewed_mean)


def _without_large(*, renewed_mean: bool) -> Callable[[float], FaultyPass]:
    def with_limit(limit: float) -> FaultyPass:
        def keep(batch: Batch) -> _Chosen:
            return np.asarray((np.abs(batch.x) <= limit).all(axis=1))

        return _chosen_samples(keep, renewed_mean=renewed_mean)

    return with_limit


DATA_FAULTS: Final = (*_target_faults(), *_feature_faults(), *_sample_faults())
DATA_FAMILIES: Final = tuple(_families())
