"""A counterexample is told with all its digits, new violations first."""

import math
import time
from pathlib import Path
from typing import Any

import pytest

from symtests.network import DTYPES
from symtests.properties import PROPERTIES
from symtests.reports import write_report
from symtests.reports.anchors import anchors_of
from symtests.reports.matrix import matrix_of
from symtests.reports.reading import read_results
from symtests.reports.violations import ShownViolation, violations_of
from tests.reports import sample

CELL = ("SYM1", "mynet", "float32")


def violations(folder: Path, *cells: tuple[str, str, str], **changes: Any) -> tuple[ShownViolation, ...]:
    found = sample.counterexample(**changes)
    lines = [
        sample.run_line(len(cells)), sample.implementation_line("numba"), sample.implementation_line("mynet"),
        *(sample.verdict_line(cell, counterexample=found) for cell in cells), sample.end_line(),
    ]  # fmt: skip
    results = read_results(sample.write(folder / "results.jsonl", lines))
    anchors = anchors_of(results)
    return violations_of(matrix_of(results, anchors), anchors)


def test_new_violations_come_before_crashes_and_known_ones(tmp_path: Path) -> None:
    found = violations(tmp_path, ("SYM2", "mynet", "float32"), ("NUM3", "mynet", "float32"), CELL)
    assert [violation.word.word for violation in found] == ["violated", "errored", "known"]


def test_numbers_keep_every_digit(tmp_path: Path) -> None:
    difference = violations(tmp_path, CELL, expected=0.1, found=0.1 + 2**-56, bound=0.0)[0].difference
    assert difference is not None
    assert (difference.expected, difference.found) == ("0.1", "0.10000000000000002")
    assert difference.bound == "0: the two must agree bit for bit"


@pytest.mark.parametrize(
    ("numbers", "apart", "bound"),
    [
        ({"expected": 1.0, "found": 1.5, "bound": 0.125}, "0.5, 4 times the bound", "0.125"),
        ({"expected": 1.0, "found": "NaN", "bound": 0.125}, "NaN", "0.125"),
        ({"expected": 1.0, "found": 2.0, "bound": None}, "1", "not given"),
    ],
)
def test_how_far_apart_they_are_is_told(numbers: dict[str, Any], apart: str, bound: str, tmp_path: Path) -> None:
    difference = violations(tmp_path, CELL, **numbers)[0].difference
    assert difference is not None
    assert (difference.apart, difference.bound) == (apart, bound)


@pytest.mark.parametrize("numbers", [{"expected": None, "found": None}, {"expected": "NaN", "found": "NaN"}])
def test_a_violation_that_is_not_about_numbers_shows_none(numbers: dict[str, Any], tmp_path: Path) -> None:
    found = violations(tmp_path, CELL, **numbers)[0]
    assert found.difference is None
    assert found.counterexample.expected is None or math.isnan(found.counterexample.expected)


def test_of_a_very_long_script_the_page_shows_the_beginning_and_says_where_the_rest_is(tmp_path: Path) -> None:
    (short,) = violations(tmp_path, CELL, script="a = 1\n")
    assert short.script == "a = 1\n"
    (long,) = violations(tmp_path, CELL, script="number = 1.25\n" * 100_000)
    *kept, last = long.script.splitlines()
    assert len(long.script) < 50_000
    assert set(kept) == {"number = 1.25"}
    assert last == f"# ... and {100_000 - len(kept)} more lines: the whole script is in the folder counterexamples."


def test_many_long_counterexamples_are_reported_at_once(tmp_path: Path) -> None:
    found = sample.counterexample(script="numbers = [0.1, -0.25, 3.0, 1e-300]\n" * 3000)
    cells = [(prop.id, name, dtype) for prop in PROPERTIES for name in ("numba", "mynet") for dtype in DTYPES][:140]
    known = [cell for cell in cells if cell[0] in {prop["id"] for prop in sample.run_line()["properties"]}]
    lines = [
        sample.run_line(len(known)), sample.implementation_line("numba"), sample.implementation_line("mynet"),
        *(sample.verdict_line(cell, counterexample=found) for cell in known), sample.end_line(),
    ]  # fmt: skip
    results = sample.write(tmp_path / "results.jsonl", lines)
    started = time.process_time()
    write_report(results, tmp_path)
    assert time.process_time() - started < 5 * max(len(known) / 140, 0.5)
