"""Kills at any moment: no process is left, no check that was finished is lost, and the run can go on."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.attacks.attack import Named, by_name
from tests.attacks.run import Outcome, Running, Server
from tests.attacks.targets.table import ALL

CHECKS = list(ALL)[:6]
OPTIONS = (
    "check", "tests.attacks.targets.slow:Slow",
    *(f"--property=tests.attacks.targets.properties:{name}" for name in CHECKS),
    "--profile", "quick", "--dtype", "float64", "-n", "2", "--time-limit", "10", "--json", "--no-diagnosis", "--out",
    "out",
)  # fmt: skip
Moment = Callable[[Running], bool]


@dataclass(frozen=True)
class Kill(Named):
    """Which process gets which signals, when, and the statuses that are right then.

    `victims` are words of the command lines of processes, each of which gets the signal beside it, in this order;
    ``main`` is the process of the command itself.
    """

    moment: Moment
    victims: tuple[tuple[str, signal.Signals], ...]
    statuses: tuple[int, ...]


def after(seconds: float) -> Moment:
    return lambda running: time.monotonic() > running.started + seconds


def verdicts(number: int) -> Moment:
    """Return the moment at which so many verdicts are on disk."""
    return lambda running: running.records("verdict") >= number


def prepared(running: Running) -> bool:
    return running.records("implementation") > 0


HOST, JUDGE = "python_host", "processes.worker"
GUARDS = {"guard_of_host": f"guard of {HOST}", "guard_of_judge": f"guard of {JUDGE}"}
MOMENTS: dict[str, Moment] = {
    "at_once": after(0.05), "while_loading": after(0.6), "when_prepared": prepared, "after_one": verdicts(1),
    "after_three": verdicts(3),
    "near_the_end": verdicts(len(CHECKS) - 1), "at_the_report": verdicts(len(CHECKS)),
}  # fmt: skip
ENDS = {
    signal.SIGKILL: (-signal.SIGKILL,), signal.SIGINT: (130,),
    signal.SIGTERM: (-signal.SIGTERM, 130, 128 + signal.SIGTERM),
}  # fmt: skip
MOMENTS_OF = {
    signal.SIGKILL: tuple(MOMENTS), signal.SIGINT: ("while_loading", "after_one", "at_the_report"),
    signal.SIGTERM: ("after_three",),
}  # fmt: skip
STOP, KILL = signal.SIGSTOP, signal.SIGKILL
OF_MAIN = by_name(
    (
        *(Kill(f"main_{end.name}_{name}", moment, (("main", end),), statuses)
          for end, statuses in ENDS.items() for name,
          moment in MOMENTS.items() if end is not signal.SIGTERM or "after" in name),
        Kill("main_SIGHUP", verdicts(2), (("main", signal.SIGHUP),), (-signal.SIGHUP, 128 + signal.SIGHUP, 130)),
        *(Kill(f"main_while_{who}_is_stopped", verdicts(2), ((words, STOP), ("main", KILL)), (-KILL,))
          for who, words in {"host": HOST, "judge": JUDGE, **GUARDS}.items()),
        Kill("main_twice", verdicts(1), (("main", signal.SIGINT), ("main", signal.SIGINT)), (130, -signal.SIGINT)),
        *(Kill(f"main_and_{who}", verdicts(1), ((words, KILL), ("main", KILL)), (-KILL,)) for who,
            words in GUARDS.items()),
    )
)  # fmt: skip
OF_OTHERS = by_name(
    (
        *(Kill(f"{who}_{name}", MOMENTS[name], ((words, KILL),), (1, 3, 4))
          for who,
          words in {"host": HOST, "judge": JUDGE, **GUARDS}.items() for name in ("when_prepared", "after_three")),
        Kill("judge_SIGTERM", verdicts(2), ((JUDGE, signal.SIGTERM),), (1, 3, 4)),
        Kill("host_SIGSEGV", verdicts(2), ((HOST, signal.SIGSEGV),), (1, 3)),
        Kill("judge_and_host", verdicts(2), ((JUDGE, KILL), (HOST, KILL)), (1, 3, 4)),
    )
)  # fmt: skip


@pytest.fixture(scope="module")
def undisturbed(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Run the same check without a kill."""
    done = server.run(*OPTIONS, folder=tmp_path_factory.mktemp("undisturbed"))
    assert (done.status, done.hung, done.left) == (1, False, ()), done.text
    return done


