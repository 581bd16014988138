"""A check on a cluster finds what it finds on one machine, whatever dies on the way."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from distributed import Client

from symtests.checking import Judged, Planned, check
from symtests.checking.events import Event, Workers
from symtests.checking.profile import find_profile
from symtests.checking.results.results_file import RESULTS_FILE, read_results
from symtests.checking.sharding.joining import join
from symtests.spreading.place import ClusterLost
from symtests.validation import InvalidValue
from tests.checking.cluster.hosts import Hosts
from tests.checking.sharding.synthetic import Line, timeless

NETS = ["net.py:Net", "net.py:Broken"]
# A check ends early where its time is up, and a machine that is busy must not make a difference between two runs.
PATIENT = replace(find_profile("quick", examples=2), seconds=3600.0).without_diagnosis()
ASKED: dict[str, Any] = {"properties": ["GRAD1", "SYM1"], "profile": PATIENT, "stories": False}
NET = """
import helper
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.parameters import Parameters

class Net(NumpyPlain):
    name = "net"
    location = "net.py:Net"

class Broken(NumpyPlain):
    name = "broken"
    location = "net.py:Broken"

    def loss_and_gradient(self, network, parameters, batch):
        loss, gradient = super().loss_and_gradient(network, parameters, batch)
        return loss, Parameters(network, gradient.vector * helper.FACTOR)
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A current folder with an implementation of one's own, and what one machine finds."""
    folder, before = tmp_path_factory.mktemp("place"), Path.cwd()
    (folder / "net.py").write_text(NET)
    (folder / "helper.py").write_text("FACTOR = 1.0625\n")
    os.chdir(folder)
    for _ in check(NETS, out=folder / "one", processes=2, **ASKED):
        pass
    yield folder
    os.chdir(before)


def lines(folder: Path) -> list[Line]:
    return [timeless(line) for line in join([folder]).lines]


def run(out: Path, scheduler: str, on_event: Callable[[Event], None] = lambda _: None, **options: Any) -> list[Event]:
    events = []
    for event in check(NETS, out=out, scheduler=scheduler, processes=2, **{**ASKED, **options}):
        events.append(event)
        on_event(event)
    return events


def test_a_cluster_finds_what_one_machine_finds(place: Path, hosts: Hosts, tmp_path: Path) -> None:
    events = run(tmp_path, hosts.address)
    assert lines(tmp_path) == lines(place / "one")
    assert any(event.verdict.counterexample is not None for event in events if isinstance(event, Judged))
    assert Workers(2) in events
    # Nothing stays behind on the workers.
    assert not list(hosts.folder.rglob("net.py"))
    assert not hosts.judging


def test_four_local_workers_find_of_three_implementations_what_one_process_finds(place: Path, tmp_path: Path) -> None:
    asked = {**ASKED, "properties": ["SYM1"]}
    ways: dict[str, dict[str, Any]] = {"one": {"processes": 1}, "four": {"processes": 4, "scheduler": "local"}}
    for name, options in ways.items():
        for _ in check(["numpy", *NETS], out=tmp_path / name, **{**asked, **options}):
            pass
    assert lines(tmp_path / "four") == lines(tmp_path / "one")
    assert len(read_results(tmp_path / "four" / RESULTS_FILE).verdicts) == 6


class Killer(threading.Thread):
    """Kills so many workers, one at a time, at random moments of a run."""

    def __init__(self, address: str, kills: int, longest: float) -> None:
        super().__init__(daemon=True)
        self.address, self.left, self.longest, self.killed = address, kills, longest, 0
        self.random, self.ended = Random(7), threading.Event()

    def run(self) -> None:
        with Client(self.address, set_as_default=False) as client:
            while self.left and not self.ended.wait(self.random.random() * self.longest):
                with suppress(Exception):
                    pids = sorted(client.run(os.getpid, on_error="ignore").values())
                    os.kill(self.random.choice(pids), signal.SIGKILL)
                    self.left -= 1
                    self.killed += 1


