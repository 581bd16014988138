"""What the self-check measures: two pieces of work, each done a known share more often by head than by base."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

CHANGES = (0.0, 0.005, 0.01, 0.02, 0.03, 0.05)
_TIMES = 400
"""How often base does the work in a call: a multiple of 200, so that half a per cent is a whole number."""


def _times(change: float) -> int:
    return round(_TIMES * (1 + (change if os.environ.get("SYMTESTS_SELF_CHECK") == "head" else 0.0)))


@pytest.mark.parametrize("change", CHANGES)
def test_in_cache(benchmark: Any, change: float) -> None:
    """A few thousand bytes."""
    numbers, times = np.linspace(-1.0, 1.0, 400), _times(change)

    def work() -> None:
        for _ in range(times):
            np.tanh(numbers)

    benchmark(work)


@pytest.mark.parametrize("change", CHANGES)
def test_in_memory(benchmark: Any, change: float) -> None:
    """A megabyte, from one end to the other."""
    numbers, times = np.linspace(-1.0, 1.0, 2**17), _times(change)

    def work() -> None:
        for _ in range(times):
            numbers.sum()

    benchmark(work)
