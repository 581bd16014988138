"""The protocol that an implementation in another language speaks: requests and answers as lines of JSON.

``protocol.schema.json`` beside this file defines it. What comes in is data from outside: whatever it is, reading it
ends with an answer that the schema allows or with one sentence that says what is wrong and what to do.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from symtests.float_json import Array, numbers_from_json
from symtests.network import ACTIVATIONS, LOSSES, OPTIMIZERS
from symtests.older_words import capabilities_today
from symtests.validation import nearest

__all__ = ["OPERATIONS", "PROTOCOL", "BrokenProtocol", "array_of", "read_answer", "request_line", "schema"]

PROTOCOL: Final = 1
"""The version of the protocol; it grows when an implementation that spoke it would no longer be understood."""
OPERATIONS: Final = (
    "hello", "train", "loss_and_gradient", "predict", "initialize", "stages", "train_many", "run_as", "bye",
)  # fmt: skip
"""What can be asked."""

_SHOWN: Final = 60
_LONGEST_HELLO: Final = 2**16
"""Bytes; it names what an implementation can do, once."""
_LONGEST_INTEGER: Final = 400
"""Characters; a float64 written out in full has 309 digits at most."""
_ONLY_ANSWERS: Final = "write nothing but answers to standard output, and all else to standard error"
_NUMBER: Final = {"$ref": "#/$defs/number"}


class BrokenProtocol(Exception):
    """A line that is no answer; the message says what is wrong and what to do."""


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema of the protocol, with the names that this version knows filled in."""
    text = Path(__file__).with_name("protocol.schema.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    for kind, names in (("activation", ACTIVATIONS), ("loss", LOSSES), ("optimizer", OPTIMIZERS)):
        data["$defs"][kind] = {"description": data["$defs"][kind]["description"], "enum": list(names)}
    return data


def request_line(seq: int, operation: str, **values: Any) -> bytes:
    """Return a request as a line."""
    return json.dumps({"seq": seq, "operation": operation, **values}, allow_nan=False).encode() + b"\n"


def read_answer(line: bytes, operation: str, seq: int) -> dict[str, Any]:
    """Return the answer that a line is, checked against the schema.

    It has a field ``unsupported`` or ``error``, or else the fields of an answer to this operation.

    Parameters
    ----------
    line
        What was written, whatever it is, without its line break.
    operation, seq
        What was asked, and the number of the request.

    Raises
    ------
    BrokenProtocol
        Where the line is no such answer.
    """
    if operation == "hello" and len(line) > _LONGEST_HELLO:
        raise BrokenProtocol(
            f"the answer to request {seq}, hello, is {len(line)} bytes long; say what it is in at most {_LONGEST_HELLO}"
        )
    answer = _data(line, operation)
    which = f"the answer to request {seq}, {operation},"
    if not isinstance(answer, dict):
        raise BrokenProtocol(f'{which} is {_shown(answer)}; write a JSON object, as in {{"seq": {seq}, ...}}')
    _check_seq(answer, operation, seq)
    kind = next((word for word in ("unsupported", "error") if word in answer), operation)
    if kind not in ("unsupported", "error", *OPERATIONS):
        return answer  # there are no rules for an operation that there is not
    spoken = answer.get("protocol")
    if kind == "hello" and isinstance(spoken, int) and spoken > PROTOCOL:
        raise BrokenProtocol(
            f"it speaks version {_shown(spoken)} of the protocol, and this symtests speaks version {PROTOCOL}; "
            f'install a newer symtests, or answer hello with "protocol": {PROTOCOL} where it speaks that too'
        )
    if isinstance(answer.get("capabilities"), dict):
        answer["capabilities"] = capabilities_today(answer["capabilities"])
    for error in _validator(f"{kind}_answer").iter_errors(answer):
        raise BrokenProtocol(f"{which} {_in_words(error)}")
    return answer


def array_of(numbers: list[float | str], dtype: npt.DTypeLike) -> Array:
    """Return numbers of a checked answer as an array, rounded to `dtype`."""
    with np.errstate(over="ignore"):
        if set(map(type, numbers)) <= {float}:
            return np.array(numbers, np.float64).astype(dtype)
        return numbers_from_json(numbers, np.float64).astype(dtype)


def _data(line: bytes, operation: str) -> Any:
    """Return what a line of JSON says."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BrokenProtocol(
            f"after {operation} was asked it wrote {_raw(line)}, which is not UTF-8 from byte {error.start} on; "
            f"{_ONLY_ANSWERS}"
        ) from None
    try:
        return json.loads(text, parse_constant=_refuse_constant, parse_int=_integer, object_pairs_hook=_object)
    except RecursionError:
        raise BrokenProtocol(f"after {operation} was asked it wrote {_raw(line)}, which is nested too deeply") from None
    except _Refused as error:
        raise BrokenProtocol(f"the answer to {operation} has {error}") from None
    except ValueError as error:
        reason = f"{error.msg} at character {error.pos}" if isinstance(error, json.JSONDecodeError) else str(error)
        raise BrokenProtocol(
            f"after {operation} was asked it wrote {_raw(line)}, which is not JSON ({reason}); {_ONLY_ANSWERS}"
        ) from None


class _Refused(Exception):
    """Something that Python reads as JSON although it is none, or that cannot be kept."""


def _refuse_constant(word: str) -> Any:
    raise _Refused(f'the bare word {word}, which is no JSON; write it as a text, "{word}"')


def _integer(text: str) -> int | float:
    if text == "-0":  # how some languages write the negative zero of a float
        return -0.0
    if len(text) > _LONGEST_INTEGER:
        raise _Refused(f"a number of {len(text)} digits; write numbers of at most 17 significant digits, as in 1e300")
    return int(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise _Refused(f"the field {_shown(twice)} twice; write each field once")
    return found


def _check_seq(answer: Mapping[str, Any], operation: str, seq: int) -> None:
    advice = "repeat the request's seq, and flush standard output after each line"
    if "seq" not in answer:
        raise BrokenProtocol(f"the answer to request {seq}, {operation}, lacks 'seq'; {advice}")
    found = answer["seq"]
    if isinstance(found, bool) or not isinstance(found, int):
        raise BrokenProtocol(
            f"the answer to request {seq}, {operation}, has seq {_shown(found)}, which is no whole number; {advice}"
        )
    if found != seq:
        raise BrokenProtocol(
            f"the answer to request {seq}, {operation}, has seq {_shown(found)}; answer each request once, in the "
            f"order in which they come, and {advice}"
        )


def _items(validator: Any, items: Any, instance: Any, whole: Mapping[str, Any]) -> Iterator[ValidationError]:
    """Check the items of a list as JSON Schema says; a list of finite floats in one go."""
    if items == _NUMBER and isinstance(instance, list):
        kinds = set(map(type, instance))
        if kinds <= {float} and all(map(math.isfinite, instance)):
            return
    yield from Draft202012Validator.VALIDATORS["items"](validator, items, instance, whole)


_Validator: Final[Any] = extend(  # type: ignore[no-untyped-call] # its library has no types for it
    Draft202012Validator, {"items": _items}
)


@cache
def _validator(definition: str) -> Any:
    return _Validator({"$ref": f"#/$defs/{definition}", "$defs": schema()["$defs"]})


def _in_words(error: ValidationError) -> str:
    """Return what is wrong with an answer and what it must be."""
    rule: Any = error.schema
    instance: Any = error.instance
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path).lstrip(".")
    inside = f"in {place} " if place else ""
    if error.validator == "required":
        missing = next(name for name in rule["required"] if name not in instance)
        return f"{inside}lacks {missing!r}: {_meaning(rule['properties'][missing])}"
    if error.validator == "additionalProperties":
        known = list(rule["properties"])
        unknown = next(name for name in instance if name not in known)
        return f"{inside}has the unknown field {_shown(unknown)}; known are {', '.join(known)}{nearest(unknown, known)}"
    value = _shown(instance)
    if instance is None and rule == schema()["$defs"]["number"]:
        value += ', as some languages write NaN and infinities; write "NaN", "Infinity" or "-Infinity"'
    elif rule == schema()["$defs"]["number"] and isinstance(instance, (int, float)):
        value = 'beyond the largest float64; where an infinity is meant, write "Infinity" or "-Infinity"'
    return f"has {place or 'a value'} that is {value}: it must be {_meaning(rule, error)}"


def _meaning(rule: Mapping[str, Any], error: ValidationError | None = None) -> str:
    """Return what a part of the schema says that a value must be."""
    said = [str(rule["description"])] if "description" in rule else []
    target = schema()["$defs"][rule["$ref"].rpartition("/")[2]] if "$ref" in rule else rule
    if target is not rule and "description" in target and not said:
        said.append(str(target["description"]))
    kinds = target.get("type", [])
    said += ["a list of numbers" if target is schema()["$defs"]["numbers"] else _KINDS[kind]
             for kind in ([kinds] if isinstance(kinds, str) else kinds)]  # fmt: skip
    if "enum" in target:
        said.append("one of " + ", ".join(json.dumps(word) for word in target["enum"]))
    if error is not None and error.validator not in ("type", "enum", "anyOf"):
        said.append(f"with {error.validator} {json.dumps(error.validator_value)}")
    return "; ".join(said)


_KINDS: Final = {
    "array": "a list", "object": "an object", "string": "a text", "integer": "a whole number", "number": "a number",
    "boolean": "true or false", "null": "null",
}  # fmt: skip


def _shown(value: Any) -> str:
    """Return a value as JSON, shortened; of what is large, only its kind and its size."""
    if isinstance(value, (list, dict)) and len(value) > 4:
        return f"{'a list' if isinstance(value, list) else 'an object'} of {len(value)}"
    try:
        text = json.dumps(value)
    except (RecursionError, ValueError):  # nested almost too deeply
        return f"a {type(value).__name__}"
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _raw(line: bytes) -> str:
    return _shown(line[:_SHOWN].decode(errors="replace")) if line else "an empty line"
