"""Any data as plain JSON data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from symtests.float_json import numbers_to_json

__all__ = ["plain"]


def plain(value: Any) -> Any:
    """Return `value` with nothing in it but what JSON has.

    NaN and infinities become the words of `symtests.float_json`; NumPy's numbers and arrays become numbers and lists;
    sequences become lists; what JSON has no form for becomes its text. A lone half of a character, which no file can
    hold, stands written out.
    """
    if isinstance(value, (np.generic, np.ndarray)):
        value = value.tolist()
    if isinstance(value, str):
        return _encodable(value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else numbers_to_json([value])[0]
    if isinstance(value, Mapping):
        return {_encodable(str(name)): plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return _encodable(str(value))


def _encodable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
