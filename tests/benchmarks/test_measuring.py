"""A comparison measures whom it can, names whom it cannot, and shows no time of a wrong answer."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from symtests.benchmarks.comparison import Comparison, LongRun, NotMeasured, Peer, Work, library
from symtests.benchmarks.measuring import measure

ANSWER = np.array([1.0, 2.0])


def work(additions: int, answer: Any = ANSWER, count: float = 1) -> Callable[[], Work]:
    return lambda: Work(lambda: sum(range(additions)), lambda: np.asarray(answer), count)


def missing() -> Work:
    library("surely_not_installed.part", "surely")
    raise AssertionError


def broken() -> Work:
    raise ValueError("it does not work\nat all")


def comparison(*peers: Peer, threads: int = 1, long_run: LongRun | None = None) -> Comparison:
    return Comparison("sums", "2000", "float64", "sum", work(2000), peers, threads, long_run=long_run)


def test_a_peer_is_measured_by_what_it_counts_and_not_by_the_call() -> None:
    found = measure(comparison(Peer("four at once", work(8000, count=4)), Peer("long", work(8000))), 15, 2.0)
    once, long = found["peers"]
    assert once["ratio"]["low"] < 2 < long["ratio"]["high"]  # 1 and 4, but for what a busy machine does
    assert once["ratio"]["high"] < long["ratio"]["low"]
    assert once["seconds"] < long["seconds"]
    assert found["seconds"] > 0
    assert [peer["target"] for peer in found["peers"]] == [None, None]


def test_a_target_is_reached_or_not_or_open() -> None:
    peers = [Peer(str(target), work(2000), target) for target in (0.001, 1000.0)]
    reached, not_reached = (peer["target"] for peer in measure(comparison(*peers), 7, 2.0)["peers"])
    assert reached == {"ratio": 0.001, "word": "reached"}
    assert not_reached == {"ratio": 1000.0, "word": "not reached"}


@pytest.mark.parametrize(
    ("most_seconds", "rest", "word"), [(60.0, 0.0, "reached"), (1e-9, 0.0, "not reached"), (0.5, 1.0, "open")]
)
def test_a_long_run_is_done_once_where_someone_follows_it(most_seconds: float, rest: float, word: str) -> None:
    def run(progress: Callable[[float], None]) -> str:
        progress(0.5)
        sum(range(1000))
        time.sleep(rest)  # as on a machine that does something else
        return "found"

    told: list[float] = []
    whole = comparison(long_run=LongRun(run, most_seconds))
    found = measure(whole, 7, 0.1, told.append)["long_run"]
    assert told == [0.5]
    assert (found["words"], found["target"]) == ("found", {"seconds": most_seconds, "word": word})
    assert 0 < found["processor_seconds"] < 0.5
    assert rest <= found["seconds"] < 60
    assert "long_run" not in measure(whole, 7, 0.1)
    assert "long_run" not in measure(comparison(), 7, 0.1, told.append)


@pytest.mark.parametrize("threads", [1, 2])
def test_who_cannot_be_measured_is_named_with_the_reason(threads: int) -> None:
    found = measure(
        comparison(
            Peer("none", missing), Peer("broken", broken), Peer("wrong", work(10, [1.0, 2.1])),
            Peer("other shape", work(10, [1.0])), Peer("nan", work(10, [1.0, np.nan])), Peer("there", work(10)),
            threads=threads,
        ),
        7, 0.1,
    )  # fmt: skip
    assert [peer["name"] for peer in found["peers"]] == ["there"]
    assert ("load" in found) == (threads > 1 and hasattr(os, "getloadavg"))
    reasons = {each["name"]: each["reason"] for each in found["not_measured"]}
    assert reasons["none"] == "surely_not_installed is not installed; run pip install surely"
    assert reasons["broken"] == "ValueError: it does not work"
    # 0.1 / |(1, 2)| = 0.0447, and half of float64's digits are 1.5e-8
    assert reasons["wrong"] == "its answer differs from ours by 0.045 of its size, which is more than 1.5e-08"
    assert reasons["other shape"].startswith("its answer differs from ours by inf")
    assert reasons["nan"].startswith("its answer differs from ours by inf")


def test_a_library_that_is_there_is_returned() -> None:
    assert library("numpy").__name__ == "numpy"
    with pytest.raises(NotMeasured, match="pip install surely_not_installed"):
        library("surely_not_installed.part")
