"""The work of the self-check as a suite of twenty benchmarks, of which head does a known share more than base."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final

import pytest

from symtests.benchmarks.speed.self_check_work import work_in_cache, work_in_memory

CHANGES: Final = (*(0.0,) * 5, 0.005, 0.01, 0.02, 0.03, 0.05)


@pytest.mark.parametrize("number", range(len(CHANGES)))
@pytest.mark.parametrize("make", [work_in_cache, work_in_memory])
def test_work(benchmark: Any, make: Callable[[float], Callable[[], None]], number: int) -> None:
    """As much as `CHANGES` says."""
    benchmark(make(CHANGES[number] if os.environ.get("SYMTESTS_SELF_CHECK_SUITE") == "head" else 0.0))
