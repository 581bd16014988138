"""The rounds of one benchmark: base, head and base again take turns on one processor.

On a shared machine the speed drifts by tens of percent within seconds. In a round each side times a few groups of calls
right after the others, in random order; the shortest group is the one that nothing else interrupted, and only ratios
within a round are used:

    head_i = log(min t_head / min t_base),   control_i = log(min t_again / min t_base)

Where the data of a process lie, in which lines of a cache and in which pages, makes one per cent and more for the same
code, and all rounds share it. So the benchmark is run from its setup on in many places: memory is filled by pieces of
random size before each, and the median over all rounds of all places counts. Measured here, that leaves nothing that
processes of the same code differ by; where it does, as where a benchmark's data outlive its setup, trios of fresh
processes show it. So a trio is the unit of evidence, and more rounds cannot stand in for more trios.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from symtests.benchmarks.speed.arm import Arm

__all__ = ["AGAIN", "BASE", "HEAD", "Trio", "measured"]

BASE: Final = 0
HEAD: Final = 1
AGAIN: Final = 2
_GROUPS: Final = 3
"""Groups of calls that a side times in its turn."""
_SLACK: Final = 60.0
"""Seconds that a turn may take besides a thousand times what it should."""
_SLOWEST_MOVE: Final = 1.0
"""Seconds: a benchmark whose setup takes longer stays in its second place."""


@dataclass(frozen=True)
class Trio:
    """What one trio of processes has measured of one benchmark.

    Parameters
    ----------
    head, control
        Logarithms of the ratios of head, and of base again, to base, in each round; shape (rounds,).
    processor
        The same as `head` in processor time.
    seconds
        Shortest time of a call of base.
    """

    head: tuple[float, ...]
    control: tuple[float, ...]
    processor: tuple[float, ...]
    seconds: float


def measured(arms: Sequence[Arm], calls: int, rounds: int, draw: random.Random, places: int = 1) -> Trio | None:
    """Return what base, head and base again measure in so many rounds; None where a side cannot be run again.

    Parameters
    ----------
    arms
        The three sides, each ready for the benchmark.
    calls
        How many calls a group has, the same for all.
    rounds
        How many rounds, in all places together.
    draw
        Draws the order in each round.
    places
        In how many places the data are laid.
    """
    walls: list[list[float]] = [[] for _ in arms]
    processors: list[list[float]] = [[] for _ in arms]
    stays = False
    for number in range(rounds):
        if number and not stays and number * places // rounds != (number - 1) * places // rounds:
            start = time.monotonic()
            if not all([arm.again() for arm in arms]):  # each is asked, whatever the others say
                return None
            stays = time.monotonic() - start > _SLOWEST_MOVE
        for side in draw.sample(range(len(arms)), len(arms)):
            times: list[tuple[Any, Any]] = arms[side].time(_GROUPS, calls, _SLACK)
            walls[side].append(max(1.0, min(wall for wall, _ in times)))
            processors[side].append(max(1.0, min(processor for _, processor in times)))
    return Trio(
        _logarithms(walls[HEAD], walls[BASE]),
        _logarithms(walls[AGAIN], walls[BASE]),
        _logarithms(processors[HEAD], processors[BASE]),
        min(walls[BASE]) * 1e-9 / calls,
    )


def _logarithms(numerators: Sequence[float], denominators: Sequence[float]) -> tuple[float, ...]:
    return tuple(math.log(one / other) for one, other in zip(numerators, denominators, strict=True))
