"""Answers of an implementation, checked: a copy of what it should have returned, or a named misbehaviour."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from symtests.float_json import Array
from symtests.implementations.misbehaviour import Misbehaviour, NotFinite

__all__ = ["brief", "checked_array", "checked_number", "require_finite"]

_PARTS: Final = {"loss_and_gradient": "gradient", "predict": "outputs"}


def checked_array(
    operation: str, dtype: str, answer: Any, shape: tuple[int, ...], finite: bool, part: str = ""
) -> Array:
    """Return a copy of the array that an operation returned.

    Parameters
    ----------
    operation, part
        What was asked, and which part of the answer this is, as in ``ends[3]``; the one that it has unless given.
    dtype, shape
        What the array must have.
    answer
        What was returned.
    finite
        Whether each number must be finite.

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
    if finite:
        require_finite(operation, array, part or _PARTS.get(operation, "parameters"))
    return np.array(array)


def require_finite(operation: str, array: Array, part: str) -> None:
    """Let an array pass whose numbers are all finite.

    Parameters
    ----------
    operation, part
        What was asked, and which part of the answer this is.
    array
        Floats, of any shape.

    Raises
    ------
    Misbehaviour
        Where it holds a NaN or an infinity; it says which one is the first.
    """
    bad = np.flatnonzero(~np.isfinite(array))
    if bad.size:
        number = NotFinite(part, int(bad[0]), float(array.ravel()[bad[0]]))
        place = f"{number.value} at position {number.index} of {array.size} of its {part}"
        raise Misbehaviour("not finite", f"{operation} returned {place} for finite input", number)


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
        found = NotFinite("loss", 0, number)
        raise Misbehaviour("not finite", f"{operation} returned the loss {number} for finite input", found)
    return number


def brief(value: object, length: int = 80) -> str:
    """Return what a value looks like in one line, of so many characters at most."""
    try:
        text = str(value) if isinstance(value, Exception) else repr(value)
    except Exception:  # a broken __repr__ must not hide the finding
        return f"<{type(value).__name__}>"
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"
