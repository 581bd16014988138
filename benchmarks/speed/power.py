"""What a record of self-checks shows: how often a change of a known size is told, with exact intervals."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from symtests.benchmarks.speed.self_check import SUITE, Record, Run, counts
from symtests.binomial import interval

__all__ = ["conditions", "power_table"]

_WORDS: Final = ("slower", "same", "undecided", "faster")
_MISS: Final = 0.05


def power_table(record: Record) -> str:
    """Return a table in Markdown: a row for each kind of work and change, alone and as one of twenty benchmarks."""
    rows = [
        "| work | more work | runs | slower | same | undecided | faster | *slower*, 95 % interval |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    found = counts(record)
    rows += [_row(work, change, found[work, change, of_suite], of_suite) for work, change, of_suite in sorted(
        found, key=lambda key: (key[2], key[0], key[1]))]  # fmt: skip
    return "\n".join([*rows, "", conditions(record)])


def _row(work: str, change: float, outcomes: Counter[str], of_suite: bool) -> str:
    total = outcomes.total()
    low, high = interval(outcomes["slower"], total, _MISS)
    name = work.replace("_", " ") + (", one of twenty" if of_suite else "")
    figures = [f"{100 * change:g} %", total, *(outcomes[word] for word in _WORDS)]
    return f"| {name} | {' | '.join(map(str, figures))} | {100 * low:.1f} to {100 * high:.1f} % |"


def conditions(record: Record) -> str:
    """Return in a sentence or two where the runs were made, under which load, and how long they took."""
    if not record.runs:
        return "no runs"
    loads = [run.load for run in record.runs]
    where = ", ".join(f"{name} {value}" for name, value in record.machine.items())
    return (
        f"{len(record.runs)} runs ({where}); load average {min(loads):g} to {max(loads):g}, median "
        f"{statistics.median(loads):g}. {_durations(record.runs)}"
    )


def _durations(runs: Sequence[Run]) -> str:
    """Return how long runs of one benchmark and of twenty took."""
    kinds: dict[str, Callable[[Run], bool]] = {
        "one benchmark": lambda run: run.work != SUITE,
        "twenty": lambda run: run.work == SUITE,
    }
    sentences = []
    for name, belongs in kinds.items():
        seconds = sorted(run.seconds for run in runs if belongs(run))
        if seconds:
            longest = seconds[max(0, -(-95 * len(seconds) // 100) - 1)]
            sentences.append(
                f"A run of {name} took {statistics.median(seconds):.1f} s in the median, {longest:.1f} s at most in "
                f"95 of 100, and {seconds[-1]:.1f} s at most."
            )
    return " ".join(sentences)
