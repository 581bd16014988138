"""The record of examined models: what it holds, what the page says of it, and that a line is what was found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from symtests.doctor.diagnosing import Diagnosis
from symtests.doctor.findings import Finding
from symtests.doctor.watching import watch
from tests.doctor.simple import random_simple
from tests.evidence.diagnosed import add_missing, line_of, read, summary
from tests.evidence.diagnosed_page import DOCS, page

LINES = read(DOCS / "diagnose_evidence.jsonl")


def of(source: str) -> dict[str, Any]:
    return summary(line for line in LINES if line["source"].startswith(source))


def test_the_page_is_that_of_the_record() -> None:
    assert (DOCS / "diagnose_evidence.md").read_text(encoding="utf-8") == page(LINES)


def test_architectures_are_silent_and_have_groups() -> None:
    found = of("transformers")
    assert found["judged"] >= 150
    assert len(found["fatal"]) <= 1
    assert found["grouped"] >= 0.95 * found["judged"]


def test_no_model_stands_twice() -> None:
    names = [(line["source"], line["name"]) for line in LINES]
    assert len(names) == len(set(names))


def diagnosis(*findings: Finding) -> Diagnosis:
    model = random_simple()
    return Diagnosis(findings, watch(model, model.candidates(), 2), 2, 20, 2, True, 1, (), 0.1)


def test_a_line_says_whether_a_fatal_finding_lasts() -> None:
    stuck, other = (Finding(kind, "fatal", f"{kind}: *seen*") for kind in ("stuck", "tied"))
    assert "proved at step" not in line_of(diagnosis(stuck), diagnosis(other))
    line = {"source": "here", "name": "one", **line_of(diagnosis(stuck), diagnosis(stuck, other))}
    assert line["proved at step"] == 2
    assert line["groups"] == {"hidden units": 1}
    assert "- `one`; there still after 2 steps: stuck: \\*seen\\*." in page([line])


def test_a_record_goes_on_where_it_ended_and_keeps_what_fails(tmp_path: Path) -> None:
    asked: list[str] = []

    def names() -> Any:
        for name in ("good", "bad", "hangs"):
            asked.append(name)
            yield name

    def judge(name: str) -> dict[str, Any]:
        if name == "hangs":
            while True:
                pass
        return {"left out": "too large"} if name == "good" else {"findings": 1 / 0}

    path = tmp_path / "record.jsonl"
    add_missing(path, ["good"], judge, source="here", minutes=1, seconds=1)
    add_missing(path, names(), judge, source="here", minutes=1, seconds=1)
    good, bad, hangs = read(path)
    assert good["left out"] == "too large"
    assert "ZeroDivisionError" in bad["failed"]
    assert hangs["failed"] == "longer than 1 s"
    assert len(asked) == 3
