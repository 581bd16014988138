"""A violation says what is wrong with the implementation, and survives the questions that this takes."""

from __future__ import annotations

import shutil
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from symtests.checking import Judged, check
from symtests.checking.diagnosis import with_diagnosis
from symtests.checking.one_check.judge_check import judge_check
from symtests.checking.profile import find_profile
from symtests.checking.results.results_file import read_results
from symtests.checking.results.verdict import Verdict
from symtests.diagnosis import Examination
from symtests.implementations.checked import Checked
from symtests.properties import find
from symtests.properties.base import Case, Property
from symtests.pytest_plugin import explain
from tests.checking import misbehaving
from tests.mutants.base import Correct
from tests.mutants.loss_faults import MeanMissing

FEW = replace(find_profile("quick", examples=20), diagnosis_seconds=60.0)
HERE = Path(misbehaving.__file__)
SHAPE = "the gradient of every tensor is N times too large"


def judged(implementation: object, prop: Property) -> tuple[Verdict, Checked]:
    checked = Checked(implementation, "float64", "mine")
    return judge_check(checked, replace(prop, tiers=("small",), observe=None), FEW), checked


def test_a_violation_says_what_is_wrong() -> None:
    prop = find("GRAD1")
    verdict, checked = judged(MeanMissing(), prop)
    told = with_diagnosis(verdict, prop, checked, Examination(checked, 60.0), 240.0)
    assert told.counterexample is not None
    assert told.counterexample.diagnosis.startswith(SHAPE)
    assert f"diagnosis: {SHAPE}" in explain(told, prop)
    assert Verdict.from_json(told.to_json()) == told


def test_nothing_is_asked_without_a_violation() -> None:
    prop = find("GRAD1")
    verdict, checked = judged(Correct(), prop)
    calls: list[object] = []
    checked.on_call = calls.append
    assert with_diagnosis(verdict, prop, checked, Examination(checked, 60.0), 240.0) is verdict
    assert calls == []


def test_a_fault_of_the_examination_leaves_the_verdict_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> str:
        raise ZeroDivisionError

    prop = find("GRAD1")
    verdict, checked = judged(MeanMissing(), prop)
    monkeypatch.setattr(Examination, "diagnosis_of", fails)
    told = with_diagnosis(verdict, prop, checked, Examination(checked, 60.0), 240.0)
    assert replace(told, observations=()) == verdict
    assert [each["sentence"] for each in told.observations] == [
        "The diagnosis failed by a fault of symtests: ZeroDivisionError: . Please report it."
    ]


def test_no_question_begins_when_the_time_for_the_diagnosis_is_up() -> None:
    class Slow(MeanMissing):
        slow = False

        def train(self, *question: Any) -> Any:
            time.sleep(0.05 * self.slow)
            return super().train(*question)

        def loss_and_gradient(self, *question: Any) -> Any:
            time.sleep(0.05 * self.slow)
            return super().loss_and_gradient(*question)

    prop, net = find("GRAD1"), Slow()
    verdict, checked = judged(net, prop)
    net.slow, started = True, time.monotonic()
    told = with_diagnosis(verdict, prop, checked, Examination(checked, 60.0), 0.3)
    assert time.monotonic() - started < 5
    assert (told.word, told.sentence, told.observations) == (verdict.word, verdict.sentence, ())
    assert with_diagnosis(verdict, prop, checked, Examination(checked, 60.0), 0.0) is verdict


@pytest.mark.parametrize(("property_id", "operation"), [("STEP1", "train"), ("GRAD1", "loss_and_gradient")])
def test_what_a_property_asks_for_is_seen_and_told_on(property_id: str, operation: str) -> None:
    asked: list[set[str]] = []
    where: list[Case] = []
    told: list[str] = []

    class Notes(Examination):
        def diagnosis_of(
            self,
            case: Case,
            operations: Collection[str],
            cases: Sequence[Case] = (),
            trainings: Sequence[Case] = (),
        ) -> str:
            asked.append(set(operations))
            where.extend(cases)
            return "words"

    prop = find(property_id)
    verdict, checked = judged(MeanMissing(), prop)
    checked.on_call = lambda call: told.append(call.operation)
    found = with_diagnosis(verdict, prop, checked, Notes(checked, 60.0), 240.0).counterexample
    assert found is not None
    assert found.diagnosis == "words"
    assert asked == [{operation}]
    assert set(told) == {operation}
    assert len(where) == (operation == "loss_and_gradient") * len(told)
    assert all(case.network == Case.from_json(found.case).network for case in where)
    assert checked.on_call is not None


@pytest.mark.parametrize("isolated", [False, True])
def test_the_results_file_keeps_it(isolated: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A process finds a copy: in the checkout it would find its folders in place of the installed package.
    mutants = shutil.copytree(HERE.parents[1] / "mutants", tmp_path / "tests" / "mutants")
    monkeypatch.syspath_prepend(tmp_path)
    implementation = f"{mutants / 'loss_faults.py'}:MeanMissing" if isolated else MeanMissing()
    events = check(
        implementation, properties=["GRAD1"], dtypes=["float64"], profile=FEW, out=tmp_path, stories=False, processes=1
    )
    seen = [event.verdict for event in events if isinstance(event, Judged)]
    kept = read_results(tmp_path / "results.jsonl").verdicts
    assert [verdict.word for verdict in seen] == ["violated"]
    for verdict in (*seen, *kept):
        assert verdict.counterexample is not None
        assert verdict.counterexample.diagnosis.startswith(SHAPE)


def test_a_process_that_ends_under_further_questions_keeps_its_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(HERE.parent))
    events = check(
        f"{HERE}:DiesOfFurtherQuestions",
        properties=["own_properties:STEP", "own_properties:STEP_AGAIN"],
        profile=FEW,
        stories=False,
        processes=1,
    )
    seen = [event.verdict for event in events if isinstance(event, Judged)]
    assert [verdict.word for verdict in seen] == ["violated", "violated"]
    assert [verdict.counterexample and verdict.counterexample.diagnosis for verdict in seen] == ["", ""]
