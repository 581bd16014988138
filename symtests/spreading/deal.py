"""Deals named tasks out to shares: the same ones on every machine, and each share about as much."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from symtests.validation import InvalidValue

__all__ = ["Shard", "deal", "shard_of"]

_FORM: Final = re.compile(r"(\d{1,6})/(\d{1,6})")

Name = TypeVar("Name", bound=tuple[str, ...])


@dataclass(frozen=True)
class Shard:
    """One of several shares of a run: `number` of `of`, counted from 1."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


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


def deal(names: Iterable[Name], shares: int, cost: Callable[[Name], int]) -> tuple[frozenset[Name], ...]:
    """Deal tasks out; return those of each share.

    The dearest task comes first, and each goes to the share that has least so far (R. L. Graham, "Bounds on
    multiprocessing timing anomalies", SIAM J. Appl. Math. 17, 1969): no share costs more than the mean of all plus one
    task. Tasks of one cost come in the order of a digest of their names, so that no share gets all of one kind.

    Parameters
    ----------
    names
        The tasks by name, in any order, which does not matter.
    shares
        How many shares there are, at least 1.
    cost
        What a task costs, as a whole number: sums are the same on every machine.
    """
    loads = [0] * shares
    dealt: list[set[Name]] = [set() for _ in range(shares)]
    for name in sorted(set(names), key=lambda each: (-cost(each), _digest(each), each)):
        lightest = loads.index(min(loads))
        loads[lightest] += cost(name)
        dealt[lightest].add(name)
    return tuple(map(frozenset, dealt))


def _digest(name: tuple[str, ...]) -> bytes:
    return hashlib.sha256("\0".join(name).encode("utf-8", "backslashreplace")).digest()
