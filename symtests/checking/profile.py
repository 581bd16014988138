"""How much a check tries: three named profiles."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from symtests.implementations.base import Capabilities
from symtests.validation import integer_at_least, one_of, positive, real_in, true_or_false

__all__ = ["DEFAULT_CALL_LIMIT", "EXPLAINING", "PROFILES", "SHARE_FOR_A_SMALLER_CASE", "Profile", "find_profile"]

DEFAULT_CALL_LIMIT: Final = 30.0
"""Seconds that one call of an implementation may take unless another time is given."""
EXPLAINING: Final = 4
"""How many kinds of question one violation may lead to at most: gradients, a property's own, plain steps, trainings."""
SHARE_FOR_A_SMALLER_CASE: Final = 0.1
"""Share of the time of a property in which a small case is looked for where a wide one has failed."""
_LEAST_FOR_A_CASE: Final = 60.0
_EFFORT_FOR_LIMITS: Final = 0.3


@dataclass(frozen=True)
class Profile:
    """How much is tried for each property in each dtype.

    Parameters
    ----------
    name
        What it is called on the command line.
    small_examples, wide_examples
        Cases drawn of the small and of the wide tier.
    shrink_cases
        Cases tried, after the first that fails, in search of a smaller one.
    seconds
        After this time no further case is begun. It is there for slow implementations alone: a verdict that
        it has cut short says so and depends on the machine, which no other verdict does.
    effort
        How hard a property looks for observations besides its verdict, from 0 to 1; with 1, there is time for
        cases that take long as well.
    diagnosis_seconds
        How long an implementation that has broken a property may be asked each kind of question about what is wrong
        with it; a slow one is asked fewer. All that is asked after one violation takes `EXPLAINING` times as long at
        most. 0 for no questions.
    observation_seconds
        How long a property may look for observations besides its verdict.
    story_seconds
        How long an implementation may take to learn the exclusive or for the picture in the report; what takes longer
        is left out.
    randomized
        Whether a check without a given seed draws one, so that every night tries other cases.
    dear_share
        Share of the cases that is tried on an implementation that compiles each new shape (`few_shapes`); 1 where the
        number of cases was asked for.
    """

    name: str
    small_examples: int
    wide_examples: int
    shrink_cases: int
    seconds: float
    effort: float
    diagnosis_seconds: float = 1.0
    randomized: bool = False
    dear_share: float = 1 / 8
    observation_seconds: float = 15.0
    story_seconds: float = 15.0

    def __post_init__(self) -> None:
        for name in ("small_examples", "wide_examples", "shrink_cases"):
            object.__setattr__(self, name, integer_at_least(name, getattr(self, name), 1))
        object.__setattr__(self, "seconds", positive("seconds", self.seconds))
        object.__setattr__(self, "effort", real_in("effort", self.effort, 0.0, 1.0))
        for name in ("observation_seconds", "story_seconds"):
            object.__setattr__(self, name, positive(name, getattr(self, name)))
        asked = real_in("diagnosis_seconds", self.diagnosis_seconds, 0.0, math.inf, open_end=True)
        object.__setattr__(self, "diagnosis_seconds", asked)
        object.__setattr__(self, "dear_share", real_in("dear_share", self.dear_share, 0.0, 1.0))
        object.__setattr__(self, "randomized", true_or_false("randomized", self.randomized))

    def with_examples(self, examples: int) -> Profile:
        """Return the same profile with `examples` cases in each tier."""
        count = integer_at_least("examples", examples, 1)
        return replace(self, small_examples=count, wide_examples=count, dear_share=1.0)

    def without_diagnosis(self) -> Profile:
        """Return the same profile without any question about what is wrong."""
        return replace(self, diagnosis_seconds=0.0)

    @property
    def reach(self) -> int:
        """How many times the usual limits a few cases exceed: 1, which is none, 4, or 10 at night."""
        return 10 if self.effort == 1 else 4 if self.effort >= _EFFORT_FOR_LIMITS else 1

    @property
    def seconds_for_a_case(self) -> float:
        """How long the calls of one case may take in all: what has begun is not cut off at once."""
        return max(self.seconds, _LEAST_FOR_A_CASE)

    @property
    def explaining_seconds(self) -> float:
        """How long all questions after one violation may take."""
        return EXPLAINING * self.diagnosis_seconds

    @property
    def longest_check(self) -> float:
        """Seconds after which no further call of a check is begun, whatever the implementation does.

        The search and the case under way at its end, the same again in search of a smaller case, a tenth of both for
        one of the small tier, the closer look, and the explanation.
        """
        searching = 2 * (self.seconds + self.seconds_for_a_case)
        smaller = 2 * (SHARE_FOR_A_SMALLER_CASE * self.seconds + self.seconds_for_a_case)
        return searching + smaller + self.observation_seconds + self.explaining_seconds

    def of(self, capabilities: Capabilities) -> Profile:
        """Return the same profile with as many cases as an implementation with these capabilities is tried on."""
        if not capabilities.few_shapes:
            return self
        small, wide = (math.ceil(self.dear_share * count) for count in (self.small_examples, self.wide_examples))
        return replace(self, small_examples=max(small, 1), wide_examples=max(wide, 1), dear_share=1.0)

    def to_json(self) -> dict[str, Any]:
        """Return the profile as plain JSON data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Profile:
        """Rebuild a profile from `to_json`."""
        return cls(**data)


PROFILES: Final[Mapping[str, Profile]] = {
    profile.name: profile
    for profile in (
        Profile("quick", 20, 10, shrink_cases=300, seconds=20.0, effort=0.1, diagnosis_seconds=1.0),
        Profile("default", 80, 40, 600, 90.0, 0.3, diagnosis_seconds=3.0, observation_seconds=30.0, story_seconds=30.0),
        Profile(
            "nightly",
            1000,
            500,
            3000,
            1800.0,
            1.0,
            30.0,
            randomized=True,
            observation_seconds=60.0,
            story_seconds=120.0,
        ),
    )
}
"""The profiles by name: while one waits, in continuous integration, at night."""


def find_profile(name: str, *, examples: int | None = None) -> Profile:
    """Return the profile of this name, with `examples` cases in each tier where that is given.

    Raises
    ------
    InvalidValue
        Where there is no such profile, or `examples` is no number of cases.
    """
    profile = PROFILES[one_of("profile", name, PROFILES)]
    return profile if examples is None else profile.with_examples(examples)
