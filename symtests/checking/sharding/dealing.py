"""Which checks each shard of a run does: the same ones on every machine, and each shard about as much."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from symtests.checking.sharding.costs import STORY, Costs
from symtests.validation import InvalidValue

__all__ = ["Dealt", "Shard", "checks_of", "deal", "shard_of"]

_FORM: Final = re.compile(r"(\d{1,6})/(\d{1,6})")


@dataclass(frozen=True)
class Shard:
    """One of several shares of a run: `number` of `of`, counted from 1."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


class Dealt(NamedTuple):
    """What is dealt: a check, or the learning curves of an implementation, where the property is `STORY`."""

    implementation: str
    property: str
    dtype: str


def shard_of(text: str) -> Shard:
    """Return the shard that a text names, as in ``2/8``.

    Raises
    ------
    InvalidValue
        Where it names none.
    """
    found = _FORM.fullmatch(text)
    number, of = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= number <= of:
        raise InvalidValue(f"shard={text!r}: must be a number and of how many, as in '2/8', from '1/8' to '8/8'")
    return Shard(number, of)


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
    """Deal checks out; return those of each shard.

    The dearest check comes first, and each goes to the shard that has least so far (R. L. Graham, "Bounds on
    multiprocessing timing anomalies", SIAM J. Appl. Math. 17, 1969): no shard costs more than the mean of all plus one
    check. Checks of one cost come in the order of a digest of their names, so that no shard gets all of one dtype.

    Parameters
    ----------
    checks
        In any order, which does not matter.
    shards
        How many shards there are, at least 1.
    costs
        What a check of each property costs.
    """
    loads = [0] * shards
    dealt: list[set[Dealt]] = [set() for _ in range(shards)]
    for check in sorted(set(checks), key=lambda each: (-costs.of(each.property), _digest(each), each)):
        lightest = loads.index(min(loads))
        loads[lightest] += costs.of(check.property)
        dealt[lightest].add(check)
    return tuple(map(frozenset, dealt))


def _digest(check: Dealt) -> bytes:
    return hashlib.sha256("\0".join(check).encode("utf-8", "backslashreplace")).digest()
