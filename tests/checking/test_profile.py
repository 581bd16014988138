"""Profiles: how much is tried."""

from __future__ import annotations

import json

import pytest

from symtests.checking.profile import PROFILES, Profile, find_profile
from symtests.implementations.base import Capabilities
from symtests.validation import InvalidValue


def test_each_profile_tries_more_than_the_one_before() -> None:
    quick, default, nightly = PROFILES.values()
    for less, more in ((quick, default), (default, nightly)):
        for name in ("small_examples", "wide_examples", "shrink_cases", "seconds", "effort"):
            assert getattr(less, name) < getattr(more, name)


def test_only_the_nights_are_random() -> None:
    assert [profile.name for profile in PROFILES.values() if profile.randomized] == ["nightly"]


def test_a_number_of_examples_counts_for_both_tiers() -> None:
    profile = find_profile("quick", examples=7)
    assert (profile.name, profile.small_examples, profile.wide_examples) == ("quick", 7, 7)


def test_where_a_new_shape_is_dear_an_eighth_is_tried_unless_a_number_was_asked_for() -> None:
    dear, cheap = Capabilities(few_shapes=True), Capabilities()
    default, asked = find_profile("default"), find_profile("default", examples=7)
    assert (default.of(dear).small_examples, default.of(dear).wide_examples) == (10, 5)
    assert default.of(dear).of(dear) == default.of(dear)
    assert default.of(cheap) == default
    assert (asked.of(dear).small_examples, asked.of(dear).wide_examples) == (7, 7)


def test_a_profile_survives_json() -> None:
    profile = find_profile("nightly")
    assert Profile.from_json(json.loads(json.dumps(profile.to_json()))) == profile


def test_an_unknown_profile_is_refused_with_the_nearest() -> None:
    with pytest.raises(InvalidValue, match=r"profile='nightlyy'.*did you mean 'nightly'"):
        find_profile("nightlyy")


@pytest.mark.parametrize("examples", [0, -1, 2.5, True])
def test_a_number_of_examples_that_is_none_is_refused(examples: object) -> None:
    with pytest.raises(InvalidValue, match="examples="):
        find_profile("quick", examples=examples)  # type: ignore[arg-type]
