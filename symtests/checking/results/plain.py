"""Any data as plain JSON data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from symtests.float_json import numbers_to_json

__all__ = ["plain", "representable"]


def plain(value: Any) -> Any:
    """Return `value` with nothing in it but what JSON has.

    NaN and infinities become the words of `symtests.float_json`; NumPy's numbers and arrays become numbers and lists;
    sequences become lists; what JSON has no form for becomes its text. Texts are `representable`.
    """
    if isinstance(value, (np.generic, np.ndarray)):
        value = value.tolist()
    if isinstance(value, str):
        return representable(value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else numbers_to_json([value])[0]
    if isinstance(value, Mapping):
        return {representable(str(name)): plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return representable(str(value))


def representable(text: str) -> str:
    r"""Return a text that UTF-8 can hold: half of a surrogate pair stands written out, as in ``\udc80``."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
