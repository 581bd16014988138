"""Tests of the properties that a refused kernel is said to violate: what head's own check says is told."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from symtests.benchmarks.speed.arm import Task
from symtests.benchmarks.speed.evidence import Verdict
from symtests.benchmarks.speed.violations import PROPERTIES, with_violations
from symtests.benchmarks.workloads import OPERATIONS
from symtests.properties import FAMILIES

SUITE = "benchmarks/bench_kernels.py"
LINES = """{"property": "GRAD1", "word": "violated", "counterexample": {"sentence": "twice as long"}}
{"property": "STEP1", "word": "violated"}
{"property": "GRAD2", "word": "holds"}
"""


def head(folder: Path, output: str, status: int) -> Task:
    """Return a side whose interpreter notes what it is asked, and answers with what is given."""
    (folder / "answer").write_text(output)
    python = folder / "python"
    python.write_text(f'#!/bin/sh\necho "$@" >> {folder}/asked\ncat {folder}/answer\nexit {status}\n')
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    return Task(str(python), (), folder, os.environ)


def refused(name: str) -> Verdict:
    return Verdict(f"{SUITE}::{name}", "refused", why="it differs")


def test_the_violated_properties_are_named(tmp_path: Path) -> None:
    verdicts = [refused("test_operation[train-2-2-1-float64]"), refused("test_many_starts[float32]"),
                Verdict("other", "same")]  # fmt: skip
    train, starts, other = with_violations(verdicts, head(tmp_path, LINES, 1))
    assert train.why == "it differs; it violates GRAD1 (twice as long); STEP1"
    assert starts.why == train.why
    assert other == verdicts[2]
    asked = (tmp_path / "asked").read_text().splitlines()
    assert len(asked) == 2
    for line, (operation, dtype) in zip(
        sorted(asked, key=lambda text: "MST" in text), [("train", "float64"), ("many_starts", "float32")], strict=True
    ):
        assert f"--dtype {dtype}" in line
        assert all(f"--property {family}" in line for family in PROPERTIES[operation])


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (0, "no property of GRAD, EQV is seen to be violated, in float64"),
        (4, "its properties could not be checked (status 4)"),
    ],
)
def test_where_none_is_violated_or_none_checked_it_says_so(status: int, sentence: str, tmp_path: Path) -> None:
    (verdict,) = with_violations([refused("test_operation[predict-64-128-10-float64]")], head(tmp_path, "", status))
    assert verdict.why == f"it differs; {sentence}"


def test_each_kernel_of_the_suite_has_properties() -> None:
    text = (Path(__file__).parents[3] / SUITE).read_text(encoding="utf-8")
    assert "test_operation" in text
    assert "test_many_starts" in text
    assert {*OPERATIONS, "many_starts"} == {*PROPERTIES}
    assert all(family in FAMILIES for families in PROPERTIES.values() for family in families)
