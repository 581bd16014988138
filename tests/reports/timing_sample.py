"""A synthetic file of pytest-benchmark: three implementations, two operations, two networks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Line = dict[str, Any]

FACTORS: dict[str, float] = {"numba": 1.0, "numpy": 4.0, "mynet": 0.5}


def benchmark(operation: str, network: str, dtype: str, implementation: str, **changes: Any) -> Line:
    factor = FACTORS.get(implementation, 1.0)
    about: Line = {"operation": operation, "implementation": implementation, "network": network, "dtype": dtype,
                   "samples": 4, "steps": None, "reference": "numba"}  # fmt: skip
    if implementation != "numba":
        about["ratio"] = {"median": factor, "low": factor * 0.95, "high": factor * 1.1, "rounds": 31}
    return {
        "group": f"{operation} {network} {dtype}", "name": "test_operation", "extra_info": about,
        "stats": {"median": 2e-6 * factor, "q1": 1.9e-6 * factor, "q3": 2.2e-6 * factor, "rounds": 100}, **changes,
    }  # fmt: skip


def benchmarks(**changes: Any) -> Line:
    return {
        "machine_info": {"machine": "x86_64", "cpu": {"brand_raw": "AMD EPYC 7B13"}},
        "benchmarks": [
            benchmark(operation, network, dtype, implementation)
            for operation in ("predict", "loss_and_gradient")
            for network in ("2-2-1", "64-128-10")
            for dtype in ("float32", "float64")
            for implementation in FACTORS
        ],
        "datetime": "2026-03-20T14:09:00+00:00",
        "symtests": {"quick": False, "left_out": [
            {"implementation": "torch", "reason": "torch is not installed", "operation": None, "network": None,
             "dtype": None},
        ]}, **changes,
    }  # fmt: skip


def write(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path
