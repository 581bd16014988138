"""Float arrays as plain JSON numbers: every bit survives, NaN and infinities too."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["Array", "numbers_from_json", "numbers_to_json"]

Array = npt.NDArray[np.floating[Any]]
_WORDS: Final = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def numbers_to_json(values: npt.ArrayLike) -> list[float | str]:
    """Return all values in row order as JSON numbers; NaN and infinities become words."""
    flat = np.asarray(values, np.float64).ravel().tolist()
    return [value if math.isfinite(value) else _WORDS[str(value)] for value in flat]


def numbers_from_json(values: Sequence[float | str], dtype: npt.DTypeLike) -> Array:
    """Return a one-dimensional array of what `numbers_to_json` wrote."""
    return np.array([float(value) for value in values], dtype)
