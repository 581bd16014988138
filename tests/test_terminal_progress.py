"""What a run does is said while it lasts: on a terminal by a line that moves, elsewhere by a line every ten seconds."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
from rich.console import Console

from symtests import terminal_waiting
from symtests.checking.events import (
    Check,
    Doing,
    Event,
    Finished,
    Judged,
    Planned,
    Prepared,
    Preparing,
    Started,
    Workers,
)
from symtests.checking.results.verdict import Verdict
from symtests.terminal import follow
from symtests.terminal_progress import AtWork
from symtests.terminal_waiting import said_between, said_while_it_lasts

CHECK = Check("torch", "GRAD1", "float64")
JUDGED = Judged(Verdict("torch", "GRAD1", "float64", "exact", "held"))


def after(*events: Event) -> AtWork:
    at_work = AtWork()
    for event in events:
        at_work.note(event)
    return at_work


def test_before_the_plan_implementations_are_sought() -> None:
    assert after().line == "still finding the implementations"


def test_the_workers_of_a_cluster_are_counted() -> None:
    begun = after(Planned(3), Workers(2), Started(CHECK))
    assert begun.line == "still judging on 2 workers: 0 of 3 checks; GRAD1 torch float64"
    begun.note(Workers(1))
    assert begun.count == "0/3 on 1 worker"


def test_the_line_tells_how_far_the_run_is_and_what_each_process_does() -> None:
    begun = after(Planned(3), Preparing("torch"))
    assert begun.line == "still judging: 0 of 3 checks; warming up torch"
    begun.note(Prepared("torch", {}))
    begun.note(Started(CHECK))
    begun.note(Started(Check("torch", "SYM1", "float32")))
    assert begun.line == "still judging: 0 of 3 checks; GRAD1 torch float64; SYM1 torch float32"
    begun.note(Doing("torch", "GRAD1 float64: explains the violation", 4.0))
    assert "; GRAD1 torch float64: explains the violation; SYM1 torch float32" in begun.line
    assert begun.longest == "SYM1 torch float32 (and 1 more)"
    begun.note(JUDGED)
    assert begun.line.startswith("still judging: 1 of 3 checks, about ")
    assert begun.line.endswith(" s left; SYM1 torch float32")


def test_what_an_implementation_does_ends_with_an_empty_text() -> None:
    at_work = after(Planned(1), Started(CHECK), JUDGED, Doing("torch", "draws its learning curves", 15.0))
    assert at_work.line.endswith("torch: draws its learning curves")
    at_work.note(Doing("torch", ""))
    assert at_work.longest == "waiting for a process"


def slow_run(seconds: float) -> Iterator[Event]:
    yield Planned(1)
    yield Started(CHECK)
    yield Doing("torch", "GRAD1 float64: explains the violation", 4.0)
    time.sleep(seconds)
    yield JUDGED
    yield Finished({"exact": 1}, 0, seconds, None)


def written(console: Console) -> str:
    return console.file.getvalue()  # type: ignore[attr-defined] # a StringIO


def test_elsewhere_a_line_comes_while_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("symtests.terminal.SECONDS_BETWEEN_LINES", 0.2)
    monkeypatch.setattr(terminal_waiting, "_TICK", 0.05)
    console = Console(file=io.StringIO(), width=200)
    follow(slow_run(1.0), console)
    lines = [line for line in written(console).splitlines() if line.startswith("still judging")]
    assert 2 <= len(lines) <= 6
    assert lines[0] == "still judging: 0 of 1 checks; GRAD1 torch float64: explains the violation"


def test_a_terminal_is_written_to_all_the_time() -> None:
    times: list[float] = []

    class Timed(io.StringIO):
        def write(self, text: str) -> int:
            times.append(time.monotonic())
            return super().write(text)

    console = Console(file=Timed(), width=120, force_terminal=True)
    follow(slow_run(3.0), console)
    assert "GRAD1 torch float64: explains the violation" in written(console)
    assert max(b - a for a, b in pairwise(times)) < 2.0


def test_a_long_work_is_said_elsewhere_and_a_short_one_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal_waiting, "SECONDS_BETWEEN_LINES", 0.2)
    monkeypatch.setattr(terminal_waiting, "_TICK", 0.05)
    console = Console(file=io.StringIO())
    with said_while_it_lasts(console, "writing the report"):
        pass
    assert written(console) == ""
    with said_while_it_lasts(console, "writing the report"):
        time.sleep(0.6)
    assert "still writing the report\n" in written(console)


def test_other_words_are_said_from_when_they_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal_waiting, "SECONDS_BETWEEN_LINES", 0.2)
    monkeypatch.setattr(terminal_waiting, "_TICK", 0.05)
    console = Console(file=io.StringIO())
    with said_while_it_lasts(console, "preparing") as tell:
        tell("measuring [bold]f")
        time.sleep(0.6)
    assert set(written(console).splitlines()) == {"still measuring [bold]f"}


def test_what_is_waited_for_comes_in_its_order_and_nothing_is_said_while_it_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(terminal_waiting, "SECONDS_BETWEEN_LINES", 0.2)
    monkeypatch.setattr(terminal_waiting, "_TICK", 0.05)

    def slow() -> Iterator[object]:
        yield None
        time.sleep(0.5)
        yield 2

    for force_terminal in (False, True):
        console = Console(file=io.StringIO(), force_terminal=force_terminal)
        found, said = [], []
        for item in said_between(console, "measuring", slow()):
            found.append(item)
            before = written(console)
            time.sleep(0.3)
            assert written(console) == before
            said.append(before)
        assert found == [None, 2]
        assert "measuring" in said[1]
