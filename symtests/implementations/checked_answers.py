"""Answers of an implementation, checked: what it should have returned, or a named misbehaviour."""

from __future__ import annotations

from typing import Final

import numpy as np

from symtests.float_json import Array
from symtests.implementations.misbehaviour import Misbehaviour, NotFinite

__all__ = ["brief", "checked_array", "checked_number", "require_finite"]

_PARTS: Final = {"loss_and_gradient": "gradient", "predict": "outputs"}


def checked_array(
    operation: str, dtype: str, answer: Array, shape: tuple[int, ...], finite: bool, part: str = ""
) -> Array:
    """Return the array of floats that an operation answered.

    Parameters
    ----------
    operation, part
        What was asked, and which part of the answer this is, as in ``ends[3]``; the one that it has unless given.
    dtype, shape
        What the array must have.
    answer
        What was answered.
    finite
        Whether each number must be finite.

    Raises
    ------
    Misbehaviour
        Where it is of another shape or dtype, or, with `finite`, holds a NaN or an infinity.
    """
    if answer.shape != shape:
        raise Misbehaviour("wrong shape", f"{operation} returned shape {answer.shape}: it must be {shape}")
    if str(answer.dtype) != dtype:
        raise Misbehaviour("wrong dtype", f"{operation} returned {answer.dtype}: it was given {dtype}")
    if finite:
        require_finite(operation, answer, part or _PARTS.get(operation, "parameters"))
    return answer


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
        raise Misbehaviour("not finite", f"{operation} returned {place} for finite input", number=number)


def checked_number(operation: str, answer: Array, finite: bool) -> float:
    """Return the loss that an operation answered.

    Raises
    ------
    Misbehaviour
        Where, with `finite`, it is NaN or an infinity.
    """
    number = float(answer)
    if finite and not np.isfinite(number):
        found = NotFinite("loss", 0, number)
        raise Misbehaviour("not finite", f"{operation} returned the loss {number} for finite input", number=found)
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
