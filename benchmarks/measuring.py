"""Measures comparisons: all peers of one in turn, in one process."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from symtests.benchmarks.agreement import difference, tolerance
from symtests.benchmarks.comparison import Comparison, NotMeasured, Peer, Work
from symtests.benchmarks.paired import MOST_SITTINGS, Ratio, ratio_of, times_in_turn
from symtests.float_json import Array

__all__ = ["described", "measure"]


def measure(
    comparison: Comparison, rounds: int, seconds: float, progress: Callable[[float], None] | None = None
) -> dict[str, Any]:
    """Measure all peers that are here and give the same answer, and return the figures as plain JSON data.

    Parameters
    ----------
    comparison
        What is measured.
    rounds, seconds
        As for `symtests.benchmarks.paired.times_in_turn`.
    progress
        Told which share of the long run is done; without it, that is left out.

    Returns
    -------
    dict
        `described`, with ``seconds``, the median over rounds of what ours needs for one of what is counted; ``peers``,
        each with its ``name``, ``seconds``, ``ratio`` to ours, and ``target``: None, or its ``ratio`` and the ``word``
        reached, not reached or open; ``not_measured``, each with its ``name`` and ``reason``; and, where there is a
        long run, ``long_run`` with the ``words`` of what it found, the ``seconds`` that passed, the
        ``processor_seconds`` of all threads, and ``target`` with ``seconds`` and the ``word``. Where the time that
        passes was measured, ``load`` has the system's ``average`` and the number of ``processors``.
    """
    ours = comparison.ours()
    expected = ours.answer()
    measured: list[tuple[Peer, Work]] = []
    not_measured = []
    for peer in comparison.peers:
        work, reason = _built(peer, expected, comparison.dtype)
        if work is None:
            not_measured.append({"name": peer.name, "reason": reason})
        else:
            measured.append((peer, work))
    works = [ours, *(work for _, work in measured)]
    clock = time.process_time if comparison.threads == 1 else time.perf_counter
    each: list[list[float]] = [[] for _ in works]
    random = Random(0)
    for _ in range(MOST_SITTINGS):
        runs = [work.run for work in works]
        times = times_in_turn(runs, rounds=rounds, seconds=seconds, clock=clock, random=random)
        for all_of_it, new, work in zip(each, times, works, strict=True):
            all_of_it += [second / work.count for second in new]
        if not any(ratio_of(each[0], row).too_noisy for row in each[1:]):
            break
    return {
        **described(comparison),
        "seconds": statistics.median(each[0]),
        "peers": [_figures(peer, each[0], row) for (peer, _), row in zip(measured, each[1:], strict=True)],
        "not_measured": not_measured,
        **_long_run(comparison, progress),
        **_load(comparison.threads),
    }


def _load(threads: int) -> dict[str, Any]:
    """Return how busy the machine has been in the last minute, where that stretches what was measured and is known."""
    if threads == 1 or not hasattr(os, "getloadavg"):
        return {}
    return {"load": {"average": os.getloadavg()[0], "processors": os.cpu_count() or 1}}


def _long_run(comparison: Comparison, progress: Callable[[float], None] | None) -> dict[str, Any]:
    """Do the long run; where too much time passed, but not of the processors', a quiet machine may still be in time."""
    long_run = comparison.long_run
    if long_run is None or progress is None:
        return {}
    start, processor_start = time.perf_counter(), time.process_time()
    words = long_run.run(progress)
    seconds, processor_seconds = time.perf_counter() - start, time.process_time() - processor_start
    word = "reached" if seconds <= long_run.most_seconds else "open"
    if processor_seconds > comparison.threads * long_run.most_seconds:
        word = "not reached"
    target = {"seconds": long_run.most_seconds, "word": word}
    found = {"words": words, "seconds": seconds, "processor_seconds": processor_seconds, "target": target}
    return {"long_run": found}


def _figures(peer: Peer, ours: Sequence[float], theirs: Sequence[float]) -> dict[str, Any]:
    ratio = ratio_of(ours, theirs)
    target = None if peer.target is None else {"ratio": peer.target, "word": _word(ratio, peer.target)}
    return {"name": peer.name, "seconds": statistics.median(theirs), "ratio": ratio.to_json(), "target": target}


def _word(ratio: Ratio, target: float) -> str:
    """Return what became of a target: ``open`` where the interval holds it."""
    if ratio.low >= target:
        return "reached"
    return "not reached" if ratio.high < target else "open"


def described(comparison: Comparison) -> dict[str, Any]:
    """Return what is compared as plain JSON data."""
    return {
        "group": comparison.group,
        "name": comparison.name,
        "dtype": comparison.dtype,
        "counted": comparison.counted,
        "threads": comparison.threads,
    }


def _built(peer: Peer, expected: Array, dtype: str) -> tuple[Work | None, str]:
    """Return the work of a peer, if its answer is the expected one, or the reason why it is not measured."""
    try:
        work = peer.build()
        distance, allowed = difference(work.answer(), expected), tolerance(dtype)  # compiles what has to be compiled
    except NotMeasured as missing:
        return None, str(missing)
    except Exception as error:  # whatever a library fails with, the others are measured
        lines = str(error).strip().splitlines() or [""]
        return None, f"{type(error).__name__}: {lines[0][:200]}"
    if not distance <= allowed:
        return None, f"its answer differs from ours by {distance:.2g} of its size, which is more than {allowed:.2g}"
    return work, ""
