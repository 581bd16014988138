"""The examination as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from symtests import assert_can_learn, diagnose
from symtests.doctor.diagnosing import CannotLearn, Diagnosis, examined
from symtests.validation import InvalidValue
from tests.doctor.faulty import both_zero
from tests.doctor.healthy import mlp, numbers
from tests.doctor.simple import random_simple

BATCH = numbers(8, 2)


def test_a_model_of_no_library_is_examined_through_the_small_interface() -> None:
    result = examined(random_simple(), 5, {}, differ=lambda: True, unknown=tuple)
    assert [each.kind for each in result.findings] == ["loss"]
    assert [each.group.title for each in result.groups] == ["hidden units of first"]


def test_the_same_seed_gives_the_same_findings() -> None:
    def once() -> Diagnosis:
        return diagnose(mlp, numbers(5, 2), steps=5, seed=3)

    assert once().findings == once().findings
    assert once().record.losses == once().record.losses


def test_a_finding_that_is_meant_fails_no_assertion() -> None:
    with pytest.raises(CannotLearn, match=r"1 fatal:\n- 0.lora_A"):
        assert_can_learn(both_zero, BATCH, steps=5)
    assert_can_learn(both_zero, BATCH, steps=5, accept={"*lora_*": "the adapter is switched on later"})


def test_an_assertion_fails_as_others_do() -> None:
    assert issubclass(CannotLearn, AssertionError)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"steps": 0}, "steps=0: must be a whole number of at least 1"),
        ({"starts": -1}, "starts=-1"),
        ({"starts": 2, "model": mlp()}, "starts=2: needs a function that builds the model"),
    ],
)
def test_arguments_that_make_no_sense(arguments: dict[str, Any], said: str) -> None:
    given: dict[str, Any] = {"model": mlp, "batch": numbers(5, 2), **arguments}
    with pytest.raises(InvalidValue, match=said):
        diagnose(**given)


def test_many_starts_of_a_layer_that_is_sometimes_dead() -> None:
    def build() -> torch.nn.Module:
        model = mlp(torch.nn.ReLU)
        if torch.rand(()) < 0.5:
            torch.nn.init.constant_(model.get_parameter("0.bias"), -50.0)
        return model

    result = diagnose(build, numbers(5, 2), steps=3, starts=12)
    assert result.starts is not None
    (dead,) = [each for each in result.starts.shares if each.what.startswith("0.weight without any gradient")]
    assert 0 < dead.count < 12
    assert dead.starts == 12


@pytest.mark.parametrize("change", [lambda: torch.manual_seed(1), lambda: torch.manual_seed(2)])
def test_the_random_state_of_the_caller_does_not_matter(change: Callable[[], object]) -> None:
    change()
    assert (
        diagnose(mlp, numbers(5, 2), steps=2).record.losses[0] == diagnose(mlp, numbers(5, 2), steps=2).record.losses[0]
    )
