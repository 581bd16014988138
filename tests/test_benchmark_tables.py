"""A figure is shown with its interval, an aim with what became of it, and what is missing with the reason."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console, RenderableType

from symtests.benchmark_tables import benchmark_table, comparison_tables


def shown(what: RenderableType, width: int = 120) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(what)
    return console.file.getvalue()  # type: ignore[attr-defined] # a StringIO


def test_benchmarks_are_ratios_and_what_is_missing_is_said() -> None:
    def benchmark(name: str, ratio: dict[str, float] | None) -> dict[str, object]:
        extra = {"implementation": name, **({"ratio": ratio} if ratio else {})}
        return {"group": "train 2-2-1 float64", "extra_info": extra, "stats": {"median": 2e-6}}

    ratio = {"median": 3.0, "low": 2.5, "high": 3.5}
    left_out = {"implementation": "c", "reason": "not here", "operation": None, "network": None, "dtype": None}
    figures = {"benchmarks": [benchmark("a", None), benchmark("b", ratio)], "symtests": {"left_out": [left_out]}}
    text = shown(benchmark_table(figures))
    assert "2 µs" in text
    assert "3 × [2.5, 3.5]" in text
    assert "not measured: c: not here" in text


def test_one_reason_is_said_once() -> None:
    left_out = [
        {"implementation": name, "reason": "it cannot", "operation": operation, "network": "2-2-1", "dtype": "float32"}
        for name, operation in (("a", "predict"), ("a", "train"), ("b", "train"))
    ]
    lines = shown(benchmark_table({"benchmarks": [], "symtests": {"left_out": left_out}})).splitlines()
    assert [line for line in lines if line.startswith("not measured")] == [
        "not measured: a 2 times: it cannot",
        "not measured: b train 2-2-1 float32: it cannot",
    ]


def test_many_implementations_get_a_table_for_each_operation_that_fits_a_narrow_terminal() -> None:
    names = ("numba", "numpy", "torch", "jax", "flax", "keras", "autograd", "sklearn")
    benchmarks = [
        {
            "group": f"{operation} 256-256-10 {dtype}",
            "extra_info": {"implementation": name, **({} if name == "numba" else {"ratio": {"median": 12.34}})},
            "stats": {"median": 6.08e-5},
        }
        for operation in ("predict", "loss_and_gradient")
        for dtype in ("float32", "float64")
        for name in names
    ]
    lines = [line.rstrip() for line in shown(benchmark_table({"benchmarks": benchmarks}), 80).splitlines()]
    assert [line.split()[:2] for line in lines] == [
        ["predict", "numba"], ["256-256-10", "float32"], ["256-256-10", "float64"], [],
        ["loss_and_gradient", "numba"], ["256-256-10", "float32"], ["256-256-10", "float64"], [],
        ["median", "time"],
    ]  # fmt: skip
    assert lines[0].split()[1:] == list(names)
    assert lines[1].split()[2:] == ["60.8", "µs", *["12.3"] * 7]


def peer(name: str, target: dict[str, Any] | None) -> dict[str, Any]:
    ratio = {"median": 4321.0, "low": 4000.0, "high": 4400.0, "rounds": 31}
    return {"name": name, "seconds": 4.321e-4, "ratio": ratio, "target": target}


def test_a_comparison_shows_times_ratios_aims_and_reasons() -> None:
    found = {
        "group": "small-nets", "name": "2-2-1", "dtype": "float64", "counted": "training step", "threads": 1,
        "seconds": 1e-7, "peers": [
            peer("a[1]", {"ratio": 3000.0, "word": "reached"}), peer("b", {"ratio": 4100.0, "word": "open"}),
            peer("c", {"ratio": 5000.0, "word": "not reached"}), peer("d", None),
        ],
        "not_measured": [{"name": "e", "reason": "no C compiler was found"}],
    }  # fmt: skip
    lines = [line.strip() for line in shown(comparison_tables({"symtests": {"comparisons": [found]}})).splitlines()]
    assert lines[0] == "small-nets 2-2-1 float64, one thread"
    assert lines[2].split() == ["symtests", "100", "ns"]
    assert [" ".join(line.split()) for line in lines[3:]] == [
        "a[1] 432 µs 4,321 × [4,000, 4,400] ✓ 3000 ×",
        "b 432 µs 4,321 × [4,000, 4,400] ? 4100 ×",
        "c 432 µs 4,321 × [4,000, 4,400] ✗ 5000 ×",
        "d 432 µs 4,321 × [4,000, 4,400]",
        "e - not measured no C compiler was found",
        "3 aims: 1 reached (✓), 1 open (?), 1 not reached (✗)",
    ]


def test_a_long_run_is_shown_below_its_comparison() -> None:
    target = {"seconds": 60.0, "word": "not reached"}
    run = {"words": "3 of 4 learn it", "seconds": 61.5, "processor_seconds": 121.0, "target": target}
    found = {
        "group": "starts", "name": "2-2-1", "dtype": "float32", "counted": "start", "threads": 2, "seconds": 1e-7,
        "peers": [], "not_measured": [], "long_run": run, "load": {"average": 7.46, "processors": 2},
    }  # fmt: skip
    first, *_, line, last = shown(comparison_tables({"symtests": {"comparisons": [found]}})).splitlines()
    assert first.strip() == "starts 2-2-1 float32, 2 threads, load average 7.5 on 2 processors"
    assert line.strip() == "once: 3 of 4 learn it; 61.5 s, 121 s of processor time  ✗ not reached: at most 60 s"
    assert last.strip() == "1 aim: 1 not reached (✗)"


def test_figures_without_comparisons_show_none() -> None:
    assert shown(comparison_tables({"benchmarks": []})).strip() == ""
