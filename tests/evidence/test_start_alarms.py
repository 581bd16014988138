"""The record of false alarms of the family INIT: what it counts, that it sees an alarm, and that it has none."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties import find
from symtests.start_distributions import NAMED_STARTS
from tests.evidence import start_alarms
from tests.evidence.start_alarms import IMPLEMENTATIONS, NOT_CORRECT, PROPERTIES, add, try_property
from tests.evidence.start_alarms_page import page, total_of
from tests.mutants.initialization_faults import UniformFromZero

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("prop", PROPERTIES, ids=lambda prop: prop.id)
def test_checks_are_counted_scheme_by_scheme(prop: Any) -> None:
    found = try_property(NumpyPlain(), prop, "float32", 3, 3)
    schemes = [scheme for scheme, property_of in NAMED_STARTS.items() if property_of.parts]
    assert set(found) <= set(schemes)
    assert sum(outcomes["held"] for outcomes in found.values()) == total_of(found)["held"] >= 3
    assert not {"violated", "unsupported", "errored"} & set(total_of(found))


def test_some_cases_draw_all_starts_and_most_a_tenth(monkeypatch: pytest.MonkeyPatch) -> None:
    prop, counts = find("INIT2"), list[int]()
    counted = replace(
        prop,
        judge=lambda implementation, case: counts.append(case.details["starts"]) or prop.judge(implementation, case),
    )
    monkeypatch.setattr(start_alarms, "_WHOLE", 1)
    found = try_property(NumpyPlain(), counted, "float32", 3, 2)
    assert total_of(found)["whole"] == len(counts)
    monkeypatch.setattr(start_alarms, "_WHOLE", 10**9)
    whole, counts[:] = list(counts), []
    found = try_property(NumpyPlain(), counted, "float32", 3, 2)
    assert total_of(found)["whole"] == 0
    assert sum(counts) < 0.2 * sum(whole)


def test_schemes_that_are_not_right_are_left_out() -> None:
    assert "normal" not in try_property(NumpyPlain(), find("INIT6"), "float32", 3, 4, ("normal", "orthogonal"))
    assert set(NOT_CORRECT) <= set(IMPLEMENTATIONS)
    assert "opencv" not in IMPLEMENTATIONS


def test_an_accused_start_is_an_alarm(capsys: pytest.CaptureFixture[str]) -> None:
    prop, record = find("INIT2"), dict[str, Any]()
    outcomes = try_property(UniformFromZero(), prop, "float64", 0, 8)
    alarms = total_of(outcomes)["violated"]
    assert alarms > 0
    assert "ALARM INIT2 correct float64: uniform with seeds" in capsys.readouterr().out
    add(record, "broken", prop, "float64", outcomes)
    add(record, "broken", prop, "float64", {"uniform": {"held": 2}})
    assert total_of(record)["held"] == total_of(outcomes)["held"] + 2
    assert f"{alarms} alarms.**" in page(record) or "1 alarm.**" in page(record)


def test_the_command_adds_to_the_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start_alarms, "available", lambda: ["numpy"])
    app = typer.Typer()
    app.command()(start_alarms.main)
    path = tmp_path / "record.json"
    path.write_text(json.dumps({"numpy, float32": {"INIT1": {"zeros": {"held": 10**6}}}}))
    done = CliRunner().invoke(app, ["--minutes", "0.02", "--record", str(path), "--write", str(tmp_path / "page.md")])
    assert done.exit_code == 0, done.output
    total = total_of(json.loads(path.read_text()))
    assert total["held"] > 10**6
    assert f"**{total['held']:,} checks, no alarm.**" in (tmp_path / "page.md").read_text(encoding="utf-8")


def test_the_page_adds_up_properties_schemes_and_implementations() -> None:
    record = {
        "numpy, float32": {"INIT1": {"zeros": {"held": 2, "whole": 1}}, "INIT2": {"normal": {"held": 3}}},
        "torch, float32": {"INIT2": {"normal": {"held": 4, "whole": 4, "unsupported": 5}}},
    }
    text = page(record)
    for row in (
        "| INIT1 | 2 | 1 | 0 |", "| INIT2 | 7 | 4 | 0 |", "| normal | 7 | 4 | 0 |", "| zeros | 2 | 1 | 0 |",
        "| numpy, float32 | 5 | 1 | 0 |", "| torch, float32 | 4 | 4 | 0 |", "**9 checks, no alarm.**",
        "5 questions more were not answered",
    ):  # fmt: skip
        assert row in text


def test_the_page_shows_the_record_in_which_nothing_is_accused() -> None:
    record = json.loads((DOCS / "start_alarms.json").read_text(encoding="utf-8"))
    total = total_of(record)
    assert total["violated"] == total["errored"] == 0
    assert total["held"] >= 50_000
    assert {prop for rows in record.values() for prop in rows} == {prop.id for prop in PROPERTIES}
    assert {name.partition(",")[0] for name in record} == set(IMPLEMENTATIONS)
    schemes = {scheme for rows in record.values() for of in rows.values() for scheme in of}
    assert schemes == {*NAMED_STARTS, "default"}
    assert page(record) == (DOCS / "start_alarms.md").read_text(encoding="utf-8")
