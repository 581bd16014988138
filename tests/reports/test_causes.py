"""Violations stand together by their cause: told once, with the smallest counterexample and every check of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.reports.anchors import anchors_of
from symtests.reports.causes import Cause, causes_of
from symtests.reports.matrix import matrix_of
from symtests.reports.reading import read_results
from symtests.reports.violations import violations_of
from tests.reports import sample

CHECKS = [(name, "mynet", dtype) for name in sample.PROPERTIES for dtype in sample.DTYPES]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("causes")


def causes(folder: Path, *found: dict[str, Any], words: tuple[str, ...] = ()) -> tuple[Cause, ...]:
    """The causes of a run whose first checks have these counterexamples."""
    lines = [sample.run_line(len(found)), sample.implementation_line("mynet")]
    for number, (check, changes) in enumerate(zip(CHECKS, found, strict=False)):
        word = words[number] if words else "violated"
        known = {"reason": "so", "link": "", "file": "k", "entry": 1} if word == "known" else None
        counterexample = sample.counterexample(**changes)
        lines.append(sample.verdict_line(check, word=word, known=known, counterexample=counterexample, failure=None))
    results = read_results(sample.write(folder / "results.jsonl", [*lines, sample.end_line()]))
    anchors = anchors_of(results)
    return causes_of(violations_of(matrix_of(results, anchors), anchors))


def test_the_same_diagnosis_is_told_once_whatever_it_counts(folder: Path) -> None:
    (cause,) = causes(
        folder,
        {"diagnosis": "the slope is 0.50001 of the right one. This explains the wrong answers to 3 of 4 questions."},
        {"diagnosis": "the slope is 0.5 of the right one. This explains 7 of 9 wrong answers. 2 are not explained."},
    )
    assert cause.diagnosis == "the slope is 0.50001 of the right one."
    assert cause.evidence == "This explains the wrong answers to 3 of 4 questions."
    assert (cause.count, cause.dtypes) == (2, "float32 and float64")
    assert [(showing.id, len(showing.violations)) for showing in cause.showings] == [("SYM1", 2)]


def test_other_constants_are_other_causes(folder: Path) -> None:
    found = causes(
        folder, {"diagnosis": "the slope is 0.5 of what it should be."}, {"diagnosis": "the slope is 0.25 of it."}
    )
    assert len(found) == 2


def test_what_nothing_explains_stands_last_and_new_violations_before_known_ones(folder: Path) -> None:
    told = ({"diagnosis": ""}, {"diagnosis": "a"}, {"diagnosis": "b"}, {"diagnosis": "b"}, {"diagnosis": "c"})
    found = causes(folder, *told, words=("violated", "violated", "violated", "violated", "known"))
    assert [(cause.word.word, cause.diagnosis) for cause in found] == [
        ("violated", "b"), ("violated", "a"), ("violated", ""), ("known", "c")
    ]  # fmt: skip
    assert [cause.anchor for cause in found] == ["cause-1", "cause-2", "cause-3", "cause-4"]


def test_the_smallest_counterexample_is_shown(folder: Path) -> None:
    (cause,) = causes(
        folder,
        {"hidden_units": 2, "samples": 1}, {"hidden_units": 1, "samples": 2, "script": "longer"},
        {"hidden_units": 1, "samples": 2, "script": "long"}, {"hidden_units": 1, "samples": 3, "script": ""},
    )  # fmt: skip
    assert cause.smallest.counterexample.script == "long"
    assert len(cause.others) == 3


@given(st.lists(st.sampled_from(["", "a", "b 0.1", "b 0.2"]), min_size=1, max_size=len(CHECKS)))
def test_every_violation_stands_in_one_cause(folder: Path, told: list[str]) -> None:
    found = causes(folder, *({"diagnosis": each} for each in told))
    assert len(found) == len(set(told))
    anchors = [each.anchor for cause in found for each in (cause.smallest, *cause.others)]
    assert len(anchors) == len(set(anchors)) == len(told) == sum(cause.count for cause in found)
