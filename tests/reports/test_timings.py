"""Timings are read strictly; benchmarks of something else are counted, not guessed at."""

from pathlib import Path
from typing import Any

import pytest

from symtests.reports.timings import read_timings
from symtests.validation import InvalidValue
from tests.reports import timing_sample


def test_everything_is_read(tmp_path: Path) -> None:
    timings = read_timings(timing_sample.write(tmp_path / "benchmarks.json", timing_sample.benchmarks()))
    assert len(timings.entries) == 24
    assert timings.processor == "AMD EPYC 7B13"
    assert timings.not_measured == ("torch: torch is not installed",)
    first, second = timings.entries[:2]
    assert (first.implementation, first.paired, first.median, first.rounds) == ("numba", None, 2e-6, 100)
    assert second.paired is not None
    assert (second.paired.reference, second.paired.median, second.paired.rounds) == ("numba", 4.0, 31)


def test_a_plain_pytest_benchmark_file_will_do(tmp_path: Path) -> None:
    named = timing_sample.benchmark("train", "2-2-1", "float64", "numba")
    content = {"machine_info": {"machine": "arm64"}, "datetime": "now", "benchmarks": [
        named, {"group": None, "name": "other", "extra_info": {}, "stats": {}},
    ]}  # fmt: skip
    timings = read_timings(timing_sample.write(tmp_path / "benchmarks.json", content))
    assert (timings.processor, timings.unnamed, timings.quick) == ("arm64", 1, False)
    assert [entry.group for entry in timings.entries] == ["train 2-2-1 float64"]


ONE = timing_sample.benchmark("train", "2-2-1", "float64", "numpy")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ([], "benchmarks.json: must be a JSON object"),
        ({}, "benchmarks.json: has no 'benchmarks'"),
        (timing_sample.benchmarks(benchmarks=[ONE, ONE]), "benchmarks.json, benchmark 2: group 'train 2-2-1 float64'"),
        (timing_sample.benchmarks(benchmarks=[{**ONE, "group": None}]), "benchmarks.json, benchmark 1: group=None"),
        (timing_sample.benchmarks(benchmarks=[{**ONE, "stats": {"median": 1, "q1": 2, "q3": 3}}]),
         "benchmarks.json, benchmark 1: stats: must be above 0"),
        (timing_sample.benchmarks(benchmarks=[{**ONE, "stats": {"median": 0, "q1": 0, "q3": 0}}]),
         "benchmarks.json, benchmark 1: stats: must be above 0"),
        (timing_sample.benchmarks(benchmarks=[
            {**ONE, "extra_info": {**ONE["extra_info"], "ratio": {"median": 1, "low": 0.5, "high": "Infinity"}}}
        ]), "benchmarks.json, benchmark 1: ratio: must be above 0, finite"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_refused(content: Any, fault: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue) as error:
        read_timings(timing_sample.write(tmp_path / "benchmarks.json", content))
    assert str(error.value).startswith(fault)


def test_a_missing_file_and_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"^benchmarks='.*': cannot be read .*symtests bench or --bench"):
        read_timings(tmp_path / "none.json")
    (tmp_path / "b.json").write_bytes(b"\xff")
    with pytest.raises(InvalidValue, match=r"^benchmarks='.*': is no UTF-8 text"):
        read_timings(tmp_path / "b.json")
