"""Which checks each shard of a run does: the same ones on every machine, and each shard about as much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from symtests.checking.sharding.costs import STORY, Costs
from symtests.spreading import deal as dealing

__all__ = ["Dealt", "checks_of", "deal"]


class Dealt(NamedTuple):
    """What is dealt: a check, or the learning curves of an implementation, where the property is `STORY`."""

    implementation: str
    property: str
    dtype: str


def checks_of(properties: Sequence[str], dtypes: Mapping[str, Sequence[str]], stories: Iterable[str]) -> list[Dealt]:
    """Return all that is dealt in a run.

    Parameters
    ----------
    properties
        Ids of the properties.
    dtypes
        For each implementation the dtypes in which it is checked.
    stories
        The implementations whose learning curves are drawn.
    """
    checks = [Dealt(name, each, dtype) for name, chosen in dtypes.items() for each in properties for dtype in chosen]
    return [*checks, *(Dealt(name, STORY, "") for name in stories)]


def deal(checks: Iterable[Dealt], shards: int, costs: Costs) -> tuple[frozenset[Dealt], ...]:
    """Deal checks out by what a check of each property costs (`symtests.spreading.deal`); return those of each shard.

    Parameters
    ----------
    checks
        In any order, which does not matter.
    shards
        How many shards there are, at least 1.
    costs
        What a check of each property costs.
    """
    return dealing.deal(checks, shards, lambda check: costs.of(check.property))
