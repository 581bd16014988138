"""Reads what pytest-benchmark measured, as far as it says which implementation did what."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from symtests.file_data import require_version, text_of
from symtests.reports.comparisons import Compared, comparisons_of
from symtests.reports.record import Record, parsed
from symtests.validation import InvalidValue

_SCHEMA: Final = 1
"""Version of what `symtests bench` writes, and is read here."""

__all__ = ["Paired", "Timing", "Timings", "read_timings"]


@dataclass(frozen=True)
class Paired:
    """Two implementations timed in turn: the median ratio, and an interval that holds it with 95 % confidence."""

    reference: str
    median: float
    low: float
    high: float
    rounds: int


@dataclass(frozen=True)
class Timing:
    """How long one operation of one implementation took: median and quartiles in seconds.

    `paired` compares it with a reference that was timed in turn with it; None where that was not done.
    """

    group: str
    operation: str
    implementation: str
    dtype: str
    median: float
    first_quartile: float
    third_quartile: float
    rounds: int
    paired: Paired | None


@dataclass(frozen=True)
class Timings:
    """All timings of a file.

    `unnamed` benchmarks say no implementation and are left out; `not_measured` says what was not
    timed, and why; `quick` tells that few rounds were timed; `comparisons` are of kernels and peers
    that are no implementations.
    """

    entries: tuple[Timing, ...]
    processor: str
    taken: str
    quick: bool
    unnamed: int
    not_measured: tuple[str, ...]
    comparisons: tuple[Compared, ...] = ()


def read_timings(path: Path) -> Timings:
    """Return the timings of a pytest-benchmark JSON file.

    Each benchmark that counts has ``operation``, ``implementation`` and ``dtype`` in its ``extra_info``,
    a group in which the implementations are compared, and, where two were timed in turn, a
    ``reference`` and a ``ratio`` with median, low, high and rounds.

    Raises
    ------
    InvalidValue
        Where the file cannot be read, is none of pytest-benchmark's, or holds one timing twice.
    """
    root = parsed(text_of("benchmarks", path, "write it with symtests bench or --benchmark-json"), path.name)
    about = root.record("symtests") if root.has("symtests") else Record({}, root.place)
    if about.has("schema"):  # the first had none, and a file of pytest-benchmark has none
        require_version(path.name, about.data["schema"], _SCHEMA)
    entries: dict[tuple[str, str], Timing] = {}
    unnamed = 0
    for number, record in enumerate(root.records("benchmarks"), 1):
        benchmark = Record(record.data, f"{path.name}, benchmark {number}")
        if not (benchmark.has("extra_info") and benchmark.record("extra_info").has("implementation")):
            unnamed += 1
            continue
        timing = _timing(benchmark)
        key = (timing.group, timing.implementation)
        if key in entries:
            raise InvalidValue(f"{benchmark.place}: group {timing.group!r} times {timing.implementation!r} twice")
        entries[key] = timing
    return Timings(
        tuple(entries.values()),
        _processor(root),
        root.text("datetime"),
        about.has("quick") and about.truth("quick"),
        unnamed,
        tuple(_not_measured(item) for item in about.records("left_out")) if about.has("left_out") else (),
        comparisons_of(about),
    )


def _timing(benchmark: Record) -> Timing:
    about, stats = benchmark.record("extra_info"), benchmark.record("stats")
    median, low, high = (stats.number(name) for name in ("median", "q1", "q3"))
    _require_order(benchmark, "stats", low, median, high)
    return Timing(
        benchmark.text("group"),
        about.text("operation"),
        about.text("implementation"),
        about.text("dtype"),
        median,
        low,
        high,
        stats.count("rounds"),
        _paired(benchmark, about) if about.has("ratio") else None,
    )


def _paired(benchmark: Record, about: Record) -> Paired:
    ratio = about.record("ratio")
    median, low, high = (ratio.number(name) for name in ("median", "low", "high"))
    _require_order(benchmark, "ratio", low, median, high)
    return Paired(about.text("reference"), median, low, high, ratio.count("rounds"))


def _require_order(benchmark: Record, name: str, low: float, median: float, high: float) -> None:
    if not 0 < low <= median <= high < math.inf:
        raise InvalidValue(f"{benchmark.place}: {name}: must be above 0, finite, and in order around the median")


def _not_measured(item: Record) -> str:
    """Return what was not timed, and why: ``torch predict float32: torch is not installed``."""
    what = [item.text(name) for name in ("implementation", "operation", "network", "dtype") if item.has(name)]
    return f"{' '.join(what)}: {item.text('reason')}"


def _processor(root: Record) -> str:
    """Return the processor's name where pytest-benchmark found one."""
    machine = root.record("machine_info")
    if machine.has("cpu") and machine.record("cpu").has("brand_raw"):
        return machine.record("cpu").text("brand_raw")
    return machine.text("machine")
