"""A counterexample is told with all its digits, new violations first."""

import math
from pathlib import Path
from typing import Any

import pytest

from symtests.reports.anchors import anchors_of
from symtests.reports.breaches import Breach, breaches_of
from symtests.reports.matrix import matrix_of
from symtests.reports.reading import read_results
from tests.reports import sample

CELL = ("SYM1", "mynet", "float32")


def breaches(folder: Path, *cells: tuple[str, str, str], **changes: Any) -> tuple[Breach, ...]:
    found = sample.counterexample(**changes)
    lines = [
        sample.run_line(len(cells)), sample.implementation_line("numba"), sample.implementation_line("mynet"),
        *(sample.verdict_line(cell, counterexample=found) for cell in cells), sample.end_line(),
    ]  # fmt: skip
    results = read_results(sample.write(folder / "results.jsonl", lines))
    anchors = anchors_of(results)
    return breaches_of(matrix_of(results, anchors), anchors)


def test_new_violations_come_before_crashes_and_known_ones(tmp_path: Path) -> None:
    found = breaches(tmp_path, ("SYM2", "mynet", "float32"), ("NUM3", "mynet", "float32"), CELL)
    assert [breach.word.word for breach in found] == ["violated", "errored", "known"]


def test_numbers_keep_every_digit(tmp_path: Path) -> None:
    difference = breaches(tmp_path, CELL, expected=0.1, found=0.1 + 2**-56, bound=0.0)[0].difference
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
    difference = breaches(tmp_path, CELL, **numbers)[0].difference
    assert difference is not None
    assert (difference.apart, difference.bound) == (apart, bound)


@pytest.mark.parametrize("numbers", [{"expected": None, "found": None}, {"expected": "NaN", "found": "NaN"}])
def test_a_breach_that_is_not_about_numbers_shows_none(numbers: dict[str, Any], tmp_path: Path) -> None:
    found = breaches(tmp_path, CELL, **numbers)[0]
    assert found.difference is None
    assert found.counterexample.expected is None or math.isnan(found.counterexample.expected)
