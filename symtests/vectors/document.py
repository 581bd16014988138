"""The file of vectors: JSON in which every float is a hexadecimal string, so that each bit survives in any language."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from symtests import __version__
from symtests.batch import Batch
from symtests.file_data import json_of, require_version, text_of
from symtests.float_json import Array
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties.base import Case
from symtests.training import Training
from symtests.validation import InvalidValue
from symtests.vectors.answering import vectors
from symtests.vectors.flags import FLAGS
from symtests.vectors.vector import Numbers, Question, Vector

__all__ = ["SCHEMA", "document", "read_vectors"]

SCHEMA: Final = 1
"""Version of the format, which `vectors.schema.json` describes."""

_CONVENTIONS: Final = (
    "Floats are strings as C's %a and Python's float.hex write them; all inputs are exact in float32.",
    "Layers compute z = a W + b with W of shape (fan_in, fan_out); the output layer is linear.",
    "Parameters and gradients are flat: W1 row by row, b1, W2, b2, ...; without biases, b is left out.",
    "mse, logistic_mse and bce are means over samples and outputs, softmax_cross_entropy over samples.",
    "Sample weights weigh the samples of a mean, which is divided by their sum.",
    "A correct answer in a dtype lies within its bound of the expected number; bound 0 means equal.",
)


def document(chosen: Iterable[Vector] | None = None) -> str:
    """Return the text of a file of vectors, a vector on a line; all of this version unless given."""
    found = vectors() if chosen is None else tuple(chosen)
    head = {
        "format": "symtests vectors",
        "schema": SCHEMA,
        "symtests": __version__,
        "conventions": list(_CONVENTIONS),
        "flags": {name: {"property": prop, "bug": bug} for name, (prop, bug) in FLAGS.items()},
    }
    lines = ",\n".join(json.dumps(_vector_to_json(vector)) for vector in found)
    return f'{json.dumps(head, indent=1)[:-2]},\n "vectors": [\n{lines}\n]}}\n'


def read_vectors(path: Path) -> tuple[Vector, ...]:
    """Return the vectors of a file.

    Raises
    ------
    InvalidValue
        Where it cannot be read, or is no such file.
    """
    text = text_of("vectors", path, "write it with symtests vectors export")
    try:
        data = json_of(text)
        if isinstance(data, dict) and "schema" in data:
            require_version(f"vectors={str(path)!r}", data["schema"], SCHEMA)
        wrong = best_match(_validator().iter_errors(data))
    except InvalidValue:
        raise
    except (ValueError, RecursionError) as error:
        raise InvalidValue(f"vectors={str(path)!r}: is no JSON ({error})") from None
    if wrong is not None:
        place = ".".join(str(step) for step in wrong.absolute_path) or "the file"
        raise InvalidValue(f"vectors={str(path)!r}: {place}: {wrong.message[:160]}")
    try:
        found = tuple(_vector(each) for each in data["vectors"])
    except (InvalidValue, ValueError, OverflowError) as problem:
        raise InvalidValue(f"vectors={str(path)!r}: {problem}") from None
    names = [vector.question.id for vector in found]
    for name in names:
        if names.count(name) > 1:
            raise InvalidValue(f"vectors={str(path)!r}: two vectors are called {name!r}")
    return found


@cache
def _validator() -> Draft202012Validator:
    text = files("symtests.vectors").joinpath("vectors.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def _vector_to_json(vector: Vector) -> dict[str, Any]:
    question = vector.question
    case = question.case
    weights, training = case.batch.sample_weights, case.training.to_json()
    return {
        "id": question.id,
        "comment": question.comment,
        "flags": list(question.flags),
        "operation": question.operation,
        "network": case.network.to_json(),
        "parameters": _hex(case.parameters.vector),
        "x": [_hex(row) for row in case.batch.x],
        "y": [_hex(row) for row in case.batch.y],
        "sample_weights": None if weights is None else _hex(weights),
        "training": None
        if question.operation != "train"
        else {name: value.hex() if isinstance(value, float) else value for name, value in training.items()},
        "expected": _to_json(vector.expected),
        "bounds": {dtype: _to_json(numbers) for dtype, numbers in vector.bounds.items()},
    }


def _to_json(numbers: Numbers) -> dict[str, list[str]]:
    return {name: _hex(values) for name, values in numbers.items()}


def _hex(values: Array) -> list[str]:
    """Return floats as hexadecimal strings without idle zeros: 0x1.8p-3."""
    return [_short(float(value).hex()) for value in values]


def _short(text: str) -> str:
    mantissa, _, exponent = text.partition("p")
    return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}p{exponent}"


def _vector(data: Mapping[str, Any]) -> Vector:
    network = Network.from_json(data["network"])
    weights = data["sample_weights"]
    batch = Batch(_rows(data["x"]), _rows(data["y"]), None if weights is None else _floats(weights))
    training = Training() if data["training"] is None else _training(data["training"])
    case = Case(network, Parameters(network, _floats(data["parameters"])), batch, training)
    question = Question(data["id"], data["comment"], tuple(data["flags"]), data["operation"], case)
    expected = _from_json(data["expected"])
    bounds = {dtype: _from_json(numbers) for dtype, numbers in data["bounds"].items()}
    names = {"parameters"} if question.operation == "train" else {"loss", "outputs", "gradient"}
    lengths = {"loss": 1, "outputs": len(batch) * network.sizes[-1]}
    for numbers in (expected, *bounds.values()):
        if set(numbers) != names or any(
            len(values) != lengths.get(name, network.parameter_count) for name, values in numbers.items()
        ):
            raise InvalidValue(
                f"{question.id}: expected and bounds must have {', '.join(sorted(names))} of right length"
            )
    return Vector(question, expected, bounds)


def _training(data: Mapping[str, Any]) -> Training:
    numbers = {
        name: float.fromhex(value) if isinstance(value, str) and name != "optimizer" else value
        for name, value in data.items()
    }
    return Training.from_json(numbers)


def _from_json(data: Mapping[str, list[str]]) -> Numbers:
    return {name: _floats(values) for name, values in data.items()}


def _floats(values: list[str]) -> Array:
    return np.array([float.fromhex(value) for value in values], float)


def _rows(rows: list[list[str]]) -> Array:
    return np.array([[float.fromhex(value) for value in row] for row in rows], float)
