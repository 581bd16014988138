"""Tests of the record of self-checks: what is entered is kept, counted and gone on from."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from symtests.benchmarks.speed import self_check as module
from symtests.benchmarks.speed.power import power_table
from symtests.benchmarks.speed.self_check import PLAN, Record, Run, counts, machine, self_check
from symtests.benchmarks.speed.self_check_suite import CHANGES
from symtests.validation import InvalidValue

RUN = Run("in_cache", 0.01, ("slower",), (0.0101,), 12.5, 3.0)


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    record = Record(machine(), [RUN, replace(RUN, outcomes=("same",))])
    record.write(tmp_path / "record.json")
    assert Record.read(tmp_path / "record.json") == record
    assert Record.read(tmp_path / "other.json") == Record(machine())


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"machine": {}, "runs": [{"work": "in_cache"}]}'])
def test_another_file_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text(text)
    with pytest.raises(InvalidValue, match="holds no self-check"):
        Record.read(tmp_path / "record.json")


def test_it_goes_on_where_it_was_interrupted_and_keeps_the_shares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(0)

    def interrupted(work: str, change: float, core: int, environment: object) -> Run:
        if draw.random() < 0.1:
            raise KeyboardInterrupt
        return replace(RUN, work=work, change=change)

    monkeypatch.setattr(module, "_run", interrupted)
    path, interruptions = tmp_path / "record.json", 0
    while True:
        try:
            record = self_check(path, 10_000, -1, {}, lambda _words: None)
            break
        except KeyboardInterrupt:
            interruptions += 1
            done = Record.read(path).done()
            shares = [done[kind] / PLAN[kind] for kind in PLAN]
            assert max(shares) - min(shares) <= 1 / min(PLAN.values())
    assert interruptions > 10
    assert record.done() == Counter(dict(PLAN))
    assert Record.read(path) == record


def test_a_record_of_another_machine_is_not_gone_on_with(tmp_path: Path) -> None:
    Record({"processor": "another"}, [RUN]).write(tmp_path / "record.json")
    with pytest.raises(InvalidValue, match="was begun on"):
        self_check(tmp_path / "record.json", 1, -1, {}, lambda _words: None)


def test_the_table_counts_verdicts_with_exact_intervals() -> None:
    suite = Run("suite", 0.0, ("same",) * 19 + ("slower",), (0.0,) * 20, 100.0, 5.0)
    record = Record({"processor": "P"}, [RUN] * 19 + [replace(RUN, outcomes=("undecided",)), suite])
    assert counts(record)["in_memory", CHANGES[-1], True] == {"slower": 1}
    lines = power_table(record).splitlines()
    assert "| in cache | 1 % | 20 | 19 | 0 | 1 | 0 | 75.1 to 99.9 % |" in lines  # Clopper and Pearson
    assert "| in cache, one of twenty | 0 % | 5 | 0 | 5 | 0 | 0 | 0.0 to 52.2 % |" in lines
    assert "load average 3 to 5, median 3." in lines[-1]
    assert "A run of twenty took 100.0 s in the median" in lines[-1]
    assert power_table(Record({})).splitlines()[-1] == "no runs"