def found(outcome: Outcome) -> dict[str, tuple[str, object]]:
    """Return the verdict of each check, and the sentence of its counterexample."""
    return {
        verdict.property: (verdict.word, verdict.counterexample and verdict.counterexample.case)
        for verdict in outcome.results.verdicts
    }


def carry_out(kill: Kill, server: Server, folder: Path) -> Outcome:
    def meanwhile(running: Running) -> None:
        running.wait_until(lambda: kill.moment(running))
        for words, sent in kill.victims:
            running.send(sent, None if words == "main" else words)

    return server.run(*OPTIONS, folder=folder, meanwhile=meanwhile)


@pytest.mark.parametrize("name", OF_MAIN)
def test_the_run_goes_on_as_if_nothing_had_been(
    name: str, undisturbed: Outcome, server: Server, tmp_path: Path
) -> None:
    kill = OF_MAIN[name]
    done = carry_out(kill, server, tmp_path)
    assert not done.hung, done.text
    assert done.left == ()
    over = 1 if done.status == 1 and name.endswith(("at_the_report", "near_the_end")) else None  # it was quicker
    assert over or done.status in kill.statuses, (done.status, done.text)
    shown = [json.loads(line) for line in done.stdout.splitlines() if line.startswith(b"{") and line.endswith(b"}")]
    kept = found(done) if (done.out / "results.jsonl").exists() else {}
    assert {verdict["property"] for verdict in shown} <= set(kept), "a verdict that was shown is not on disk"
    if not kept:
        return
    again = server.run(*OPTIONS, "--resume", folder=tmp_path)
    assert (again.status, again.hung, again.left) == (1, False, ()), again.text
    assert found(again) == found(undisturbed)
    assert again.results.complete
    scripts = {path.name: path.read_text() for path in (undisturbed.out / "counterexamples").iterdir()}
    assert {path.name for path in (again.out / "counterexamples").iterdir()} == set(scripts)


@pytest.mark.parametrize("name", OF_OTHERS)
def test_a_process_that_is_killed_costs_its_own_check_alone(
    name: str, undisturbed: Outcome, server: Server, tmp_path: Path
) -> None:
    kill = OF_OTHERS[name]
    done = carry_out(kill, server, tmp_path)
    assert not done.hung, done.text
    assert done.left == ()
    assert done.status in kill.statuses, (done.status, done.text)
    assert done.results.complete, done.text
    expected, verdicts = found(undisturbed), found(done)
    assert set(verdicts) == set(expected)
    spoilt = {check for check, verdict in verdicts.items() if verdict != expected[check]}
    assert all(verdicts[check][0] == "errored" for check in spoilt)
    # Two processes judge at once; on a slow machine the trivial questions, without which nothing is judged, are hit.
    assert len(spoilt) <= (len(expected) if name.endswith("when_prepared") else 2), spoilt


def test_two_runs_into_one_folder_are_refused(
    server: Server, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    second: list[Outcome] = []

    with Server.another(tmp_path_factory.mktemp("another")) as other:
        assert other.run("--version", folder=tmp_path).status == 0  # it is ready before the first run begins

        def meanwhile(running: Running) -> None:
            running.wait_until(lambda: running.records("verdict") > 0)
            second.append(other.run(*OPTIONS, folder=tmp_path))

        done = server.run(*OPTIONS, folder=tmp_path, meanwhile=meanwhile)
    assert (done.status, done.hung, done.left) == (1, False, ()), done.text
    assert done.results.complete
    assert second[0].status == 2, second[0].text
    assert second[0].stderr.decode().startswith("symtests: out="), second[0].text
