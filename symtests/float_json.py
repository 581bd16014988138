"""Float arrays as plain JSON numbers: every bit survives, NaN and infinities too."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from symtests.validation import InvalidValue

__all__ = ["Array", "float_dtype", "in_words", "numbers_from_json", "numbers_to_json"]

Array = npt.NDArray[np.floating[Any]]
_WORDS: Final = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def float_dtype(dtype: npt.DTypeLike) -> np.dtype[Any]:
    """Return a float dtype of at most 64 bits as NumPy's own object, else raise `InvalidValue`."""
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = None
    # Wider floats are refused: a JSON number is read as 64 bits, so their last bits would be lost.
    if found is None or found.kind != "f" or found.itemsize > 8:
        raise InvalidValue(f"dtype={dtype!r}: must be a float type of at most 64 bits; use 'float32' or 'float64'")
    return found


def numbers_to_json(values: npt.ArrayLike) -> list[float | str]:
    """Return all values in row order as JSON numbers; NaN and infinities become words.

    The sign and the payload of a NaN are all that is lost.

    Raises
    ------
    InvalidValue
        Where the values are no real numbers, or wider than 64 bits.
    """
    array = np.asarray(values)
    if not np.can_cast(array.dtype, np.float64):
        raise InvalidValue(f"values=<{array.dtype} array>: must be floats of at most 64 bits")
    flat = array.astype(np.float64).ravel().tolist()
    return [value if math.isfinite(value) else _WORDS[str(value)] for value in flat]


def in_words(value: Any) -> Any:
    """Return plain data in which NaN and infinities are words, as JSON has no numbers for them."""
    if isinstance(value, float) and not math.isfinite(value):
        return _WORDS[str(value)]
    if isinstance(value, dict):
        return {key: in_words(each) for key, each in value.items()}
    return [in_words(each) for each in value] if isinstance(value, (list, tuple)) else value


def numbers_from_json(values: Sequence[float | str], dtype: npt.DTypeLike) -> Array:
    """Return a one-dimensional array of what `numbers_to_json` wrote.

    Raises
    ------
    InvalidValue
        Where a value is neither a number nor one of the words NaN, Infinity and -Infinity.
    """
    return np.array([_number(value) for value in values], float_dtype(dtype))


def _number(value: float | str) -> float:
    if isinstance(value, str):
        known = value in _WORDS.values()
    else:
        known = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not known:
        raise InvalidValue(f"number={value!r}: must be a number, 'NaN', 'Infinity' or '-Infinity'")
    return float(value)
