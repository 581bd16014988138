"""What a judge and the process of an implementation in Python say to each other: lines of JSON, with arrays in base64.

What comes from that process comes from outside: whatever a line is, reading it ends with a message of the right form
or with `BadMessage`. Nothing is unpickled.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = [
    "BadMessage",
    "argument_from_json",
    "argument_to_json",
    "line_of",
    "parts_from_json",
    "parts_to_json",
    "progress_line",
    "progress_of",
    "read",
    "require",
]

_FLOATS: Final = re.compile(r"[<>]f(2|4|8|12|16)", re.ASCII)
_MOST_PARTS: Final = 10_000
_LONGEST_PROGRESS: Final = 200
_LONGEST_LINE: Final = 12 * _LONGEST_PROGRESS + 100
"""Bytes of a line with progress: each character may be escaped as two of six."""


class BadMessage(Exception):
    """A line that is no message of this kind."""


def line_of(message: Mapping[str, Any]) -> bytes:
    """Return a message as a line; lone surrogates are escaped."""
    return json.dumps(message, allow_nan=False).encode("ascii") + b"\n"


def read(line: bytes, seq: int) -> dict[str, Any]:
    """Return the message that a line is.

    Parameters
    ----------
    line
        Any bytes.
    seq
        The number that it must carry.

    Raises
    ------
    BadMessage
        Where it is something else.
    """
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        raise BadMessage("it wrote what is no message") from None
    if not isinstance(message, dict) or message.get("seq") != seq or isinstance(message["seq"], bool):
        raise BadMessage("it wrote a message that was not asked for")
    return message


def progress_line(what: str) -> bytes:
    """Return a line that says what is being done before the answer comes."""
    return line_of({"progress": what[:_LONGEST_PROGRESS]})


def progress_of(line: bytes) -> str | None:
    """Return what a line says of what is being done, or None where it is another line."""
    if len(line) > _LONGEST_LINE or not line.startswith(b'{"progress": '):
        return None
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None
    match message:
        case {"progress": str(what)} if len(message) == 1:
            return what
    return None


def require(message: Mapping[str, Any], fields: Mapping[str, type]) -> None:
    """Raise `BadMessage` where a message lacks one of these fields, or has it with another type."""
    for name, kind in fields.items():
        if not isinstance(message.get(name), kind):
            raise BadMessage(f"it wrote a message without {name}")


def argument_to_json(argument: Any) -> Any:
    """Return an argument of a question as JSON data."""
    if isinstance(argument, Network):
        return {"network": argument.to_json()}
    if isinstance(argument, Parameters):
        return {"parameters": argument.network.to_json(), "vector": _array_to_json(argument.vector)}
    if isinstance(argument, Batch):
        weights = argument.sample_weights
        arrays = [argument.x, argument.y, *([] if weights is None else [weights])]
        return {"batch": [_array_to_json(array) for array in arrays]}
    if isinstance(argument, Training):
        return {"training": argument.to_json()}
    if isinstance(argument, np.ndarray):
        return {"array": _array_to_json(argument)}
    if isinstance(argument, str):
        return argument
    if isinstance(argument, Sequence):
        return {"numbers": [int(number) for number in argument]}
    return int(argument)


def argument_from_json(data: Any) -> Any:
    """Rebuild an argument from `argument_to_json`."""
    if not isinstance(data, dict):
        return data
    if "network" in data:
        return Network.from_json(data["network"])
    if "parameters" in data:
        return Parameters(Network.from_json(data["parameters"]), _array_from_json(data["vector"]))
    if "batch" in data:
        return Batch(*map(_array_from_json, data["batch"]))
    if "training" in data:
        return Training.from_json(data["training"])
    return _array_from_json(data["array"]) if "array" in data else tuple(data["numbers"])


def parts_to_json(parts: Mapping[str, Array]) -> dict[str, Any]:
    """Return the arrays of an answer as JSON data."""
    return {name: _array_to_json(array) for name, array in parts.items()}


def parts_from_json(data: Any) -> dict[str, Array]:
    """Rebuild the arrays of an answer.

    Raises
    ------
    BadMessage
        Where it is something else.
    """
    if not isinstance(data, dict) or len(data) > _MOST_PARTS:
        raise BadMessage("it wrote an answer without arrays")
    return {name: _array_from_json(array) for name, array in data.items()}


def _array_to_json(array: Array) -> list[Any]:
    return [array.dtype.str, list(array.shape), base64.b64encode(array.tobytes()).decode("ascii")]


def _array_from_json(data: Any) -> Array:
    match data:
        case [str(dtype), list(shape), str(text)] if (
            _FLOATS.fullmatch(dtype) and len(shape) <= 32 and all(type(n) is int and n >= 0 for n in shape)
        ):
            try:
                numbers = base64.b64decode(text, validate=True)
                kind = np.dtype(dtype)
            except (ValueError, TypeError):
                raise BadMessage("it wrote an array that cannot be read") from None
            if len(numbers) == math.prod(shape) * kind.itemsize:
                return np.frombuffer(numbers, kind).reshape(shape).copy()
    raise BadMessage("it wrote an array that cannot be read")
