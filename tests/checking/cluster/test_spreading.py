"""Tasks of one's own on a cluster: each result once, whatever dies on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from random import Random

import psutil
import pytest
from distributed import Client

from symtests.landscape.record import read_rates
from symtests.spreading.luggage import luggage_of
from symtests.spreading.place import ClusterLost, Place, results_of
from tests.checking.cluster.hosts import Hosts
from tests.command_line import run_here as run

WORK = """
import time

def squared(number):
    time.sleep(0.1)
    return number, number * number
"""
ASKED = ("starts", "xor", "--width", "1", "--width", "4", "--rate", "1", "--rate", "0.5", "--starts", "20")
STEPS = ("--steps", "50")
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def place(tmp_path: Path, hosts: Hosts, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The cluster, to which a module goes along that is only here."""
    (tmp_path / "work_of_mine.py").write_text(WORK)
    monkeypatch.syspath_prepend(tmp_path)
    return Place(scheduler=hosts.address, luggage=luggage_of([], tmp_path, [Path("work_of_mine.py")]))


def test_workers_that_are_killed_cost_no_task_and_double_none(place: Place, hosts: Hosts) -> None:
    from work_of_mine import squared  # type: ignore[import-not-found]

    random, found = Random(3), []

    def kill() -> None:
        with Client(hosts.address, set_as_default=False) as client, suppress(Exception):
            os.kill(random.choice(sorted(client.run(os.getpid).values())), signal.SIGKILL)

    for result in results_of(squared, range(40), place):
        found.append(result)
        if len(found) in (3, 20):
            threading.Thread(target=kill, daemon=True).start()
    assert sorted(found) == [(number, number * number) for number in range(40)]
    assert not list(hosts.folder.rglob("work_of_mine.py"))


def test_a_scheduler_that_is_killed_is_told_and_what_was_found_was_given(place: Place, tmp_path: Path) -> None:
    from work_of_mine import squared

    own = Hosts(tmp_path / "own", 1)
    found = []
    begun = time.monotonic()
    results = results_of(squared, range(1000), Place(scheduler=own.address, luggage=place.luggage))

    def take() -> None:
        for result in results:
            found.append(result)
            if len(found) == 3:
                own.kill_scheduler()

    try:
        with pytest.raises(ClusterLost, match="does not answer any more"):
            take()
    finally:
        own.close()
    assert 3 <= len(found) < 1000
    assert time.monotonic() - begun < 120


def test_a_landscape_is_measured_by_a_cluster_interrupted_and_gone_on_with(hosts: Hosts, tmp_path: Path) -> None:
    assert run(*ASKED, *STEPS, "--out", "alone", cwd=tmp_path).returncode == 0
    command = [sys.executable, "-c", "from symtests.cli import main; main()", *ASKED, *STEPS]
    words = [*command, "--scheduler", hosts.address, "--out", "far"]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("1/4"):
                break
        psutil.Process(process.pid).kill()
    kept = list(read_rates(tmp_path / "far"))
    assert 1 <= len(kept) < 4
    said = run(*ASKED, *STEPS, "--scheduler", hosts.address, "--out", "far", cwd=tmp_path)
    assert said.returncode == 0, said.stderr
    assert f"{4 - len(kept)} of 4 points to measure" in said.stdout
    for name in ("rates.jsonl", "landscape.md", "landscape.svg"):
        assert (tmp_path / "far" / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()


def test_mutants_and_the_record_of_false_alarms_are_tried_by_a_cluster(hosts: Hosts, tmp_path: Path) -> None:
    # The workers have symtests, and are handed the tests that are run on them. The folders of the checkout beside the
    # tests would hide what is installed.
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "tests").symlink_to(ROOT / "tests")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "path")}
    for words, said in [
        (["mutants/kill_matrix.py", "MeanMissing", "--profile", "quick", "--out", "found"], "1 of 1 mutants are found"),
        (["evidence/false_alarms.py", "numpy", "-p", "LOSS7", "--seeds", "1", "--record", "r.json"], "2 runs, "),
    ]:
        script, *options = words
        done = subprocess.run(
            [sys.executable, ROOT / "tests" / script, *options, "--scheduler", hosts.address],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert said in done.stdout
    assert (tmp_path / "found" / "mutants.json").is_file()
