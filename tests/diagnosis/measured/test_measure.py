"""What is said of each single fault and of some pairs; the program that asks all of them."""

import json

import pytest
from typer import Typer
from typer.testing import CliRunner

from symtests.checking.profile import PROFILES
from tests.diagnosis.measured import measure
from tests.diagnosis.measured.asking import Found, found_by_properties, told_of
from tests.diagnosis.measured.cases import read_cases, write_cases
from tests.diagnosis.measured.listing import FAULTS, PAIRED, fault_of
from tests.diagnosis.measured.measure import answers_of, sample_of_pairs
from tests.diagnosis.measured.summary import LEAST_OF_PAIRS, LEAST_OF_SINGLES, Answer

_ONE_IN = 3
"""Of so many single faults one is asked here; `docs/diagnosis.md` has all of them."""
_PAIRS = 12
"""How many pairs are asked here: the same ones each time."""


def test_single_faults_are_named_and_nothing_else() -> None:
    asked = [(fault.name,) for fault in FAULTS[::_ONE_IN]]
    answers = [answer for answer in answers_of(asked, 1) if answer is not None]
    wrong = [answer.line() for answer in answers if answer.grade == "wrong"]
    assert wrong == []
    right = [answer for answer in answers if answer.grade == "right"]
    assert len(right) >= LEAST_OF_SINGLES * len(asked), [a.line() for a in answers if a.grade != "right"]


def test_both_faults_of_a_pair_are_named_and_nothing_else() -> None:
    answers = [answer for answer in answers_of(sample_of_pairs(_PAIRS), 1) if answer is not None]
    wrong = [answer.line() for answer in answers if answer.grade == "wrong"]
    assert wrong == []
    right = [answer for answer in answers if answer.grade == "right"]
    assert len(right) >= LEAST_OF_PAIRS * len(answers), [a.line() for a in answers if a.grade != "right"]


def test_the_sample_is_always_the_same_and_all_pairs_are_all() -> None:
    assert sample_of_pairs(10) == sample_of_pairs(10)
    assert len(set(sample_of_pairs(10))) == 10
    assert len(sample_of_pairs(None)) == len(PAIRED) * (len(PAIRED) - 1) // 2
    assert sample_of_pairs(10) == sample_of_pairs(None)[:10]


def test_a_property_finds_a_fault_in_the_case_that_is_kept() -> None:
    fault = fault_of("NoCorrection")
    found = found_by_properties(fault, [PROFILES["quick"]], most=1)
    assert [each.prop for each in found] == ["OPT6"]
    told = told_of([fault], [found])
    assert [each.prop for each in told] == ["OPT6"]
    assert "without bias correction" in told[0].sentence
    assert all("slope" in each.sentence for each in told_of([fault_of("SlopeMissing")], [found]))


def test_cases_survive_the_file(tmp_path) -> None:
    cases = read_cases()
    several = {"NoCorrection": cases["NoCorrection"], "SlopeMissing": cases["SlopeMissing"]}
    write_cases(several, tmp_path / "cases.jsonl")
    back = read_cases(tmp_path / "cases.jsonl")
    assert {name: [each.to_json() for each in found] for name, found in back.items()} == {
        name: [each.to_json() for each in found] for name, found in several.items()
    }
    assert all(isinstance(each, Found) for found in back.values() for each in found)


@pytest.mark.parametrize(("names", "status"), [(["MomentsRest"], 0), (["NoCorrection"], 1)])
def test_the_program_writes_a_page_and_tells_whether_all_is_well(names, status, tmp_path, monkeypatch) -> None:
    if status:  # a fault of which no violation is known has nothing said of it
        monkeypatch.setattr(measure, "read_cases", dict)
    app = Typer()
    app.command()(measure.main)
    result = CliRunner().invoke(app, [*names, "--pairs", "0", "--write", str(tmp_path / "page.md")])
    assert result.exit_code == status, result.output
    page = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert f"| {names[0]} | optimizers |" in page
    assert '"singles"' in (tmp_path / "page.json").read_text(encoding="utf-8")


def test_a_record_is_gone_on_with(tmp_path, monkeypatch) -> None:
    app, path, asked = Typer(), tmp_path / "page.md", list[tuple[str, ...]]()
    versions = ["old"]
    app.command()(measure.main)

    def answer(names: tuple[str, ...], cases: object) -> Answer:
        asked.append(names)
        return Answer.of([fault_of(name) for name in names], [], 0.1, versions[-1])

    def run(*options: str) -> list[str]:
        asked.clear()
        CliRunner().invoke(app, ["--write", str(path), *options], catch_exceptions=False)
        return [each["version"] for each in json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["pairs"]]

    monkeypatch.setattr(measure, "FAULTS", ())
    monkeypatch.setattr(measure, "answer_of", answer)
    monkeypatch.setattr(measure, "version", lambda: versions[-1])
    first, second, third = sample_of_pairs(3)
    assert run("--pairs", "2") == ["old", "old"]
    assert run("--pairs", "2", "--resume") == ["old", "old"]
    assert asked == []
    versions.append("new")
    assert sorted(run("--pairs", "3", "--resume", "--minutes", "0")) == ["new", "old"]
    assert asked == [first]  # nothing was said of it, which is not right
    assert run("--pairs", "3", "--resume") == ["new"] * 3
    assert asked == [second, third]
    monkeypatch.setattr(measure, "answer_of", lambda names, cases: None)
    assert run("--pairs", "4", "--resume") == ["new"] * 3
    monkeypatch.setattr(measure, "answer_of", answer)
    assert run("--pairs", "4", "--resume") == ["new"] * 3
    assert asked == []
