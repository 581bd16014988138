"""What one property makes of one mutant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from symtests.checking.one_check.judge_check import judge_check
from symtests.checking.profile import Profile
from symtests.implementations.checked import Checked
from symtests.properties import find
from tests.mutants.listing import MUTANTS, Mutant

__all__ = [
    "FAULT_OF_SYMTESTS",
    "MOST_HIDDEN_UNITS",
    "MOST_SAMPLES",
    "Trial",
    "killers",
    "try_properties",
    "try_property",
]

MOST_HIDDEN_UNITS, MOST_SAMPLES = 3, 2
"""A counterexample of at most this size can be followed by hand."""
FAULT_OF_SYMTESTS = "fault of symtests"
_NONSENSE = ("wrong type", "wrong shape", "wrong dtype", "not finite")
"""Misbehaviour that a property has provoked. What the mutant raises is none: that may be a mistake in the mutant."""


@dataclass(frozen=True)
class Trial:
    """One property tried on one mutant.

    Parameters
    ----------
    mutant, prop, dtype
        What was tried on what.
    meant
        Whether the property is meant to find the mutant.
    word, sentence
        The verdict.
    killed
        Whether it proves the fault.
    cases
        How many were tried, that which failed included and those of shrinking left out.
    hidden_units, samples
        Size of the smallest counterexample; None without one.
    seconds
        How long it took.
    """

    mutant: str
    prop: str
    dtype: str
    meant: bool
    word: str
    sentence: str
    killed: bool
    cases: int
    hidden_units: int | None
    samples: int | None
    seconds: float

    @property
    def small(self) -> bool:
        """Whether the mutant was killed by a counterexample that can be followed by hand."""
        return (
            self.killed
            and self.hidden_units is not None
            and self.samples is not None
            and self.hidden_units <= MOST_HIDDEN_UNITS
            and self.samples <= MOST_SAMPLES
        )

    def to_json(self) -> dict[str, Any]:
        """Return the trial as plain JSON data."""
        return {"property" if name == "prop" else name: value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Trial:
        """Rebuild a trial from `to_json`."""
        return cls(**{"prop" if name == "property" else name: value for name, value in data.items()})


def try_property(name: str, prop: str, profile: Profile) -> Trial:
    """Search for a case in which a new object of the mutant's class breaks the property.

    Parameters
    ----------
    name, prop
        Name of the mutant and id of the property; names, so that another process can be asked.
    profile
        How many cases are tried; they are the same each time.
    """
    mutant = _find(name)
    implementation = Checked(mutant.kind(), mutant.dtype, name)
    # A closer look besides the verdict is worth nothing here.
    without_observation = replace(find(prop), observe=None)
    verdict = judge_check(
        implementation, without_observation, replace(profile, effort=1.0) if mutant.nightly else profile
    )
    found = verdict.counterexample
    nonsense = verdict.failure is not None and verdict.failure.kind in _NONSENSE
    return Trial(
        name,
        prop,
        mutant.dtype,
        prop in mutant.meant_for,
        verdict.word if verdict.failure is None else verdict.failure.kind,
        verdict.sentence,
        verdict.word == "violated" or nonsense,
        verdict.tally.tried,
        None if found is None else found.hidden_units,
        None if found is None else found.samples,
        verdict.seconds,
    )


def try_properties(task: tuple[str, Sequence[str], Profile]) -> list[Trial]:
    """Try several properties on a mutant, in any process that can import this module."""
    name, properties, profile = task
    return [try_property(name, prop, profile) for prop in properties]


def _find(name: str) -> Mutant:
    return next(mutant for mutant in MUTANTS if mutant.name == name)


def killers(trials: Iterable[Trial]) -> list[Trial]:
    """Return the trials that killed, the smallest counterexample first."""
    return sorted(
        (trial for trial in trials if trial.killed),
        key=lambda trial: (not trial.small, trial.hidden_units or 0, trial.samples or 0),
    )
