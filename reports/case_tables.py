"""A counterexample laid out so that it can be followed by hand: its weights, its samples, its training."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from symtests.float_json import float_dtype
from symtests.network import Network
from symtests.reports.number_words import compact, counted, short_weight
from symtests.reports.record import Record
from symtests.validation import InvalidValue

__all__ = ["CaseTable", "CaseView", "case_view", "training_words"]

_LARGEST: Final = 8
"""Rows and columns of a matrix that are shown; a larger one is cut, and says so."""

_LONGEST_DETAIL: Final = 60

_SETTINGS: Final = {
    "momentum": ("momentum",),
    "nesterov": ("momentum",),
    "adam": ("mean_decay", "square_decay", "epsilon"),
    "adamw": ("mean_decay", "square_decay", "epsilon", "weight_decay"),
    "rmsprop": ("square_decay", "epsilon"),
    "adagrad": ("epsilon",),
}
"""The settings that each optimizer uses, besides the learning rate."""


@dataclass(frozen=True)
class CaseTable:
    """A matrix with names for its rows and columns; `note` says what was left out."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    note: str = ""


@dataclass(frozen=True)
class CaseView:
    """A case in words and tables: one table for each layer, one for the samples; all is counted from 0.

    `details` says what else the property was asked about, as in ``unit 0, twin 1``.
    """

    network: str
    training: str
    details: str
    tables: tuple[CaseTable, ...]


def case_view(case: Record) -> CaseView:
    """Lay out the JSON form of a `symtests.properties.base.Case`.

    Raises
    ------
    InvalidValue
        Where it is no such thing.
    """
    described = case.plain("network")
    try:
        network = Network.from_json(described)
    except (InvalidValue, KeyError, TypeError) as error:
        raise InvalidValue(f"{case.place}: case.network: {error}") from None
    return CaseView(
        _network_words(network),
        training_words(case.record("training")),
        ", ".join(f"{name.replace('_', ' ')} {_brief(value)}" for name, value in case.plain("details").items()),
        (*_layer_tables(network, case.record("parameters")), _sample_table(network, case.record("batch"))),
    )


def _brief(value: Any) -> str:
    """Return JSON data as short text; the script has it whole."""
    text = json.dumps(value, ensure_ascii=False).strip('"')
    return text if len(text) <= _LONGEST_DETAIL else text[:_LONGEST_DETAIL] + "…"


def _network_words(network: Network) -> str:
    """Describe a network: ``2-3-1 network, tanh, mse``."""
    kinds = " and ".join(dict.fromkeys(network.activations))
    words = ["-".join(str(size) for size in network.sizes) + " network", kinds or "no hidden layer", network.loss]
    return ", ".join(words if network.bias else [*words, "no biases"])


def training_words(training: Record) -> str:
    """Describe a training: ``1 step of adam, learning rate 0.1, epsilon 0.5``."""
    optimizer = training.text("optimizer")
    settings = ["learning_rate", *_SETTINGS.get(optimizer, ())]
    values = (f"{name.replace('_', ' ')} {compact(training.number(name), 4)}" for name in settings)
    return f"{counted(training.count('steps'), 'step')} of {optimizer}, {', '.join(values)}"


def _layer_tables(network: Network, parameters: Record) -> list[CaseTable]:
    dtype, vector = _dtype(parameters), parameters.numbers("vector")
    if len(vector) != network.parameter_count:
        raise InvalidValue(
            f"{parameters.place}: case.parameters.vector: has {len(vector)} numbers, "
            f"but a network of sizes {network.sizes} has {network.parameter_count}"
        )
    tables = []
    for layer in range(network.layer_count):
        fan_in, fan_out = network.sizes[layer], network.sizes[layer + 1]
        last = layer == network.layer_count - 1
        flat = vector[network.weight_slice(layer)]
        names = [f"{'unit' if layer else 'input'} {k}" for k in range(fan_in)]
        rows = [flat[k * fan_out : (k + 1) * fan_out] for k in range(fan_in)]
        if network.bias:
            names, rows = [*names, f"bias b{layer + 1}"], [*rows, vector[network.bias_slice(layer)]]
        source = counted(fan_in, "input") if layer == 0 else counted(fan_in, "hidden unit")
        target = counted(fan_out, "output") if last else counted(fan_out, f"{network.activations[layer]} unit")
        columns = [f"{'output' if last else 'unit'} {k}" for k in range(fan_out)]
        tables.append(_table(f"W{layer + 1}: {source} to {target}", columns, names, rows, dtype))
    return tables


def _sample_table(network: Network, batch: Record) -> CaseTable:
    dtype, inputs, outputs = _dtype(batch), network.sizes[0], network.sizes[-1]
    x, y = batch.numbers("x"), batch.numbers("y")
    weights = batch.numbers("sample_weights") if batch.has("sample_weights") else None
    count = len(x) // inputs
    expected = (count * inputs, count * outputs, count if weights is not None else 0)
    if (len(x), len(y), len(weights or ())) != expected:
        raise InvalidValue(f"{batch.place}: case.batch: x, y and sample_weights do not have as many samples")
    columns = [f"x{k}" for k in range(inputs)] + [f"y{k}" for k in range(outputs)]
    rows = [[*x[i * inputs : (i + 1) * inputs], *y[i * outputs : (i + 1) * outputs]] for i in range(count)]
    if weights is not None:
        columns.append("weight")
        rows = [[*row, weight] for row, weight in zip(rows, weights, strict=True)]
    names = [f"sample {i}" for i in range(count)]
    return _table(f"Data: {counted(count, 'sample')}", columns, names, rows, dtype)


def _table(
    caption: str, columns: Sequence[str], names: Sequence[str], rows: Sequence[Sequence[float]], dtype: str
) -> CaseTable:
    shown = list(zip(names, rows, strict=True))
    if len(rows) > _LARGEST + 1:  # one row more: the biases stand below the weights
        shown = [*shown[:_LARGEST], shown[-1]] if names[-1].startswith("bias") else shown[:_LARGEST]
    weights = [(name, [short_weight(value, dtype) for value in row[:_LARGEST]]) for name, row in shown]
    notes = []
    if len(shown) < len(rows) or len(columns) > _LARGEST:
        notes.append(f"the first {_LARGEST} rows and columns of {len(rows)} by {len(columns)}")
    if any(rounded for _, row in weights for _, rounded in row):
        notes.append("rounded")
    return CaseTable(
        caption,
        tuple(columns[:_LARGEST]),
        tuple((name, tuple(text for text, _ in row)) for name, row in weights),
        f"{'; '.join(notes).capitalize()}. The script has all." if notes else "",
    )


def _dtype(record: Record) -> str:
    try:
        return str(float_dtype(record.text("dtype")))
    except InvalidValue as error:
        raise InvalidValue(f"{record.place}: {error}") from None