def with_kills(place: Path, hosts: Hosts, out: Path, kills: int, **options: Any) -> None:
    """Run with workers that are killed; nothing is lost, and nothing is there twice."""
    killers: list[Killer] = []

    def begin(event: Event) -> None:
        if isinstance(event, Planned):
            killers.append(Killer(hosts.address, kills, 4.0))
            killers[0].start()

    number = 0
    killed = 0
    while killed < kills:
        number += 1
        assert number < 10
        killers.clear()
        folder = out / str(number)
        events = run(folder, hosts.address, begin, **options)
        killers[0].ended.set()
        killers[0].join()
        killed += killers[0].killed
        found = [
            (e.verdict.implementation, e.verdict.property, e.verdict.dtype) for e in events if isinstance(e, Judged)
        ]
        assert len(found) == len(set(found))
        assert lines(folder) == lines(place / "one")


def test_workers_that_are_killed_cost_no_check_and_double_none(place: Path, hosts: Hosts, tmp_path: Path) -> None:
    with_kills(place, hosts, tmp_path, 3)


@pytest.mark.rare
def test_twenty_kills_cost_no_check_and_double_none(place: Path, hosts: Hosts, tmp_path: Path) -> None:
    with_kills(place, hosts, tmp_path, 20)


def test_a_scheduler_that_is_killed_leaves_a_run_that_goes_on(place: Path, tmp_path: Path) -> None:
    first = Hosts(tmp_path / "first", 1)
    judged, killed = 0, 0.0

    def kill(event: Event) -> None:
        nonlocal judged, killed
        judged += isinstance(event, Judged)
        if judged == 3 and not killed:
            first.kill_scheduler()
            killed = time.monotonic()

    try:
        with pytest.raises(ClusterLost, match=r"the scheduler tcp://.* does not answer any more"):
            run(tmp_path / "out", first.address, kill)
    finally:
        first.close()
    assert time.monotonic() - killed < 120
    cut = read_results(tmp_path / "out" / RESULTS_FILE)
    assert not cut.complete
    assert 3 <= len(cut.verdicts) < 8
    # It goes on without a cluster.
    (planned, *_) = check(NETS, out=tmp_path / "out", resume=tmp_path / "out", processes=2, **ASKED)
    assert isinstance(planned, Planned)
    assert planned.done == len(cut.verdicts)
    assert lines(tmp_path / "out") == lines(place / "one")


def test_what_cannot_be_done_is_refused_in_a_sentence(place: Path, hosts: Hosts, tmp_path: Path) -> None:
    from symtests.implementations.numpy_plain import NumpyPlain

    with pytest.raises(InvalidValue, match="an object stays on this machine"):
        check([NumpyPlain()], scheduler=hosts.address)
    (tmp_path / "far.py").write_text(NET)
    with pytest.raises(InvalidValue, match="lies outside of the current folder"):
        check([f"{tmp_path}/far.py:Net"], scheduler=hosts.address)
    with pytest.raises(InvalidValue, match="there is no such file or folder"):
        check(["numpy"], scheduler=hosts.address, send=["nothing"])
    with pytest.raises(InvalidValue, match="install there what is missing"):
        next(check(["missing_package.module:Net"], scheduler=hosts.address))
    with pytest.raises(InvalidValue, match=r"cannot be used .* start `dask scheduler`"):
        next(check(["numpy"], scheduler="nonsense://"))


def test_a_missing_extra_is_named(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("symtests.spreading.place.find_spec", lambda name: None if name == "distributed" else object())
    with pytest.raises(InvalidValue, match=r"pip install 'symtests\[cluster\]'"):
        check(["numpy"], scheduler="local")


def test_a_shard_may_be_done_by_a_cluster(place: Path, hosts: Hosts, tmp_path: Path) -> None:
    run(tmp_path / "1", hosts.address, shard="1/2", properties=["SYM1"])
    for _ in check(NETS, out=tmp_path / "2", shard="2/2", processes=2, **{**ASKED, "properties": ["SYM1"]}):
        pass
    joined = join([tmp_path / "1", tmp_path / "2"])
    wanted = [line for line in lines(place / "one") if line.get("property") == "SYM1"]
    assert [timeless(json.loads(json.dumps(verdict.to_json()))) for verdict in joined.verdicts] == wanted
