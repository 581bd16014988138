"""What was found for tasks is on disk at once, is put together, and belongs to one question."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.spreading.record import TaskRecord
from symtests.validation import InvalidValue

QUESTION: dict[str, Any] = {"steps": 3, "model": "a.py"}


def record(folder: Path, *others: Path, **changes: Any) -> TaskRecord:
    return TaskRecord(folder, "found.jsonl", {**QUESTION, **changes}, ["count"], others)


@given(st.dictionaries(st.text(max_size=4), st.integers(0, 9), max_size=6), st.data())
def test_what_was_found_in_parts_is_what_was_found_at_once(
    tmp_path_factory: pytest.TempPathFactory, found: dict[str, int], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("records")
    whole = record(folder / "whole")
    for name, count in data.draw(st.permutations(sorted(found.items()))):
        whole.add(name, {"count": count})
        record(folder / data.draw(st.sampled_from("ab"))).add(name, {"count": count})
    parts = [folder / part for part in "ab" if (folder / part).exists()]
    joined = record(folder / "joined", *parts)
    assert {name: joined[name]["count"] for name in found if name in joined} == found
    for name in found:
        joined.add(name, joined[name])
    if found:
        names = ("joined", "whole")
        assert len({(folder / name / "found.jsonl").read_bytes() for name in names}) == 1


def test_another_question_a_contradiction_and_what_is_no_finding_are_refused(tmp_path: Path) -> None:
    record(tmp_path / "a").add("x", {"count": 1})
    record(tmp_path / "b").add("x", {"count": 2})
    with pytest.raises(InvalidValue, match="x has another result"):
        record(tmp_path / "a", tmp_path / "b")
    with pytest.raises(InvalidValue, match="was found with steps=3, and this asks with steps=4"):
        record(tmp_path / "a", steps=4)
    with pytest.raises(InvalidValue, match=r"name a folder that --out has made"):
        record(tmp_path / "new", tmp_path / "nothing")
    path = tmp_path / "a" / "found.jsonl"
    good = json.loads(path.read_text())
    for wrong in ("{", "[]", "{}", '"x"', *(json.dumps({**good, "found": each}) for each in ({}, {"count": "1"}))):
        path.write_text(wrong + "\n")
        with pytest.raises(InvalidValue, match=r"line 1: is no finding"):
            record(tmp_path / "a")
    path.write_text(json.dumps({**good, "question": None}) + "\n")
    with pytest.raises(InvalidValue, match="does not say what was asked"):
        record(tmp_path / "a")
