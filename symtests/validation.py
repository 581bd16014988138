"""Checks of what a user hands in: each failure is one sentence that starts with ``name=value``."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any

__all__ = ["InvalidValue", "integer_at_least", "nearest", "one_of", "positive", "real_in"]


class InvalidValue(ValueError):
    """A value that symtests cannot use; the message says which, what is required and what to do."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the known word closest to `word`, or an empty string."""
    close = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""


def one_of(name: str, value: Any, known: Iterable[str]) -> str:
    """Return `value` if it is one of the `known` words, else raise `InvalidValue`."""
    words = list(known)
    if isinstance(value, str) and value in words:
        return value
    hint = nearest(value, words) if isinstance(value, str) else ""
    raise InvalidValue(f"{name}={value!r}: must be one of {', '.join(words)}{hint}")


def integer_at_least(name: str, value: Any, least: int) -> int:
    """Return `value` as an int if it is a whole number of at least `least`."""
    if isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= least:
        return int(value)
    raise InvalidValue(f"{name}={value!r}: must be a whole number of at least {least}")


def positive(name: str, value: Any) -> float:
    """Return `value` as a float if it is finite and above zero."""
    if isinstance(value, Real) and not isinstance(value, bool):
        number = float(value)
        if math.isfinite(number) and number > 0:
            return number
    raise InvalidValue(f"{name}={value!r}: must be a finite number above 0")


def real_in(name: str, value: Any, low: float, high: float, *, open_end: bool = False) -> float:
    """Return `value` as a float if it lies in [low, high], or in [low, high) with `open_end`."""
    if isinstance(value, Real) and not isinstance(value, bool):
        number = float(value)
        if low <= number < high or (number == high and not open_end):
            return number
    raise InvalidValue(f"{name}={value!r}: must be a number in [{low:g}, {high:g}{')' if open_end else ']'}")
