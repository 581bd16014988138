"""What the self-check measures: two kinds of work, of which head does a known share more than base.

It is run as functions, and as a suite of twenty (`self_check_suite.py`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final

import numpy as np

__all__ = ["CHANGE", "in_cache", "in_memory", "work_in_cache", "work_in_memory"]

CHANGE: Final = "SYMTESTS_SELF_CHECK"
"""The variable that says by which share this side does more."""

Work = Callable[[], Any]


def work_in_cache(change: float) -> Work:
    """Return work on 128 kilobytes: running sums, whose every addition waits for the one before."""
    numbers = np.linspace(-1.0, 1.0, round(8000 * (1 + change)))
    sums = np.empty_like(numbers)

    def work() -> None:
        for _ in range(12):
            np.add.accumulate(numbers, out=sums)

    return work


def work_in_memory(change: float) -> Work:
    """Return work on a megabyte, read from one end to the other."""
    numbers = np.linspace(-1.0, 1.0, round(2**17 * (1 + change)))

    def work() -> None:
        for _ in range(6):
            numbers.sum()

    return work


in_cache, in_memory = (make(float(os.environ.get(CHANGE, "0"))) for make in (work_in_cache, work_in_memory))
