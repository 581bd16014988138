"""Reads what was measured of kernels beside their peers: times, ratios, and what became of each aim."""

from __future__ import annotations

import math
from dataclasses import dataclass

from symtests.reports.record import Record
from symtests.validation import InvalidValue

__all__ = ["AIMS", "Aim", "Compared", "ComparedPeer", "LongRun", "comparisons_of"]

AIMS = {"reached": "=", "open": "?", "not reached": "✗"}
"""What can become of an aim, with its glyph; open where the interval holds the aim."""


@dataclass(frozen=True)
class Aim:
    """What a ratio should be at least, or seconds at most, and what became of that: a word of `AIMS`."""

    value: float
    word: str

    @property
    def glyph(self) -> str:
        """What stands for the word."""
        return AIMS[self.word]


@dataclass(frozen=True)
class ComparedPeer:
    """A peer: seconds for one of what is counted, and how many times as long as ours that is, with its interval."""

    name: str
    seconds: float
    median: float
    low: float
    high: float
    rounds: int
    aim: Aim | None


@dataclass(frozen=True)
class LongRun:
    """What work that is done once has found, the seconds that passed, those of all processors, and at most how many."""

    words: str
    seconds: float
    processor_seconds: float
    aim: Aim


@dataclass(frozen=True)
class Compared:
    """Our kernel and its peers at one piece of work, and for each peer that was not measured the reason.

    ``load`` says how busy the machine was, where that stretches times.
    """

    group: str
    name: str
    dtype: str
    counted: str
    threads: int
    seconds: float
    peers: tuple[ComparedPeer, ...]
    not_measured: tuple[tuple[str, str], ...]
    long_run: LongRun | None
    load: str

    @property
    def aims(self) -> tuple[Aim, ...]:
        """All aims."""
        aims = [peer.aim for peer in self.peers] + [self.long_run.aim if self.long_run else None]
        return tuple(aim for aim in aims if aim)

    @property
    def title(self) -> str:
        """What tells it from the others of its group: ``2-2-1 float64, one thread``; and how busy the machine was."""
        threads = "one thread" if self.threads == 1 else f"{self.threads} threads"
        return ", ".join(filter(None, (f"{self.name} {self.dtype}", threads, self.load)))


def comparisons_of(about: Record) -> tuple[Compared, ...]:
    """Return the comparisons that a file of benchmarks keeps under its ``symtests``.

    Raises
    ------
    InvalidValue
        Where one of them is not what `symtests bench` writes.
    """
    if not about.has("comparisons"):
        return ()
    return tuple(
        _compared(Record(record.data, f"{about.place}, comparison {number}"))
        for number, record in enumerate(about.records("comparisons"), 1)
    )


def _compared(record: Record) -> Compared:
    return Compared(
        record.text("group"),
        record.text("name"),
        record.text("dtype"),
        record.text("counted"),
        record.count("threads"),
        _positive(record, "seconds"),
        tuple(_peer(Record(peer.data, record.place)) for peer in record.records("peers")),
        tuple((each.text("name"), each.text("reason")) for each in record.records("not_measured")),
        _long_run(Record(record.record("long_run").data, record.place)) if record.has("long_run") else None,
        _load(Record(record.record("load").data, record.place)) if record.has("load") else "",
    )


def _load(record: Record) -> str:
    average = record.number("average")
    if not 0 <= average < math.inf:
        raise InvalidValue(f"{record.place}: average: must be at least 0 and finite")
    return f"load average {average:.1f} on {record.count('processors')} processors"


def _long_run(record: Record) -> LongRun:
    target = Record(record.record("target").data, record.place)
    aim = Aim(_positive(target, "seconds"), target.word("word", AIMS))
    return LongRun(record.text("words"), _positive(record, "seconds"), _positive(record, "processor_seconds"), aim)


def _peer(record: Record) -> ComparedPeer:
    ratio = record.record("ratio")
    median, low, high = (ratio.number(name) for name in ("median", "low", "high"))
    if not 0 < low <= median <= high < math.inf:
        raise InvalidValue(f"{record.place}: ratio: must be above 0, finite, and in order around the median")
    aim = None
    if record.has("target"):
        target = record.record("target")
        aim = Aim(_positive(target, "ratio"), target.word("word", AIMS))
    name, seconds = record.text("name"), _positive(record, "seconds")
    return ComparedPeer(name, seconds, median, low, high, ratio.count("rounds"), aim)


def _positive(record: Record, name: str) -> float:
    value = record.number(name)
    if not 0 < value < math.inf:
        raise InvalidValue(f"{record.place}: {name}: must be above 0 and finite")
    return value
