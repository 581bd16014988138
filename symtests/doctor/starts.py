"""Many starts of one model: how often a layer is dead, and how often the loss stays."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from symtests.binomial import interval
from symtests.doctor.model import Examined

__all__ = ["Share", "Starts", "many_starts"]

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


def many_starts(models: Iterable[Examined], steps: int) -> Starts:
    """Take k steps from each start and count.

    Parameters
    ----------
    models
        One for each start.
    steps
        k, at least 1.
    """
    dead: dict[str, int] = {}
    number = stays = 0
    for model in models:
        number += 1
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
        stays += not last < first
        for name in sorted(asked & reached - moved):
            dead[name] = dead.get(name, 0) + 1
    shares = [Share(f"{name} without any gradient at {steps} steps", count, number) for name, count in dead.items()]
    shares.sort(key=lambda share: -share.count)
    stayed = Share(f"a loss on the first batch that is not lower after {steps} steps", stays, number)
    return Starts((*shares, stayed))
