"""Standalone Python files that ask an implementation one question: NumPy and symtests' plain data, no engine."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any, Final
from unicodedata import bidirectional

import numpy as np

from symtests.batch import Batch
from symtests.checking.counterexamples.command_script import command_lines
from symtests.float_json import Array
from symtests.implementations.base import OPERATIONS
from symtests.implementations.command_name import is_command
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.shown_text import ascii_text, shown
from symtests.training import Training
from symtests.validation import one_of

__all__ = ["call_lines", "commented", "script"]

_WIDTH: Final = 100
_HEAD: Final = """\
# -*- coding: utf-8 -*-
# A counterexample that symtests has written. It runs alone, and fails as long as the fault is there.
# What was found stands below; what comes from outside is a comment or a string, with what is not seen written out.
#
#"""
"""Python takes a name of an encoding from the first two lines, and editors take settings from the first five: so those
are always the same, and nothing from outside stands in them."""
_RIGHT_TO_LEFT: Final = ("R", "AL", "AN")
_counted = partial(enumerate, start=1)  # layers count from 1


def script(
    remarks: Sequence[str],
    location: str | None,
    folder: Path,
    network: Network,
    parameters: Parameters,
    batch: Batch,
    training: Training,
    lines: Sequence[str],
    *,
    loss_scale: float = 1.0,
    scale_in_training: float = 1.0,
) -> str:
    """Return the text of a Python file that builds the question and then runs `lines`.

    The lines find `network`, `parameters`, `batch`, `training`, `implementation`, NumPy as `np`, and
    `gradient(parameters)`, the gradient as a flat vector, by the implementation's own operation or by one plain step
    with learning rate 1. Every number is written so that it is read back exactly.

    Parameters
    ----------
    remarks
        Sentences for the head of the file; whatever they hold, they stay comments.
    location
        What `symtests.implementations.find` takes, or None for an object that cannot be found by a name.
    folder
        Folder from which the implementation was imported.
    network, parameters, batch, training
        The question.
    lines
        What to do with it; the last line asserts. They are code: whoever writes one puts a text into it by `ascii`.
    loss_scale
        How many times the loss of the implementation is larger than the one of symtests.
    """
    dtype = str(parameters.dtype)
    parts = [
        "\n".join([_HEAD, *map(commented, remarks)]),
        *_implementation_parts(location, folder, lines),
        _network_line(network),
        _parameters_lines(network, parameters, dtype),
        _batch_lines(batch, dtype),
        _training_line(training),
    ]
    if any("gradient(" in line for line in lines):
        parts.append("\n" + _gradient_lines(dtype, loss_scale, scale_in_training))
    text = "\n\n".join([*parts, "\n".join(lines)]) + "\n"
    return text.encode("utf-8", "backslashreplace").decode()  # a lone half of a character, in a line of a property


def commented(text: str) -> str:
    """Return any text as lines of comments, with what is not seen, or read from right to left, written out."""
    printable = "".join(
        ascii_text(each) if bidirectional(each) in _RIGHT_TO_LEFT else each for each in shown(" ".join(text.split()))
    )
    wrapped = textwrap.wrap(printable, _WIDTH - 2, break_long_words=False, break_on_hyphens=False)
    return "\n".join(f"# {line}" for line in wrapped) or "#"


def call_lines(operation: str, arguments: Sequence[Any], dtype: str) -> list[str]:
    """Return lines that ask one operation and assert that its answer is one: shape, dtype, finite numbers.

    Raises
    ------
    InvalidValue
        Where there is no such operation.
    """
    one_of("operation", operation, OPERATIONS)
    if operation == "initialize":
        _, scheme, seed = arguments
        call, size = f"implementation.initialize(network, {str(scheme)!a}, {int(seed)!r})", "parameters.vector.shape"
    elif operation == "train_many":
        _, scheme, seeds, *_ = arguments
        question = f"network, {str(scheme)!a}, {[int(seed) for seed in seeds]!r}, batch, training"
        call = f'[getattr(end, "vector", end) for end in implementation.train_many({question})]'
        size = f"({len(seeds)}, *parameters.vector.shape)"
    elif operation == "run_as":
        return [f"assert callable(implementation.run_as({str(arguments[0])!a}).train)"]
    elif operation == "predict":
        call, size = "implementation.predict(network, parameters, batch.x)", "(len(batch), network.sizes[-1])"
    elif operation == "train":
        call, size = "implementation.train(network, parameters, batch, training)", "parameters.vector.shape"
    else:
        call, size = f"implementation.{operation}(network, parameters, batch)", "parameters.vector.shape"
    lines = [f"answer = {call}", 'print("answer:", answer)']
    if operation == "stages":  # properties read the stages, each in its own way
        shown = "[*answer.pre_activations, *answer.activations, *answer.error_signals]"
        return [*lines, f"assert all(np.isfinite(array).all() for array in {shown})"]
    if operation == "loss_and_gradient":
        lines += ["loss, answer = answer", "assert loss is None or np.isfinite(float(loss)), loss"]
    lines.append('values = np.asarray(getattr(answer, "vector", answer))')
    lines.append(f"assert values.shape == {size}, values.shape")
    if operation != "initialize":  # it is not told the dtype
        lines.append(f"assert values.dtype == {dtype!a}, values.dtype")
    return [*lines, "assert np.isfinite(values).all(), values"]


