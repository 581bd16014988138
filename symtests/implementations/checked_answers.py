"""Answers of an implementation, checked: a copy of what it should have returned, or a named misbehaviour."""

from __future__ import annotations

from typing import Any

import numpy as np

from symtests.float_json import Array
from symtests.implementations.misbehaviour import Misbehaviour

__all__ = ["brief", "checked_array", "checked_number"]


def checked_array(operation: str, dtype: str, answer: Any, shape: tuple[int, ...], finite: bool) -> Array:
    """Return a copy of the array that an operation returned.

    Raises
    ------
    Misbehaviour
        Where it is no array of floats, of another shape or dtype, or, with `finite`, holds a NaN or an infinity.
    """
    try:
        array = np.asarray(answer)
    except Exception as error:  # an object may refuse in any way
        raise Misbehaviour("wrong type", f"{operation} returned {brief(answer)}, which is no array") from error
    if array.dtype.kind != "f":
        raise Misbehaviour("wrong type", f"{operation} returned {brief(answer)}: it must return floats")
    if array.shape != shape:
        raise Misbehaviour("wrong shape", f"{operation} returned shape {array.shape}: it must be {shape}")
    if str(array.dtype) != dtype:
        raise Misbehaviour("wrong dtype", f"{operation} returned {array.dtype}: it was given {dtype}")
    if finite and not np.isfinite(array).all():
        raise Misbehaviour("not finite", f"{operation} returned {_first_bad(array)} for finite input")
    return np.array(array)


def checked_number(operation: str, answer: Any, finite: bool) -> float:
    """Return the loss that an operation returned.

    Raises
    ------
    Misbehaviour
        Where it is no number, or, with `finite`, NaN or an infinity.
    """
    try:
        number = float(answer)
    except Exception as error:  # an object may refuse in any way
        raise Misbehaviour("wrong type", f"{operation} returned {brief(answer)} as the loss") from error
    if finite and not np.isfinite(number):
        raise Misbehaviour("not finite", f"{operation} returned the loss {number} for finite input")
    return number


def brief(value: object, length: int = 80) -> str:
    """Return what a value looks like in one line, of so many characters at most."""
    try:
        text = str(value) if isinstance(value, Exception) else repr(value)
    except Exception:  # a broken __repr__ must not hide the finding
        return f"<{type(value).__name__}>"
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"


def _first_bad(array: Array) -> str:
    flat = array.ravel()
    index = int(np.flatnonzero(~np.isfinite(flat))[0])
    return f"{flat[index]} at position {index} of {flat.size}"
