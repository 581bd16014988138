"""The same bits from whatever instructions a processor has: vectors of any width, with or without a fused operation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache

import llvmlite.binding
import pytest

from symtests.network import ACTIVATIONS, DTYPES, LOSSES, OPTIMIZERS
from tests.kernels import every_bit

MACHINES = {"generic": ""}
"""By the names that LLVM gives processors, with their extensions: the first has none."""
if llvmlite.binding.get_host_cpu_features().get("avx2"):
    MACHINES["haswell"] = "+avx2,+fma"


@cache
def here(dtype: str) -> dict[str, str]:
    return every_bit.hashes(dtype)


def differing(machine: str, dtype: str) -> list[str]:
    """What gets other bits from code for that machine: Numba compiles everything anew for it."""
    run = subprocess.run(
        [sys.executable, every_bit.__file__, dtype], capture_output=True, text=True, check=True,
        env={**os.environ, "NUMBA_CPU_NAME": machine, "NUMBA_CPU_FEATURES": MACHINES[machine]},
    )  # fmt: skip
    there = json.loads(run.stdout)
    assert there.keys() == here(dtype).keys()
    return [name for name, value in there.items() if value != here(dtype)[name]]


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_processor_computes_the_same_bits(machine: str, dtype: str) -> None:
    """The plainest one takes a product and a sum at a time, and fuses them in software."""
    assert differing(machine, dtype) == []


def test_everything_is_asked_for_and_nothing_twice() -> None:
    names = " ".join(here("float32"))
    for word in (*ACTIVATIONS, *LOSSES, *OPTIMIZERS):
        assert f" {word}" in names
    assert len(set(here("float32").values())) == len(here("float32")) - 1  # tanh with mse is asked for twice
