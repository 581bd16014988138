"""Every check ends within the bound that its profile states, however slow and however wrong the implementation is."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from symtests.checking import Judged, check, verdicts
from symtests.checking.events import Doing, Event
from symtests.checking.profile import PROFILES, Profile, find_profile
from symtests.implementations.base import Capabilities
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties.base import Observation
from tests.checking import own_properties

SECONDS = 0.05


class LateNumbers:
    """Parameters whose numbers are computed when they are read, which takes a while."""

    def __init__(self, vector: Any) -> None:
        self._vector = vector

    @property
    def vector(self) -> Any:
        time.sleep(SECONDS)
        return self._vector


class SlowAndWrong:
    """Takes 50 ms for each answer, evaluates it late, and moves by half of the step."""

    name = "slow"
    capabilities = Capabilities(activations=("tanh",), losses=("mse",), optimizers=("sgd",), sample_weights=False)

    def train(self, network: Any, parameters: Any, batch: Any, training: Any) -> Any:
        after = NumpyPlain().train(network, parameters, batch, training)
        return LateNumbers((parameters.vector + after.vector) / 2)


TIGHT = Profile("quick", 20, 10, 300, seconds=1.0, effort=0.1, diagnosis_seconds=0.25, observation_seconds=1.0,
                story_seconds=1.0)  # fmt: skip
SLACK = 3.0
"""Seconds for what symtests itself computes, on a busy machine."""


@pytest.mark.thorough
def test_a_slow_and_wrong_implementation_ends_within_the_stated_time() -> None:
    properties = ["GRAD1", "STEP1", "OPT6", "SYM2"]
    times, started = [], time.monotonic()
    for event in check(SlowAndWrong(), properties=properties, profile=TIGHT):
        if isinstance(event, Judged):
            times.append(time.monotonic() - started)
            started = time.monotonic()
    assert len(times) == len(properties)
    # A case has a minute at least, which no case of these properties takes.
    assert max(times) < 2 * TIGHT.seconds + TIGHT.observation_seconds + TIGHT.explaining_seconds + 2 * SLACK


def test_a_closer_look_that_takes_too_long_is_ended_and_told() -> None:
    def looks_for_ever(implementation: Any, effort: float) -> list[Observation]:
        case = next(iter(own_cases))
        while True:
            implementation.train(case.network, case.parameters, case.batch, case.training)

    own_cases: list[Any] = []
    prop = replace(own_properties.STILL, observe=looks_for_ever)
    judge = prop.judge

    def notes(implementation: Any, case: Any) -> Any:
        own_cases.append(case)
        return judge(implementation, case)

    started = time.monotonic()
    few = replace(TIGHT, small_examples=2, wide_examples=1, observation_seconds=0.5)
    (found,) = verdicts(NumpyPlain(), properties=[replace(prop, judge=notes)], dtypes=["float64"], profile=few)
    assert time.monotonic() - started < 10
    assert found.word == "exact"
    assert [each["sentence"] for each in found.observations] == [
        "A closer look, which is no part of the property, ended early: it may take 0.5 s."
    ]


def events_of(**options: Any) -> list[Event]:
    few = replace(TIGHT, small_examples=4, wide_examples=2)
    return list(check(SlowAndWrong(), properties=["STEP1"], profile=few, stories=False, **options))


def test_without_diagnosis_nothing_more_is_asked() -> None:
    (judged,) = [event.verdict for event in events_of(diagnosis=False) if isinstance(event, Judged)]
    assert judged.counterexample is not None
    assert judged.counterexample.diagnosis == ""


def test_what_takes_long_is_announced_with_its_limit() -> None:
    assert Doing("slow", "STEP1 float64: explains the violation", TIGHT.explaining_seconds) in events_of()


@pytest.mark.parametrize("name", PROFILES)
def test_the_bound_of_a_check_is_the_sum_of_its_parts(name: str) -> None:
    profile = find_profile(name)
    case = profile.seconds_for_a_case
    assert case >= profile.seconds
    assert profile.longest_check == pytest.approx(
        2 * (profile.seconds + case) + 2 * (0.1 * profile.seconds + case)
        + profile.observation_seconds + 4 * profile.diagnosis_seconds
    )  # fmt: skip
    assert profile.without_diagnosis().explaining_seconds == 0
    assert Profile.from_json(profile.to_json()) == profile
