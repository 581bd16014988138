"""The rounds of one benchmark: base, head and base again take turns on one processor.

On a shared machine the speed drifts by tens of percent within seconds. In a round each side times a few groups of calls
right after the others, in random order; the shortest group is the one that nothing else interrupted, and only ratios
within a round are used:

    head_i = log(min t_head / min t_base),   control_i = log(min t_again / min t_base)

Where two processes of the same code differ, as by where their pages lie, all rounds of this trio of processes share it.
So a trio is the unit of evidence, and more rounds cannot stand in for more trios.
"""

from __future__ import annotations

import math
import random
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


def measured(arms: Sequence[Arm], calls: int, rounds: int, draw: random.Random) -> Trio:
    """Return what base, head and base again measure in so many rounds.

    Parameters
    ----------
    arms
        The three sides, each ready for the benchmark.
    calls
        How many calls a group has, the same for all.
    rounds
        How many rounds.
    draw
        Draws the order in each round.
    """
    walls: list[list[float]] = [[] for _ in arms]
    processors: list[list[float]] = [[] for _ in arms]
    for _ in range(rounds):
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