def _implementation_parts(location: str | None, folder: Path, lines: Sequence[str]) -> list[str]:
    """Return the imports, and what makes the implementation."""
    plain_data = "from symtests import Batch, Network, Parameters, Training"
    if location is not None and is_command(location):
        return ["import numpy as np", plain_data, command_lines(location, folder, lines)]
    return [
        "import sys\n\nimport numpy as np",
        f"sys.path.append({str(folder.resolve())!a})  # where the check was started",
        f"{plain_data}\nfrom symtests.implementations import find",
        _implementation_line(location, folder),
    ]


def _implementation_line(location: str | None, folder: Path) -> str:
    if location is None:
        return "implementation = ...  # put here the object that was checked: no import leads to it"
    place, _, attribute = location.rpartition(":")
    if place.endswith(".py"):
        location = f"{(folder / place).resolve()}:{attribute}"
    return f"implementation = find({location!a})"


def _network_line(network: Network) -> str:
    activations = list(network.activations)
    return f"network = Network({network.sizes!r}, {activations!a}, {network.loss!a}, bias={network.bias!r})"


def _parameters_lines(network: Network, parameters: Parameters, dtype: str) -> str:
    lines = ["parameters = Parameters.from_layers(", "    network,", "    weights=["]
    lines += [f"        {_numbers(weight, dtype, 8)},  # W{layer}" for layer, weight in _counted(parameters.weights)]
    lines.append("    ],")
    if network.bias:
        lines.append("    biases=[")
        lines += [f"        {_numbers(bias, dtype, 8)},  # b{layer}" for layer, bias in _counted(parameters.biases)]
        lines.append("    ],")
    return "\n".join([*lines, f"    dtype={dtype!r},", ")"])


def _batch_lines(batch: Batch, dtype: str) -> str:
    lines = [f"    x={_array(batch.x, dtype)},", f"    y={_array(batch.y, dtype)},"]
    if batch.sample_weights is not None:
        lines.append(f"    sample_weights={_array(batch.sample_weights, dtype)},")
    return "\n".join(["batch = Batch(", *lines, ")"])


def _training_line(training: Training) -> str:
    shown = [
        f"{field.name}={getattr(training, field.name)!a}"
        for field in fields(Training)
        if field.name in ("optimizer", "learning_rate", "steps") or getattr(training, field.name) != field.default
    ]
    return f"training = Training({', '.join(shown)})"


def _gradient_lines(dtype: str, loss_scale: float, scale_in_training: float) -> str:
    divided = "" if loss_scale == 1.0 else f" / {loss_scale!r}"
    of_rate = "" if scale_in_training == 1.0 else f" / {scale_in_training!r}"
    remark = "" if loss_scale == 1.0 else f"  # its loss is {loss_scale!r} times the one of symtests"
    return textwrap.dedent(f"""\
        def gradient(at):
            at = Parameters(network, np.array(getattr(at, "vector", at), {dtype!r}))
            if callable(getattr(implementation, "loss_and_gradient", None)):
                found = implementation.loss_and_gradient(network, at.copy(), batch)[1]
                return np.asarray(getattr(found, "vector", found)){divided}{remark}
            after = implementation.train(network, at.copy(), batch, Training("sgd", 1.0{of_rate}, 1))
            return at.vector - np.asarray(getattr(after, "vector", after))
        """)


def _array(values: Array, dtype: str) -> str:
    if values.size == 0:
        return f"np.zeros({values.shape!r}, {dtype!r})"
    return f"np.array({_numbers(values, dtype, 4)}, {dtype!r})"


def _numbers(values: Array, dtype: str, indent: int) -> str:
    """Return a matrix or a vector as a Python literal, a row on a line where it fits."""
    if values.ndim == 1:
        return _row(values, dtype, indent)
    rows = [_row(row, dtype, indent + 4) for row in values]
    together = "[" + ", ".join(rows) + "]"
    if len(together) <= _WIDTH - 30 and "\n" not in together:
        return together
    pad = "\n" + " " * (indent + 4)
    return "[" + pad + ("," + pad).join(rows) + ",\n" + " " * indent + "]"


def _row(values: Array, dtype: str, indent: int) -> str:
    text = ", ".join(_number(value, dtype) for value in values)
    lines = textwrap.wrap(text, _WIDTH - indent - 2, break_long_words=False, break_on_hyphens=False)
    return "[" + ("\n" + " " * (indent + 1)).join(lines) + "]"


def _number(value: Any, dtype: str) -> str:
    """Return the shortest text that Python reads as a float64 which rounds to `value`."""
    exact = float(value)
    if not math.isfinite(exact):
        return {"nan": "np.nan", "inf": "np.inf", "-inf": "-np.inf"}[str(exact)]
    short = repr(float(str(np.dtype(dtype).type(value))))
    return short if np.dtype(dtype).type(float(short)) == value else repr(exact)
