"""The record of false alarms: what it counts, that it goes on where it ended, and that it sees an alarm."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from symtests.checking.profile import Profile
from symtests.checking.results.verdict import Tally, Verdict
from symtests.spreading.deal import Shard
from symtests.spreading.place import Place
from symtests.validation import InvalidValue
from tests.evidence import false_alarms, trying
from tests.evidence.alarm_page import page
from tests.evidence.correct import CORRECT, available
from tests.evidence.record import Check, Record, read, seed_ranges, sources_of
from tests.evidence.roundings import BFLOAT16, FLOAT16, BFloat16, Float16, OrderByUnit, RandomOrder
from tests.mutants.base import Correct
from tests.mutants.loss_faults import MeanMissing

CHECK = Check("numpy", "2", "float32", "GRAD1", 1, "sources")
PROFILE = Profile("few", 4, 2, shrink_cases=20, seconds=60.0, effort=0.0)
DOCS = Path(__file__).resolve().parents[2] / "docs"


def verdict(word: Any = "holds", seed: int = 0) -> Verdict:
    return Verdict("numpy", "GRAD1", "float32", word, "said", tally=Tally(10, 1, 1, 0, 0), seed=seed, seconds=0.5)


def test_seeds_are_written_as_ranges_and_read_back(tmp_path: Path) -> None:
    assert seed_ranges([3, 0, 1, 2, 7]) == "0-3, 7"
    record = Record(4, 2)
    for seed in (0, 1, 5):
        record.add(CHECK, verdict(seed=seed))
    record.add(CHECK, verdict("violated", 6))
    record.write(tmp_path / "record.json")
    again = read(tmp_path / "record.json")
    assert again == record
    assert again.rows[CHECK].seeds == [0, 1, 5, 6]
    assert (again.total("runs"), again.total("alarms"), again.total("conclusive")) == (4, 1, 40)
    assert again.alarms[0]["sentence"] == "said"


def test_what_was_not_tried_is_no_run_and_what_is_inconclusive_no_alarm() -> None:
    record = Record(4, 2)
    for word in ("unsupported", "inconclusive", "holds", "exact", "errored"):
        record.add(CHECK, verdict(word))
    assert [record.total(name) for name in ("runs", "unsupported", "inconclusive", "alarms")] == [4, 1, 1, 1]
    assert record.most_alarms == pytest.approx(3 / 4)


def test_what_is_on_record_is_not_tried_again() -> None:
    record = Record(4, 2)
    every = false_alarms.tasks_of(record, ["numpy"], ["GRAD1", "SYM1"], range(3))
    assert len(every) == 2 * 2 * 3
    assert [seed for _, seed in every] == sorted(seed for _, seed in every)
    for check, seed in every[:5]:
        record.add(check, verdict(seed=seed))
    assert false_alarms.tasks_of(record, ["numpy"], ["GRAD1", "SYM1"], range(3)) == every[5:]


def test_runs_are_made_in_processes_and_end_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Processes find a copy: in the checkout they would find its folders in place of the installed package.
    for folder in ("evidence", "mutants"):
        shutil.copytree(Path(__file__).parents[1] / folder, tmp_path / "tests" / folder)
    monkeypatch.syspath_prepend(tmp_path)
    tasks = false_alarms.tasks_of(Record(4, 2), ["numpy"], ["LOSS7"], range(2))
    found = [each for some in false_alarms.collect(tasks, PROFILE, Place(), 600.0) for each in some]
    assert sorted(tasks, key=str) == sorted(((check, verdict.seed) for check, verdict in found), key=str)
    assert {verdict.word for _, verdict in found} <= {"holds", "exact"}
    assert list(false_alarms.collect(tasks, PROFILE, Place(), 0.0)) == []


def test_each_run_is_in_one_share_and_all_seeds_of_a_check_in_the_same() -> None:
    every = false_alarms.tasks_of(Record(4, 2), ["numpy"], ["GRAD", "SYM"], range(2))
    shares = [false_alarms.share_of(every, Shard(number, 3)) for number in (1, 2, 3)]
    assert sorted(task for share in shares for task in map(str, share)) == sorted(map(str, every))
    of = [{check for check, _ in share} for share in shares]
    assert not of[0] & of[1] | of[0] & of[2] | of[1] & of[2]
    assert all(of)


def test_records_of_shares_are_put_together_and_contradicting_ones_refused(tmp_path: Path) -> None:
    other = replace(CHECK, property="SYM1")
    base = Record(4, 2)
    base.add(CHECK, verdict(seed=0))
    paths = [tmp_path / "1.json", tmp_path / "2.json"]
    for path, check in zip(paths, (CHECK, other), strict=True):
        base.write(path)
        share = read(path)
        share.add(check, replace(verdict("violated", seed=1), property=check.property))
        share.write(path)
    whole = read(paths[0])
    whole.take_over(paths[1])
    assert (whole.rows[CHECK].seeds, whole.rows[other].seeds) == ([0, 1], [1])
    assert [alarm["property"] for alarm in whole.alarms] == ["GRAD1", "SYM1"]
    again = replace(whole, rows=dict(whole.rows), alarms=list(whole.alarms))
    again.take_over(paths[0])
    assert again == whole
    third = Record(4, 2)
    for seed in (1, 5):
        third.add(CHECK, verdict(seed=seed))
    third.write(tmp_path / "3.json")
    with pytest.raises(InvalidValue, match="some of the same seeds"):
        whole.take_over(tmp_path / "3.json")
    apart = Record(4, 2)
    apart.add(CHECK, verdict(seed=9))
    apart.write(tmp_path / "4.json")
    whole.take_over(tmp_path / "4.json")
    assert (whole.rows[CHECK].seeds, whole.rows[CHECK].cases) == ([0, 1, 9], 36)
    Record(8, 4).write(tmp_path / "5.json")
    with pytest.raises(InvalidValue, match="other numbers of cases"):
        whole.take_over(tmp_path / "5.json")


def test_an_accused_implementation_is_an_alarm_with_its_counterexample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "CORRECT", {"numpy": MeanMissing})
    record, check = Record(4, 2), replace(CHECK, property="LOSS3")
    record.add(check, trying.try_check(check, 0, PROFILE))
    assert record.total("alarms") == 1
    assert record.alarms[0]["counterexample"]["script"]
    assert "1 alarm**" in page(record)
    assert "has to be found" in page(record)


def test_a_record_of_other_numbers_of_cases_is_not_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    Record(80, 40).write(path)
    done = CliRunner().invoke(_app(), ["numpy", "--seeds", "1", "--minutes", "0", "--record", str(path)])
    assert done.exit_code == 2
    assert "--anew" in " ".join(done.output.split())
    done = CliRunner().invoke(_app(), ["numpy", "--minutes", "0", "--record", str(path), "--anew"])
    assert done.exit_code == 0
    assert (read(path).small, read(path).wide) == (8, 4)


def test_what_is_known_of_code_that_has_been_changed_is_told_apart(tmp_path: Path) -> None:
    record, path = Record(8, 4), tmp_path / "record.json"
    kept = replace(CHECK, sources=sources_of("GRAD1", "numpy"))
    changed = [replace(kept, property="SYM1"), replace(kept, property="LOSS3", property_version=99)]
    for check in (kept, *changed, replace(kept, property="GONE1")):
        record.add(check, verdict())
    record.add(changed[0], replace(verdict("violated", 1), property="SYM1"))
    record.write(path)
    done = CliRunner().invoke(_app(), ["numpy", "--minutes", "0", "--record", str(path)])
    assert "3 runs are of code that has been changed" in " ".join(done.output.split())
    found = read(path)
    assert {check: row.outdated for check, row in found.rows.items()} == {
        kept: False,
        changed[0]: True,
        changed[1]: True,
    }
    assert found.alarms == []
    assert "1 of these runs are of the code as it was" in page(found)


def test_an_alarm_is_kept_as_long_as_its_own_code_is_that_of_today() -> None:
    record, other = Record(8, 4), replace(CHECK, implementation="numba")
    for check in (CHECK, other):
        record.add(check, replace(verdict("violated"), implementation=check.implementation))
    assert record.mark_outdated(lambda check: check == other, lambda check: False) == 1
    assert [alarm["implementation"] for alarm in record.alarms] == ["numpy"]


def test_runs_of_older_code_are_dropped_once_they_are_made_again(tmp_path: Path) -> None:
    record, path = Record(8, 4), tmp_path / "record.json"
    new = replace(CHECK, sources=sources_of("GRAD1", "numpy"))
    for seed in range(2):
        record.add(CHECK, verdict(seed=seed))
    record.add(new, verdict(seed=0))
    for runs, rows in ((1, {CHECK, new}), (2, {new})):
        assert len(record.rows[new].seeds) == runs
        record.write(path)
        CliRunner().invoke(_app(), ["numpy", "--minutes", "0", "--record", str(path)])
        record = read(path)
        assert set(record.rows) == rows
        record.add(new, verdict(seed=1))


def test_a_property_is_what_it_imports() -> None:
    assert len({sources_of(prop, "numpy") for prop in ("GRAD1", "SYM1", "LOSS3")}) == 3
    assert len({sources_of("GRAD1", name) for name in ("numba", "numpy", "torch", "mean taken last")}) == 4
    assert sources_of("GRAD3", "numpy") == sources_of("GRAD8", "numpy")  # both stand in one file


def _app() -> Any:
    import typer

    app = typer.Typer()
    app.command()(false_alarms.main)
    return app


@pytest.mark.parametrize(("kind", "unit_roundoff"), [(Float16, FLOAT16), (BFloat16, BFLOAT16)])
def test_coarse_arithmetics_round_within_what_they_declare(kind: Any, unit_roundoff: float) -> None:
    numbers = np.random.default_rng(0).normal(size=4096).astype(np.float32)
    off = np.abs(kind.round(numbers) - numbers) / np.abs(numbers)
    assert unit_roundoff / 2 < off.max() <= unit_roundoff
    assert kind.capabilities.roundoff("float32") == unit_roundoff
    np.testing.assert_array_equal(kind.round(kind.round(numbers)), kind.round(numbers))


def test_orders_of_summation_differ_and_sums_do_not() -> None:
    random = np.random.default_rng(1)
    a, b = random.normal(size=(5, 40)).astype(np.float32), random.normal(size=(40, 9)).astype(np.float32)
    plain = Correct().product(a, b)
    for kind in (RandomOrder, OrderByUnit):
        other = kind().product(a, b)
        assert (other != plain).any()
        np.testing.assert_allclose(other, plain, rtol=1e-4, atol=1e-5)
    equal = np.repeat(b[:, :1], 9, axis=1)
    assert len(np.unique(OrderByUnit().product(a, equal)[0])) > 1
    assert len(np.unique(RandomOrder().product(a, equal)[0])) == 1


def test_all_implementations_at_hand_are_tried() -> None:
    assert set(available()) | {"torch"} == set(CORRECT)
    assert {"numba", "numpy"} <= set(available())


def test_the_page_shows_the_record_in_which_nothing_is_accused() -> None:
    record = read(DOCS / "false_alarms.json")
    assert record.alarms == []
    assert record.total("alarms") == 0
    assert record.total("runs") >= 20_000
    assert page(record) == (DOCS / "false_alarms.md").read_text(encoding="utf-8")
