"""The gate: measures base, head and base again, trio after trio, until each benchmark has its verdict."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

from symtests.benchmarks.speed.arm import Arm, ArmFault, Offered, Task
from symtests.benchmarks.speed.environment import cache_folder, scratch_folder
from symtests.benchmarks.speed.evidence import (
    FEWEST_TRIOS,
    Limits,
    Outcome,
    Verdict,
    adjusted,
    estimate_of,
    word_of,
)
from symtests.benchmarks.speed.outputs import difference
from symtests.benchmarks.speed.rounds import AGAIN, BASE, HEAD, Plan, Trio, measured

__all__ = ["Gate", "Progress", "Sides", "gate"]

_READY: Final = 600.0
"""Seconds that a side may take to get ready for a benchmark: it may compile."""
_FEWEST_ROUNDS: Final = 5
_CONFIRMING: Final = 3
"""Fresh trios that have to show a change too."""

Progress = Callable[[str], None]
"""Told in words what is being done."""


@dataclass(frozen=True)
class Sides:
    """What base and head do; base again does what base does."""

    base: Task
    head: Task


@dataclass
class Gate:
    """What is known so far of a comparison.

    Parameters
    ----------
    sides, limits, core
        What is compared, when something is said, and the processor on which (-1 for any).
    progress
        Told what is being done.

    Attributes
    ----------
    trios
        By benchmark, what was measured.
    left_out, refused
        By benchmark, why it is not compared.
    """

    sides: Sides
    limits: Limits = field(default_factory=Limits)
    core: int = -1
    progress: Progress = print
    trios: dict[str, list[Trio]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def session(self, wanted: Sequence[str] = ()) -> dict[str, Trio]:
        """Start a trio of processes and measure the benchmarks wanted, all where none are named."""
        found: dict[str, Trio] = {}
        remaining = list(wanted)
        while True:
            with _arms(self.sides, remaining, self.core) as arms:
                try:
                    self._measure_all(arms, found)
                    return found
                except ArmFault as fault:
                    running = next((arm.running for arm in arms if arm.has_ended), "")
                    done = {*found, *self.left_out, *self.refused}
                    if (
                        not running or running in done
                    ):  # it was not this benchmark that ended it: no other try is better
                        raise
                    self.left_out[running] = str(fault)
                    order = wanted or arms[HEAD].order
                    remaining = [name for name in order if name not in done and name != running]
                    if not remaining:
                        return found

    def _measure_all(self, arms: Sequence[Arm], found: dict[str, Trio]) -> None:
        """Measure what all sides offer, and enter it."""
        for name, offers in self._aligned(arms):
            trio = None if name in self.left_out else self._measured(name, arms, offers)
            if trio is not None:
                found[name] = trio
            _all(arms, Arm.go_on)

    def _aligned(self, arms: Sequence[Arm]) -> Iterator[tuple[str, list[Offered]]]:
        """Give each benchmark for which all sides are ready; what only some of them offer is left out."""
        offers: list[Offered | None] = [arm.next() for arm in arms]
        order = {name: index for index, name in enumerate(arms[HEAD].order)}
        while True:
            self._note_left_out(arms)
            here = [offer for offer in offers if offer is not None]
            if len(here) < len(arms):
                self._note_alone(here)
                return
            furthest = max(order.get(offer.name, -1) for offer in here)
            behind = [i for i, offer in enumerate(here) if order.get(offer.name, -1) < furthest]
            if not behind:
                yield here[0].name, here
                offers = [arm.next() for arm in arms]
                continue
            for i in behind:
                self.left_out.setdefault(here[i].name, "not all sides have it")
                arms[i].go_on()
                offers[i] = arms[i].next()

    def _note_left_out(self, arms: Sequence[Arm]) -> None:
        for side, arm in zip(("base", "head", "base, again"), arms, strict=True):
            for name, why in arm.left_out.items():
                self.left_out.setdefault(name, f"{side}: {why}")

    def _note_alone(self, offers: Iterable[Offered]) -> None:
        for offer in offers:
            self.left_out.setdefault(offer.name, "not all sides have it")

    def _measured(self, name: str, arms: Sequence[Arm], offers: Sequence[Offered]) -> Trio | None:
        differs = difference(*(offers[side].output for side in (BASE, HEAD, AGAIN)))
        if differs:
            self.refused[name] = differs
            return None
        self.progress(name)
        calls = max(offer.calls for offer in offers)
        draw = random.Random(f"{name} {len(self.trios.get(name, ()))}")
        limits = self.limits
        trio = measured(arms, calls, Plan(self._rounds(arms, calls), limits.places, limits.precise), draw)
        if trio is None:
            self.left_out[name] = "it cannot be run again after it was run"
        return trio

    def _rounds(self, arms: Sequence[Arm], calls: int) -> int:
        """Return how many rounds fit into the time, at least a few."""
        once = sum(wall for arm in arms for wall, _ in arm.time(1, calls, _READY)) * 1e-9
        turn = once * 4  # a call that is not timed, and three that are
        return max(_FEWEST_ROUNDS, min(self.limits.rounds, math.floor(self.limits.seconds / max(turn, 1e-9))))


@contextmanager
def _arms(sides: Sides, wanted: Sequence[str], core: int) -> Iterator[list[Arm]]:
    """Start the three sides; whatever happens, end them."""
    started: list[Arm] = []
    with scratch_folder(cache_folder()) as folder:
        names = folder / "wanted.json"
        names.write_text(json.dumps(list(wanted)), encoding="utf-8")
        try:
            for task in (sides.base, sides.head, sides.base):
                words = tuple(str(names) if word == "WANTED" else word for word in task.words)
                started.append(Arm(replace(task, words=words), core, _READY))
            yield started
        finally:
            _all(started, Arm.close)


def _all(arms: Iterable[Arm], do: Callable[[Arm], None]) -> None:
    for arm in arms:
        do(arm)


def gate(found: Gate) -> list[Verdict]:
    """Measure until each benchmark has its verdict, and return the verdicts in the order of the suite.

    Four trios first; then more for what is undecided, up to the limit; then three fresh trios for each *slower* and
    *faster*, which stands only where these show it too.
    """
    for number in range(FEWEST_TRIOS):
        found.progress(f"processes {number + 1} of {FEWEST_TRIOS}")
        _add(found, found.session(list(found.trios) if number else ()))
    words = _words(found)
    while open_ones := [name for name, word in words.items() if word == "undecided" and _has_room(found, name)]:
        found.progress(f"{len(open_ones)} undecided, measured further")
        for _ in range(2):
            _add(found, found.session(open_ones))
        words = _words(found)
    told = [name for name, word in words.items() if word in ("slower", "faster")]
    confirmed = _confirmed(found, told) if told else {}
    return [_verdict(found, name, words, confirmed) for name in (*found.trios, *found.refused, *found.left_out)]


def _add(found: Gate, measured_now: Mapping[str, Trio]) -> None:
    for name, trio in measured_now.items():
        found.trios.setdefault(name, []).append(trio)
    for name in {*found.refused, *found.left_out}:
        found.trios.pop(name, None)


def _has_room(found: Gate, name: str) -> bool:
    return len(found.trios[name]) < found.limits.most_trios


def _words(found: Gate) -> dict[str, Outcome]:
    estimates = {name: estimate_of(trios, found.limits) for name, trios in found.trios.items() if len(trios) > 1}
    q = adjusted({name: estimate.p for name, estimate in estimates.items()})
    return {name: word_of(estimate, q[name], found.limits) for name, estimate in estimates.items()}


def _confirmed(found: Gate, told: Sequence[str]) -> dict[str, bool]:
    """Return for each of these whether fresh trios show a change to the same side, larger than the floor."""
    found.progress(f"{len(told)} measured again in fresh processes")
    fresh = Gate(found.sides, found.limits, found.core, found.progress)
    for _ in range(_CONFIRMING):
        _add(fresh, fresh.session(told))
    confirmed = {}
    for name in told:
        trios = fresh.trios.get(name, [])
        if len(trios) < _CONFIRMING:
            confirmed[name] = False
            continue
        first, second = estimate_of(found.trios[name], found.limits), estimate_of(trios, found.limits)
        same_side = second.change * first.change > 0 and abs(second.change) > found.limits.floor
        confirmed[name] = same_side and second.p < 2 * (1 - 0.95) and not second.control_differs
    return confirmed


def _verdict(found: Gate, name: str, words: Mapping[str, Outcome], confirmed: Mapping[str, bool]) -> Verdict:
    if name in found.refused:
        return Verdict(name, "refused", why=found.refused[name])
    if name in found.left_out or name not in words:
        return Verdict(name, "left out", why=found.left_out.get(name, "only one trio was measured"))
    trios = found.trios[name]
    estimate, word = estimate_of(trios, found.limits), words[name]
    why = ""
    if name in confirmed and not confirmed[name]:
        word, why = "undecided", f"{word} at first, but fresh processes do not show it"
    elif estimate.control_differs:
        why = f"the same code differs from itself by {100 * estimate.control:+.2f} %"
    seconds = min(trio.seconds for trio in trios)
    return Verdict(name, word, estimate, seconds, why, confirmed.get(name, False))
