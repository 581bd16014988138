"""Synthetic comparisons of kernels with peers, as `symtests bench` writes them."""

from __future__ import annotations

from typing import Any

from tests.reports import timing_sample

Line = dict[str, Any]


def peer(name: str, median: float, target: Line | None = None) -> Line:
    ratio = {"median": median, "low": median * 0.9, "high": median * 1.1, "rounds": 31}
    return {"name": name, "seconds": 1e-7 * median, "ratio": ratio, "target": target}


def compared(**changes: Any) -> Line:
    return {
        "group": "small-nets", "name": "2-2-1", "dtype": "float64", "counted": "training step", "threads": 1,
        "seconds": 1e-7,
        "peers": [
            peer("C, libm", 3.0, {"ratio": 2.5, "word": "reached"}),
            peer("JAX <loop>", 5.0, {"ratio": 5.0, "word": "open"}),
            peer("NumPy | by hand", 200.0, {"ratio": 300.0, "word": "not reached"}),
            peer("PyTorch", 900.0),
        ],
        "not_measured": [{"name": "Fortran", "reason": "no compiler & no hope"}], **changes,
    }  # fmt: skip


def benchmarks(*comparisons: Line, **changes: Any) -> Line:
    return timing_sample.benchmarks(symtests={"quick": False, "left_out": [], "comparisons": comparisons}, **changes)
