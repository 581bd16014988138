"""Faults of the loop over steps, in one weight whose gradient is 1 in every step."""

import pytest

from symtests.diagnosis.optimizers.loop_faults import loop_faults
from symtests.diagnosis.optimizers.step_fault import StepFault
from tests.diagnosis.optimizers.one_weight import moves


def named(words: str) -> StepFault:
    return next(fault for fault in loop_faults("sgd") if words in fault.words)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("takes one step, whatever", [1, 0, 0]),
        ("one step more than", [2, 1, 1]),
        ("several steps takes one more", [1, 2, 1]),
        ("one step less than", [0, 1, 1]),
        ("several steps takes one less", [1, 0, 1]),
        ("mean of the parameters after each", [1, 0.5, 0.5]),
        ("mean of the parameters before and after", [0.5, 0.5, 0.5]),
        ("the parameters that they are given", [0, 0, 0]),
        ("whose loss is least", [1, 1, 1]),
        ("twice the steps", [2, 2, 2]),
    ],
)
def test_where_trainings_of_one_two_and_three_steps_end(words: str, expected: list[float]) -> None:
    assert moves(named(words), "sgd") == pytest.approx(expected)
