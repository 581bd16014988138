"""What symtests 0.1 wrote is read in the words of today; files recorded with it lie in tests/old/."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from symtests.checking.known.known_failure import read_known
from symtests.checking.results.results_file import SCHEMA, read_results
from symtests.cli import app
from symtests.implementations.base import capabilities_of
from symtests.implementations.protocol import read_answer
from symtests.older_words import capabilities_today, known_today, result_today, vectors_today
from symtests.reports.reading import read_results as read_for_report
from symtests.validation import InvalidValue
from symtests.vectors.document import read_vectors

OLD = Path(__file__).parent / "old"
START = {"default": {"weights": {"distribution": "uniform"}, "biases": None}}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
LINES = st.dictionaries(
    st.sampled_from(["type", "schema", "laws", "cells", "left_out", "tally", "capabilities", "flags"]),
    st.sampled_from(["run", "verdict", "implementation", 1, 2]) | JSON,
)


def test_results_of_an_older_version_are_read() -> None:
    results = read_results(OLD / "results-0.1.jsonl")
    assert results.run["schema"] == SCHEMA
    assert [prop["id"] for prop in results.run["properties"]] == ["STEP1", "LOSS3"]
    assert results.run["checks"] == 2
    assert results.run["left_out"] == {"properties_of": "0.1", "properties": []}
    assert [(each.property, each.word, each.tally.conclusive > 0) for each in results.verdicts] == [
        ("STEP1", "violated", True), ("LOSS3", "violated", True)
    ]  # fmt: skip
    (implementation,) = results.implementations.values()
    assert implementation["capabilities"]["start_distributions"] == {}


def test_the_report_reads_results_of_an_older_version() -> None:
    results = read_for_report(OLD / "results-0.1.jsonl")
    assert [prop.id for prop in results.properties] == ["STEP1", "LOSS3"]
    assert results.run.checks == 2
    assert all(verdict.tally.conclusive > 0 for verdict in results.verdicts)


def test_known_failures_of_an_older_version_are_read() -> None:
    known = read_known(OLD / "known-0.1.toml")
    assert known.properties == "0.1"
    assert [entry.prop for entry in known.entries] == ["STEP1", "LOSS3"]


def test_vectors_of_an_older_version_are_read() -> None:
    assert len(read_vectors(OLD / "vectors-0.1.json")) == 2


@pytest.mark.parametrize("name", ["start_laws", "start_distributions"])
def test_starts_are_declared_in_either_words(name: str) -> None:
    said = {"starts": [], name: START}
    found = capabilities_of(type("Says", (), {"capabilities": said}))
    assert found.distribution_of_start("default").weights.distribution == "uniform"  # type: ignore[union-attr]
    hello = {"seq": 1, "protocol": 1, "name": "net", "capabilities": {name: START}}
    answer = read_answer(json.dumps(hello).encode(), "hello", 1)
    assert answer["capabilities"] == {"start_distributions": START}


def test_old_and_new_words_together_are_refused() -> None:
    said = {"start_laws": START, "start_distributions": START}
    assert capabilities_today(said) == said
    with pytest.raises(InvalidValue, match="start_laws"):
        capabilities_of(type("Says", (), {"capabilities": said}))


@pytest.mark.parametrize("option", ["--laws-of", "--properties-of"])
def test_the_option_has_its_old_name_too(option: str) -> None:
    done = CliRunner().invoke(app, ["check", "numpy", option, "99"])
    assert isinstance(done.exception, InvalidValue)
    assert "properties='99': is newer than this symtests" in str(done.exception)


def test_help_tells_the_new_name_alone() -> None:
    told = CliRunner().invoke(app, ["check", "--help"], env={"COLUMNS": "200"}).output
    assert "--properties-of" in told
    assert "--laws-of" not in told


@given(LINES)
def test_anything_else_is_left_as_it_is(line: dict[str, object]) -> None:
    for today in (result_today(line, 2), vectors_today(line, 2)):
        assert len(today) == len(line)
        assert line.get("schema") == 1 or today.get("schema") == line.get("schema")
    if line.get("type") not in ("run", "verdict", "implementation"):
        assert result_today(line, 2) == line
    assert known_today({}) == {}
