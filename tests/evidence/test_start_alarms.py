"""The record of false alarms of the family INIT: what it counts, that it sees an alarm, and that it has none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties import find
from tests.evidence import start_alarms
from tests.evidence.start_alarms import PROPERTIES, add, page, try_property
from tests.mutants.initialization_faults import UniformFromZero

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("prop", PROPERTIES, ids=lambda prop: prop.id)
def test_trials_are_counted(prop: Any) -> None:
    assert try_property(NumpyPlain(), prop, "float32", 3, 5) == {"held": 5}


def test_an_accused_start_is_an_alarm(capsys: pytest.CaptureFixture[str]) -> None:
    prop, record = find("INIT2"), dict[str, Any]()
    outcomes = try_property(UniformFromZero(), prop, "float64", 0, 8)
    assert outcomes["violated"] > 0
    assert "ALARM INIT2 correct float64: uniform with seeds" in capsys.readouterr().out
    add(record, "broken", prop, "float64", outcomes)
    add(record, "broken", prop, "float64", {"held": 2})
    assert sum(record["broken, float64"]["INIT2"].values()) == 10
    assert f"{outcomes['violated']} alarms.**" in page(record) or "1 alarm.**" in page(record)


def test_the_command_adds_to_the_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import typer

    monkeypatch.setattr(start_alarms, "_NEEDS", {"numpy": "numpy"})
    monkeypatch.setattr(start_alarms, "_TRIALS", 1)
    app = typer.Typer()
    app.command()(start_alarms.main)
    path = tmp_path / "record.json"
    path.write_text(json.dumps({"numpy, float32": {"INIT1": {"held": 10**6}}}))
    done = CliRunner().invoke(app, ["--minutes", "0.02", "--record", str(path), "--write", str(tmp_path / "page.md")])
    assert done.exit_code == 0, done.output
    made = json.loads(path.read_text())["numpy, float32"]["INIT1"]["held"]
    assert made > 10**6
    assert f"**{made:,} trials" in (tmp_path / "page.md").read_text() or made < sum(
        count for rows in json.loads(path.read_text()).values() for of in rows.values() for count in of.values()
    )


def test_the_page_shows_the_record_in_which_nothing_is_accused() -> None:
    record = json.loads((DOCS / "start_alarms.json").read_text(encoding="utf-8"))
    outcomes = [outcomes for rows in record.values() for outcomes in rows.values()]
    assert sum(of.get("violated", 0) for of in outcomes) == 0
    assert sum(of.get("held", 0) for of in outcomes) >= 10_000
    assert {prop for rows in record.values() for prop in rows} == {prop.id for prop in PROPERTIES}
    assert page(record) == (DOCS / "start_alarms.md").read_text(encoding="utf-8")
