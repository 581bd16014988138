"""The kill matrix finds what is broken, and says what was not found."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from symtests.checking.profile import PROFILES, Profile
from symtests.properties import PROPERTIES
from tests.mutants import kill
from tests.mutants.base import Correct
from tests.mutants.kill import Trial, killers, try_property
from tests.mutants.kill_summary import line_of, page, summary_of
from tests.mutants.listing import MUTANTS, Mutant

FEW = Profile("few", small_examples=5, wide_examples=2, shrink_cases=100, seconds=60.0, effort=0.0)


class Nothing(Correct):
    """Does nothing wrong."""


class Raises(Correct):
    """Raises in each forward pass."""

    def forward(self, *arguments: object) -> None:  # type: ignore[override]
        raise ValueError("no forward pass")


class AnswersFloat32(Correct):
    """Answers in float32 whatever it is asked in."""

    def loss_and_gradient(self, network, parameters, batch):
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        return loss, gradient.astype("float32")


def listed(monkeypatch: pytest.MonkeyPatch, kind: type[Correct], properties: str = "GRAD1") -> None:
    monkeypatch.setattr(kill, "MUTANTS", (Mutant(kind, properties),))


def a_trial(mutant: Mutant, prop: str, **changes: object) -> Trial:
    found = Trial(mutant.name, prop, "float64", prop in mutant.meant_for, "violated", "why", True, 3, 1, 2, 0.5)
    return replace(found, **changes)  # type: ignore[arg-type]


def all_killed() -> list[Trial]:
    return [a_trial(mutant, prop) for mutant in MUTANTS for prop in mutant.meant_for]


def survived(trials: Sequence[Trial], name: str) -> list[Trial]:
    held = {"word": "holds", "killed": False, "hidden_units": None, "samples": None}
    return [replace(trial, **held) if trial.mutant == name else trial for trial in trials]  # type: ignore[arg-type]


def test_a_mutant_is_killed_by_the_smallest_case_that_proves_its_fault() -> None:
    trial = try_property("MeanMissing", "LOSS3", FEW)
    assert (trial.killed, trial.meant, trial.word) == (True, True, "violated")
    assert (trial.hidden_units, trial.samples) == (0, 2)
    assert trial.small
    assert 1 <= trial.cases <= 5


def test_the_same_property_finds_the_same_case_again() -> None:
    first, again = (replace(try_property("BiasAveragedTwice", "GRAD5", FEW), seconds=0.0) for _ in range(2))
    assert first == again


def test_correct_code_is_not_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    listed(monkeypatch, Nothing)
    trial = try_property("Nothing", "GRAD1", FEW)
    assert (trial.killed, trial.small, trial.hidden_units) == (False, False, None)
    assert trial.cases > 7, "those drawn, and those that are asked each time"


def test_what_a_mutant_raises_may_be_a_mistake_in_it_and_kills_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    listed(monkeypatch, Raises)
    trial = try_property("Raises", "GRAD1", FEW)
    assert (trial.killed, trial.word) == (False, "raised")


def test_an_answer_that_is_none_kills(monkeypatch: pytest.MonkeyPatch) -> None:
    listed(monkeypatch, AnswersFloat32)
    trial = try_property("AnswersFloat32", "GRAD1", FEW)
    assert (trial.killed, trial.word) == (True, "wrong dtype")


def test_where_all_are_killed_there_is_no_trouble() -> None:
    summary = summary_of(MUTANTS, all_killed())
    assert (summary.survivors, summary.missed, summary.idle, summary.faults) == ((), (), (), ())
    assert summary.small_share == 1
    assert summary.troubles() == []
    assert f"{len(MUTANTS)} of {len(MUTANTS)} mutants are found" in summary.text()


def test_a_survivor_is_named_in_the_summary_its_line_and_the_page() -> None:
    trials = survived(all_killed(), "MeanMissing")
    summary = summary_of(MUTANTS, trials)
    assert summary.survivors == ("MeanMissing",)
    assert "TROUBLE: no property meant for them finds MeanMissing" in summary.text()
    assert "SURVIVES; missed by GRAD1 (holds)" in line_of([t for t in trials if t.mutant == "MeanMissing"])
    text = page(MUTANTS, trials, PROFILES["default"])
    assert "**Not found: MeanMissing.**" in text
    assert re.search(r"^\| MeanMissing \| .* \| \*\*none\*\* \|", text, re.MULTILINE)


def test_a_mutant_that_an_unmeant_property_finds_survives_the_properties_meant_for_it() -> None:
    mutant = next(mutant for mutant in MUTANTS if mutant.name == "MeanMissing")
    trials = [*survived(all_killed(), mutant.name), a_trial(mutant, "LOSS8")]
    assert summary_of(MUTANTS, trials).survivors == (mutant.name,)
    assert "also LOSS8 case 3: 1 unit, 2 samples" in line_of(trials[-1:])


def test_a_property_that_finds_nothing_is_idle() -> None:
    trials = [replace(t, killed=False, word="holds") if t.prop == "EQV1" else t for t in all_killed()]
    summary = summary_of(MUTANTS, trials)
    assert summary.idle == ("EQV1",)
    assert "EQV1 of FirstOutputOnly" in summary.missed
    assert any("EQV1" in trouble for trouble in summary.troubles())


def test_a_property_without_mutants_is_idle() -> None:
    trials = [trial for trial in all_killed() if trial.prop != "LOSS8"]
    assert summary_of(MUTANTS, trials).idle == ("LOSS8",)


def test_of_a_few_mutants_only_their_properties_are_judged() -> None:
    few = [mutant for mutant in MUTANTS if mutant.family == "start"]
    trials = [trial for trial in all_killed() if trial.mutant in {mutant.name for mutant in few}]
    assert summary_of(few, trials).troubles() == []


def test_counterexamples_that_are_too_large_are_a_trouble() -> None:
    trials = [replace(trial, hidden_units=4) for trial in all_killed()]
    summary = summary_of(MUTANTS, trials)
    assert summary.small_share == 0
    assert any("followed by hand" in trouble for trouble in summary.troubles())


def test_a_property_that_fails_itself_is_a_trouble() -> None:
    trials = all_killed()
    trials[0] = replace(trials[0], word="fault of symtests", killed=False)
    assert summary_of(MUTANTS, trials).faults == (trials[0].prop,)


def test_the_smallest_counterexample_is_told_first() -> None:
    mutant = MUTANTS[0]
    trials = [a_trial(mutant, "GRAD1", hidden_units=5), a_trial(mutant, "GRAD2"), a_trial(mutant, "EQV5", samples=1)]
    assert [trial.prop for trial in killers(trials)] == ["EQV5", "GRAD2", "GRAD1"]


def test_the_page_names_every_mutant_once_and_every_property() -> None:
    text = page(MUTANTS, all_killed(), PROFILES["default"])
    for mutant in MUTANTS:
        assert text.count(f"\n| {mutant.name} |") == 1
    for prop in PROPERTIES:
        assert f"| {prop.id}: {prop.title} |" in text


@pytest.mark.parametrize(("named", "status"), [("ZeroSoldAsRandom", 0), ("NoSuchMutant", 2)])
def test_the_command_writes_what_it_says(tmp_path: Path, named: str, status: int) -> None:
    # Beside a copy, as tox does: what is installed is what is imported.
    shutil.copytree(Path(__file__).parent, tmp_path / "tests" / "mutants")
    command = [sys.executable, "-m", "tests.mutants.kill_matrix", named, "--profile", "quick", "-n", "1"]
    done = subprocess.run(
        [*command, "--out", "found", "--write", "page.md"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == status, done.stdout + done.stderr
    if status == 0:
        assert "1/1 ZeroSoldAsRandom" in done.stdout
        assert "1 of 1 mutants are found" in done.stdout
        data = json.loads((tmp_path / "found" / "mutants.json").read_text(encoding="utf-8"))
        assert [(trial["mutant"], trial["property"], trial["killed"]) for trial in data["trials"]] == [
            ("ZeroSoldAsRandom", "BRK1", True)
        ]
        assert "| ZeroSoldAsRandom |" in (tmp_path / "page.md").read_text(encoding="utf-8")
    else:
        assert "NoSuchMutant" in done.stdout
        assert not (tmp_path / "found").exists()
