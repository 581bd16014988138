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

__all__ = ["AGAIN", "BASE", "HEAD", "Plan", "Trio", "measured"]

BASE: Final = 0
HEAD: Final = 1
AGAIN: Final = 2
_GROUPS: Final = 3
"""Groups of calls that a side times in its turn."""
_SLACK: Final = 60.0
"""Seconds that a turn may take besides a thousand times what it should."""
_FEWEST: Final = 16
"""Rounds before their error is looked at."""
_SLOWEST_MOVE: Final = 1.0
"""Seconds: a benchmark whose setup takes longer stays in its second place."""


@dataclass(frozen=True)
class Plan:
    """How many rounds there are.

    Parameters
    ----------
    rounds, places
        At most so many rounds, in so many places of memory.
    precise
        Where the medians of head and control are known to this error, no further place is tried.
    """

    rounds: int
    places: int = 1
    precise: float = 0.0


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


def measured(arms: Sequence[Arm], calls: int, plan: Plan, draw: random.Random) -> Trio | None:
    """Return what base, head and base again measure; None where a side cannot be run again.

    Parameters
    ----------
    arms
        The three sides, each ready for the benchmark.
    calls
        How many calls a group has, the same for all.
    plan
        How many rounds.
    draw
        Draws the order in each round.
    """
    walls: list[list[float]] = [[] for _ in arms]
    processors: list[list[float]] = [[] for _ in arms]
    stays = False
    for number in range(plan.rounds):
        moves = number * plan.places // plan.rounds != (number - 1) * plan.places // plan.rounds
        if number and not stays and moves:
            if number >= _FEWEST and _error(walls) < plan.precise:
                break
            start = time.monotonic()
            moved = [arm.again() for arm in arms]  # each is asked, whatever the others say
            if not all(moved):
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


def _error(walls: Sequence[Sequence[float]]) -> float:
    """Return the larger standard error of the medians of head and control, from the middle half of their rounds.

    For normal x, the quartiles are 1.349 deviations apart, and the median's error is sqrt(pi / 2) that of the mean.
    """
    errors = []
    for side in (HEAD, AGAIN):
        logarithms = sorted(_logarithms(walls[side], walls[BASE]))
        count = len(logarithms)
        apart = logarithms[3 * count // 4] - logarithms[count // 4]
        errors.append(math.sqrt(math.pi / 2 / count) * apart / 1.349)
    return max(errors)


def _logarithms(numerators: Sequence[float], denominators: Sequence[float]) -> tuple[float, ...]:
    return tuple(math.log(one / other) for one, other in zip(numerators, denominators, strict=True))
