"""How long the checks of each property take, relative to each other: a table made from real runs, shipped as data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from statistics import fmean, median
from typing import Any, Final

from symtests.checking.results.results_file import Results
from symtests.validation import InvalidValue

__all__ = ["COSTS_FILE", "STORY", "Costs", "costs_from", "shipped_costs"]

COSTS_FILE: Final = "costs.json"
"""Name of the table beside this module."""
STORY: Final = "story"
"""Name of the learning curves of an implementation where a property is named."""
_SCALE: Final = 1000
"""Cost of a check of average length: costs are whole numbers, so that their sums are the same on every machine."""


@dataclass(frozen=True)
class Costs:
    """Relative costs of checks.

    Parameters
    ----------
    by_property
        Cost of one check of each property by its id, and of the learning curves under `STORY`; 1000 is the mean.
    """

    by_property: Mapping[str, int]

    def of(self, name: str) -> int:
        """Return the cost of a check of a property; the median of all where it is not recorded."""
        found = self.by_property.get(name)
        return self._of_others if found is None else found

    @cached_property
    def _of_others(self) -> int:
        return int(median(self.by_property.values())) if self.by_property else _SCALE

    @property
    def digest(self) -> str:
        """A short text that is another one where a cost is: two machines with one digest deal alike."""
        return hashlib.sha256(json.dumps(dict(sorted(self.by_property.items()))).encode()).hexdigest()[:16]


def costs_from(runs: Iterable[Results]) -> Costs:
    """Return the costs that whole runs show.

    The cost of a property in one run and implementation is the mean time of its checks over the mean time of all checks
    of that implementation; the cost is the mean of those. So a slow implementation counts no more than a fast one. What
    the implementation cannot do counts nowhere.

    Parameters
    ----------
    runs
        Results, each of a run that came to its end.

    Raises
    ------
    InvalidValue
        Where a run was cut short, or nothing was judged.
    """
    shares: dict[str, list[float]] = {}
    for results in runs:
        if not results.complete:
            raise InvalidValue("results: must be of runs that came to their end; run symtests check again")
        for name in results.implementations:
            seconds: dict[str, list[float]] = {}
            for verdict in results.verdicts:
                if verdict.implementation == name and verdict.word != "unsupported":
                    seconds.setdefault(verdict.property, []).append(verdict.seconds)
            mean = fmean(each for times in seconds.values() for each in times) if seconds else 0.0
            for prop, times in seconds.items() if mean > 0 else ():
                shares.setdefault(prop, []).append(fmean(times) / mean)
    if not shares:
        raise InvalidValue("results: must hold at least one verdict that took time")
    return Costs({prop: max(1, round(_SCALE * fmean(each))) for prop, each in sorted(shares.items())})


@cache
def shipped_costs() -> Costs:
    """Return the table that is shipped.

    Raises
    ------
    InvalidValue
        Where it is damaged.
    """
    said: Any = json.loads(files("symtests.checking.sharding").joinpath(COSTS_FILE).read_text(encoding="utf-8"))
    costs = said.get("costs") if isinstance(said, dict) else None
    if not isinstance(costs, dict) or not all(type(cost) is int and cost > 0 for cost in costs.values()):
        raise InvalidValue(f"{COSTS_FILE}: must hold a whole number above 0 for each property; install symtests again")
    return Costs(costs)
