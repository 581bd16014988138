"""Answers of an implementation, checked: what it should have returned, or a named misbehaviour."""

from __future__ import annotations

import numpy as np

from symtests.float_json import Array
from symtests.implementations.misbehaviour import Misbehaviour

__all__ = ["brief", "checked_array", "checked_number"]


def checked_array(operation: str, dtype: str, answer: Array, shape: tuple[int, ...], finite: bool) -> Array:
    """Return the array of floats that an operation answered.

    Raises
    ------
    Misbehaviour
        Where it is of another shape or dtype, or, with `finite`, holds a NaN or an infinity.
    """
    if answer.shape != shape:
        raise Misbehaviour("wrong shape", f"{operation} returned shape {answer.shape}: it must be {shape}")
    if str(answer.dtype) != dtype:
        raise Misbehaviour("wrong dtype", f"{operation} returned {answer.dtype}: it was given {dtype}")
    if finite and not np.isfinite(answer).all():
        raise Misbehaviour("not finite", f"{operation} returned {_first_bad(answer)} for finite input")
    return answer


def checked_number(operation: str, answer: Array, finite: bool) -> float:
    """Return the loss that an operation answered.

    Raises
    ------
    Misbehaviour
        Where, with `finite`, it is NaN or an infinity.
    """
    number = float(answer)
    if finite and not np.isfinite(number):
        raise Misbehaviour("not finite", f"{operation} returned the loss {number} for finite input")
    return number


def brief(value: object, length: int = 80) -> str:
    """Return what a value looks like in one line, of so many characters at most."""
    try:
        text = str(value) if isinstance(value, BaseException) else repr(value)
    except BaseException as error:  # a broken __repr__ must not hide the finding
        if isinstance(error, KeyboardInterrupt):
            raise
        return f"<{type(value).__name__}>"
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"


def _first_bad(array: Array) -> str:
    flat = array.ravel()
    index = int(np.flatnonzero(~np.isfinite(flat))[0])
    return f"{flat[index]} at position {index} of {flat.size}"
