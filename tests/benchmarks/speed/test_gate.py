"""Tests of the way to a verdict: with trios that are made up, and once with real processes."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from symtests.benchmarks.speed.arm import Task
from symtests.benchmarks.speed.evidence import Limits, Verdict
from symtests.benchmarks.speed.gate import Gate, Sides, gate
from symtests.benchmarks.speed.rounds import Trio

NOWHERE = Task("nowhere", (), Path("/"), {})
Truth = Callable[[str, int], float]


class Imagined(Gate):
    """A gate whose sessions measure what `truth` says of a benchmark in the session of a number."""

    def __init__(self, names: Sequence[str], truth: Truth, between: float = 3e-4) -> None:
        super().__init__(Sides(NOWHERE, NOWHERE), progress=lambda _words: None)
        self.names, self.truth, self.between = names, truth, between
        self.random, self.sessions = np.random.default_rng(0), 0

    def session(self, wanted: Sequence[str] = ()) -> dict[str, Trio]:
        self.sessions += 1
        found = {}
        for name in wanted or self.names:
            mean, control = self.truth(name, self.sessions), 0.0
            heads = self.random.normal(mean + self.random.normal(0, self.between), 1e-3, 30)
            controls = self.random.normal(control + self.random.normal(0, self.between), 1e-3, 30)
            found[name] = Trio(tuple(heads), tuple(controls), tuple(heads), 1e-3)
        return found


def verdicts(imagined: Imagined, monkeypatch: pytest.MonkeyPatch) -> dict[str, Verdict]:
    # what confirms is a gate of its own, which goes on counting sessions
    module = importlib.import_module("symtests.benchmarks.speed.gate")  # its package has a function of that name
    monkeypatch.setattr(module, "Gate", lambda *_given: _fresh(imagined))
    return {verdict.name: verdict for verdict in gate(imagined)}


def _fresh(imagined: Imagined) -> Imagined:
    fresh = Imagined(imagined.names, imagined.truth, imagined.between)
    fresh.sessions, fresh.random = imagined.sessions, np.random.default_rng(1)
    return fresh


def test_each_gets_its_word(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = {"same": 0.0, "slower": 0.02, "faster": -0.02}
    found = verdicts(Imagined(list(truth), lambda name, _: truth[name]), monkeypatch)
    assert {name: verdict.outcome for name, verdict in found.items()} == {name: name for name in truth}
    assert found["slower"].confirmed
    assert found["faster"].confirmed
    assert found["slower"].estimate is not None
    assert found["slower"].estimate.change == pytest.approx(0.0202, abs=2e-3)


def test_what_fresh_processes_do_not_show_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    found = verdicts(Imagined(["a"], lambda _, session: 0.02 if session <= 4 else 0.0), monkeypatch)
    assert found["a"].outcome == "undecided"
    assert found["a"].why == "slower at first, but fresh processes do not show it"


def test_what_is_undecided_is_measured_further_up_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    imagined = Imagined(["a"], lambda _, session: 0.01, between=0.03)
    found = verdicts(imagined, monkeypatch)
    assert found["a"].outcome == "undecided"
    assert found["a"].estimate is not None
    assert found["a"].estimate.trios == Limits().most_trios
    settled = Imagined(["a"], lambda _, session: 0.0, between=0.006)
    assert verdicts(settled, monkeypatch)["a"].outcome in ("same", "undecided")
    assert settled.sessions > 4


def test_left_out_and_refused_have_their_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    imagined = Imagined(["a", "b"], lambda *_: 0.0)
    imagined.refused["c"] = "its output differs"
    imagined.left_out["b"] = "base: not today"
    found = verdicts(imagined, monkeypatch)
    assert {name: verdict.outcome for name, verdict in found.items()} == {"a": "same", "b": "left out", "c": "refused"}
    assert found["c"].why == "its output differs"


def test_a_real_suite_in_turns(tmp_path: Path) -> None:
    """Five per cent more of the same work is seen; other output is refused; one side alone is left out."""
    (tmp_path / "test_it.py").write_text(
        "import os, pytest\n"
        "HEAD = os.environ['SIDE'] == 'head'\n"
        "def work(n):\n    total = 0\n    for i in range(n):\n        total += i & 1\n    return None\n"
        "def test_same(benchmark):\n    benchmark(work, 4000)\n"
        "def test_more(benchmark):\n    benchmark(work, 4400 if HEAD else 4000)\n"
        "def test_other(benchmark):\n    benchmark(lambda: 1.5 if HEAD else 1.0)\n"
        "def test_base_alone(benchmark):\n    pytest.skip('no') if HEAD else benchmark(work, 4000)\n"
        "def test_dies(benchmark):\n    benchmark(lambda: os._exit(7) if HEAD else 0)\n"
        "def test_after(benchmark):\n    benchmark(work, 4000)\n"
    )
    words = ("suite", "WANTED", "-q", "-p", "no:cacheprovider", "test_it.py")
    base = Task(sys.executable, words, tmp_path, {**os.environ, "SIDE": "base"})
    sides = Sides(base, replace(base, environment={**os.environ, "SIDE": "head"}))
    limits = Limits(rounds=20, seconds=0.5, most_trios=4)
    found = {verdict.name.rpartition("test_")[2]: verdict for verdict in gate(Gate(sides, limits, progress=_quiet))}
    assert {name: verdict.outcome for name, verdict in found.items() if verdict.estimate is None} == {
        "other": "refused", "base_alone": "left out", "dies": "left out",
    }  # fmt: skip
    assert "status 7" in found["dies"].why
    assert found["same"].estimate is not None
    assert found["after"].estimate is not None
    assert found["more"].estimate is not None
    assert found["more"].estimate.change > found["same"].estimate.change  # by 10 %; a busy machine blurs 1 or 2


def _quiet(_words: str) -> None:
    pass
