"""What an attack is, what it must end in, and how long a run may be before it counts as hanging."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:  # what is attacked is imported often, and must not load the engine
    from symtests.checking.results.verdict import Word

__all__ = ["OUTER_LIMIT", "Expected", "Named", "by_name", "of_groups"]

OUTER_LIMIT: Final = 120.0
"""Seconds after which a run of the real command is taken for one that hangs, on a busy machine too."""


@dataclass(frozen=True)
class Expected:
    """What a check of something hostile must say.

    Parameters
    ----------
    word
        The verdict.
    failure
        Kinds of `symtests.checking.results.verdict.Failure` that tell the truth; any, where none is named.
    or_else
        Other verdicts that would be as true.
    """

    word: Word
    failure: tuple[str, ...] = ()
    or_else: tuple[Word, ...] = ()

    @property
    def status(self) -> int:
        """The exit status of a run in which nothing but this was found."""
        return {"errored": 3, "inconclusive": 3, "violated": 1}.get(self.word, 0)


@dataclass(frozen=True)
class Named:
    """What every attack has: a name that no other attack of its table has."""

    name: str


Some = TypeVar("Some", bound=Named)


def by_name(attacks: Iterable[Some]) -> dict[str, Some]:
    """Return attacks by their names, in order.

    Raises
    ------
    ValueError
        Where two have one name: one of them would never be tried.
    """
    found: dict[str, Some] = {}
    for attack in attacks:
        if attack.name in found:
            raise ValueError(f"two attacks are called {attack.name!r}")
        found[attack.name] = attack
    return found


def of_groups(name: str, attacks: Sequence[Some], size: int) -> dict[str, tuple[Some, ...]]:
    """Return attacks in groups of at most so many, each under a name of its own."""
    return {f"{name}_{start // size}": tuple(attacks[start : start + size]) for start in range(0, len(attacks), size)}
