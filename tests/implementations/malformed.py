"""Malformed answers: right ones, changed by chance in their bytes, fields, types, numbers, nesting and seq."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

__all__ = ["malformed"]

STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 2**64, 10**309, -(10**350), 1e308, 5e-324, "", "NaN", "Infinity", "nan",
    "é\u2028\U0001f600", "\x00\x1b[2J",
    [], [[]], {}, {"": 0}, [None], ["NaN"], [1e308] * 9, {"seq": 1}, "x" * 500, [[0.5] * 9] * 3,
)  # fmt: skip
TOKENS = (
    b"NaN", b"-Infinity", b"1e999", b"-1e-999", b"9" * 450, b"0x10", b"01", b"1.", b".5", b"+1", b"--1", b"1e", b"'",
    b'"', b"\\", b"\\ud800", b"\xff", b"\xc3\x28", b"\x00", b"\n", b"\r", b"[", b"]", b"{", b"}", b",", b":",
    b"[" * 5000, b'{"a":' * 3000, b"\xef\xbb\xbf", b"// no", b"null", b"tru", b"1_000",
)  # fmt: skip


def malformed(answer: dict[str, Any], chance: random.Random) -> bytes:
    """Return an answer as a line, changed once to four times, without its line break."""
    changed = copy.deepcopy(answer)
    ways = [chance.choice((*_IN_DATA, *_IN_BYTES)) for _ in range(chance.choice((1, 1, 2, 4)))]
    for way in ways:
        if way in _IN_DATA:
            changed = way(changed, chance)
    line = json.dumps(changed).encode()
    for way in ways:
        if way in _IN_BYTES:
            line = way(line, chance)
    return line


def _places(data: Any) -> list[tuple[Any, Any]]:
    """Return every place below `data` as the list or object that holds it, and where in that."""
    inside = list(data.items()) if isinstance(data, dict) else list(enumerate(data)) if isinstance(data, list) else []
    return [(data, where) for where, _ in inside] + [place for _, value in inside for place in _places(value)]


def _replace(data: Any, chance: random.Random) -> Any:
    places = _places(data)
    if not places:
        return chance.choice(STRANGE)
    holder, where = chance.choice(places)
    holder[where] = copy.deepcopy(chance.choice(STRANGE))
    return data


def _drop(data: Any, chance: random.Random) -> Any:
    places = _places(data)
    if places:
        holder, where = chance.choice(places)
        del holder[where]
    return data


def _rename(data: Any, chance: random.Random) -> Any:
    if isinstance(data, dict) and data:
        name = chance.choice(list(data))
        data[chance.choice((name.upper(), name + "s", name[:-1], "error", "unsupported", ""))] = data.pop(name)
    return data


def _nest(data: Any, chance: random.Random) -> Any:
    places = _places(data)
    if places and chance.random() < 0.8:
        holder, where = chance.choice(places)
        holder[where] = chance.choice(([holder[where]], {"value": holder[where]}, [holder[where]] * 2))
        return data
    return chance.choice(([data], {"answer": data}, [data, data]))


def _wrong_seq(data: Any, chance: random.Random) -> Any:
    if isinstance(data, dict) and isinstance(data.get("seq"), int):
        seq = data["seq"]
        data["seq"] = chance.choice((seq - 1, seq + 1, -seq, 3.0, str(seq), 0, None, [seq], 2**70))
    return data


def _refuse(data: Any, chance: random.Random) -> Any:
    seq = data.get("seq") if isinstance(data, dict) else None
    return {"seq": seq, chance.choice(("error", "unsupported")): chance.choice(("no", "no\n\x1b[31mway", *STRANGE))}


def _cut(line: bytes, chance: random.Random) -> bytes:
    return line[: chance.randrange(len(line) + 1)]


def _lose(line: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(line) + 1)
    return line[:start] + line[start + chance.choice((1, 1, 3, 20)) :]


def _flip(line: bytes, chance: random.Random) -> bytes:
    if not line:
        return line
    place = chance.randrange(len(line))
    return line[:place] + bytes([line[place] ^ 1 << chance.randrange(8)]) + line[place + 1 :]


def _insert(line: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(line) + 1)
    return line[:place] + chance.choice(TOKENS) + line[place:]


def _repeat(line: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(line) + 1)
    return line[:start] + line[max(start - chance.randrange(1, 40), 0) :]


_IN_DATA: tuple[Callable[[Any, random.Random], Any], ...] = (_replace, _drop, _rename, _nest, _wrong_seq, _refuse)
_IN_BYTES: tuple[Callable[[bytes, random.Random], bytes], ...] = (_cut, _lose, _flip, _insert, _repeat)
