"""Checks of what a user hands in: each failure is one sentence that starts with ``name=value``."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np

__all__ = [
    "InvalidValue",
    "finite",
    "integer_at_least",
    "integer_in",
    "known_settings",
    "nearest",
    "one_of",
    "positive",
    "real_in",
    "true_or_false",
]


class InvalidValue(ValueError):
    """A value that symtests cannot use; the message says which, what is required and what to do."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the known word closest to `word`, or an empty string."""
    as_known = {each.lower(): each for each in known}
    close = difflib.get_close_matches(word.lower(), list(as_known), n=1, cutoff=0.5)
    return f"; did you mean {as_known[close[0]]!r}?" if close else ""


def one_of(name: str, value: Any, known: Iterable[str]) -> str:
    """Return `value` if it is one of the `known` words, else raise `InvalidValue`."""
    words = list(known)
    if isinstance(value, str) and value in words:
        return value
    hint = nearest(value, words) if isinstance(value, str) else ""
    raise InvalidValue(f"{name}={value!r}: must be one of {', '.join(words)}{hint}")


def known_settings(owner: str, settings: Mapping[str, Any], known: Iterable[str]) -> None:
    """Raise `InvalidValue` for the first of the `settings` that `owner` does not have."""
    words = list(known)
    for name, value in settings.items():
        if name not in words:
            has = f"has only {', '.join(words)}" if words else "has no settings"
            raise InvalidValue(f"{name}={value!r}: is no setting of {owner}, which {has}{nearest(name, words)}")


def true_or_false(name: str, value: Any) -> bool:
    """Return `value` as a bool if it is True or False, Python's or NumPy's."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    raise InvalidValue(f"{name}={value!r}: must be True or False")


def integer_at_least(name: str, value: Any, least: int) -> int:
    """Return `value` as an int if it is a whole number of at least `least`."""
    if not isinstance(value, bool) and isinstance(value, Integral) and int(value) >= least:
        return int(value)
    raise InvalidValue(f"{name}={value!r}: must be a whole number of at least {least}")


def integer_in(name: str, value: Any, low: int, high: int) -> int:
    """Return `value` as an int if it is a whole number from `low` to `high`, both included."""
    if not isinstance(value, bool) and isinstance(value, Integral) and low <= int(value) <= high:
        return int(value)
    raise InvalidValue(f"{name}={value!r}: must be a whole number from {low} to {high}")


def finite(name: str, value: Any) -> float:
    """Return `value` as a float if it is a finite number."""
    number = _as_float(value)
    if math.isfinite(number):
        return number
    raise InvalidValue(f"{name}={value!r}: must be a finite number")


def positive(name: str, value: Any) -> float:
    """Return `value` as a float if it is finite and above zero."""
    number = _as_float(value)
    if math.isfinite(number) and number > 0:
        return number
    raise InvalidValue(f"{name}={value!r}: must be a finite number above 0")


def real_in(name: str, value: Any, low: float, high: float, *, open_end: bool = False) -> float:
    """Return `value` as a float if it lies in [low, high], or in [low, high) with `open_end`."""
    number = _as_float(value)
    if low <= number <= high and not (open_end and number == high):
        return number
    raise InvalidValue(f"{name}={value!r}: must be a number in [{low:g}, {high:g}{')' if open_end else ']'}")


def _as_float(value: Any) -> float:
    """Return a real number as a float, and NaN, which no range holds, for everything else."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return math.nan
    try:
        return float(value)
    except OverflowError:  # a whole number or a fraction beyond the largest float
        return -math.inf if value < 0 else math.inf
