"""Many starts of one model: how often a layer is dead, and how often the loss stays."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from symtests.binomial import interval
from symtests.doctor.model import Examined

__all__ = ["Counts", "Share", "Starts", "counts_of", "many_starts"]

MISS: Final = 0.05
"""Share of intervals that do not hold the probability."""


@dataclass(frozen=True)
class Share:
    """How many of n starts showed something, and the interval for its probability.

    Parameters
    ----------
    what
        What they showed.
    count, starts
        k of n.
    """

    what: str
    count: int
    starts: int

    @property
    def interval(self) -> tuple[float, float]:
        """The exact interval for the probability, which misses it in 1 of 20 cases."""
        return interval(self.count, self.starts, MISS)

    @property
    def sentence(self) -> str:
        """Say it with its interval."""
        low, high = self.interval
        return f"{self.what} in {self.count} of {self.starts} starts ({100 * low:.0f} to {100 * high:.0f} %)"

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        low, high = self.interval
        return {"what": self.what, "count": self.count, "starts": self.starts, "low": low, "high": high}


@dataclass(frozen=True)
class Starts:
    """What many starts showed.

    Parameters
    ----------
    shares
        The most frequent first; the one of the loss is always there.
    """

    shares: tuple[Share, ...]

    def to_json(self) -> list[dict[str, Any]]:
        """Return it as plain data."""
        return [each.to_json() for each in self.shares]


@dataclass(frozen=True)
class Counts:
    """What some starts showed, in numbers that can be added.

    Parameters
    ----------
    starts
        How many there were.
    stays
        How many of them have a loss that is not lower in the end.
    dead
        How many of them have no gradient at all, for each tensor that has none in at least one.
    """

    starts: int = 0
    stays: int = 0
    dead: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Counts) -> Counts:
        dead = Counter(self.dead) + Counter(other.dead)
        return Counts(self.starts + other.starts, self.stays + other.stays, dict(sorted(dead.items())))

    def shares(self, steps: int) -> Starts:
        """Return the shares, with their intervals, of starts that took so many steps."""
        dead = [
            Share(f"{name} without any gradient at {steps} steps", count, self.starts)
            for name, count in self.dead.items()
        ]
        dead.sort(key=lambda share: (-share.count, share.what))
        stayed = Share(f"a loss on the first batch that is not lower after {steps} steps", self.stays, self.starts)
        return Starts((*dead, stayed))

    def to_json(self) -> dict[str, Any]:
        """Return them as plain data."""
        return {"starts": self.starts, "stays": self.stays, "dead": dict(self.dead)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Counts:
        """Rebuild them from `to_json`."""
        return cls(data["starts"], data["stays"], data["dead"])


def counts_of(models: Iterable[Examined], steps: int) -> Counts:
    """Take k steps from each start and count.

    Parameters
    ----------
    models
        One for each start.
    steps
        k, at least 1.
    """
    return sum((_count(model, steps) for model in models), Counts())


def many_starts(models: Iterable[Examined], steps: int) -> Starts:
    """Take k steps from each start, and return what share of them showed what: see `counts_of`."""
    return counts_of(models, steps).shares(steps)


def _count(model: Examined, steps: int) -> Counts:
    """Count one start."""
    moved: set[str] = set()
    asked = {name for name, fact in model.facts.items() if fact.trainable}
    reached: set[str] = set()
    first = math.nan
    for step in range(steps):
        loss = model.step(step)
        first = loss if step == 0 else first
        for name, gradient in model.gradients().items():
            if gradient is not None:
                reached.add(name)
                if name not in moved and bool((gradient != 0).any()):
                    moved.add(name)
    last = model.step(0, update=False)
    return Counts(1, int(not last < first), dict.fromkeys(sorted(asked & reached - moved), 1))
