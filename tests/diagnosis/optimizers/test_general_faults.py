"""Faults that any optimizer may have, in one weight, where each step can be written down."""

import numpy as np
import pytest

from symtests.diagnosis.optimizers.general_faults import general_faults, with_factor
from symtests.diagnosis.optimizers.step_fault import StepFault
from tests.diagnosis.optimizers.one_weight import RATE, moves


def named(words: str, optimizer: str) -> StepFault:
    return next(fault for fault in general_faults(optimizer) if words in fault.words)


# With mu = 1/2; the gradients are 1, 2, 4.
@pytest.mark.parametrize(
    ("optimizer", "words", "expected"),
    [
        ("sgd", "gradient of the first step", [1, 1, 1]),
        ("sgd", "step before, from the second", [1, 1, 2]),
        ("sgd", "step before, and none", [0, 1, 2]),
        ("sgd", "is used twice", [RATE, 2 * RATE, 4 * RATE]),
        ("sgd", "N times too large", [2, 4, 8]),
        ("sgd", "N times too small", [0.5, 1, 2]),
        ("sgd", "reversed in sign", [-1, -2, -4]),
        ("sgd", "multiplied by 0.5 after each step", [1, 1, 1]),
        ("sgd", "divided by 1 + 1 k after k steps", [1, 1, 4 / 3]),
        ("sgd", "that of nesterov with the default", [1.9, 2 + 0.9 * 2.9, 4 + 0.9 * (4 + 0.9 * 2.9)]),
        ("momentum", "that of sgd", [1, 2, 4]),
        ("momentum", "momentum 0.9, whatever", [1, 2.9, 4 + 0.9 * 2.9]),
        ("momentum", "momentum 0, whatever", [1, 2, 4]),
        ("momentum", "begins anew in each step", [1, 2, 4]),
        ("momentum", "after every 2 steps", [1, 2.5, 4]),
        ("momentum", "for the weights, and that of sgd for the biases", [1, 2.5, 5.25]),
        ("momentum", "for the biases, and that of sgd for the weights", [1, 2, 4]),
    ],
)
def test_how_far_steps_move(optimizer: str, words: str, expected: list[float]) -> None:
    assert moves(named(words, optimizer), optimizer, (1.0, 2.0, 4.0)) == pytest.approx(expected)


def test_a_counter_begins_anew() -> None:
    # Ten steps and one more: the correction of the eleventh is that of the first, 1/2.
    expected = (1 - 2.0**-11) / 0.5
    found = moves(named("counter begins anew after every 10 steps", "adam"), "adam", (1.0,) * 11)[-1]
    assert found == pytest.approx(expected / (np.sqrt(expected) + 0.5))


def test_settings_are_rounded_to_float32() -> None:
    rounded = moves(named("the momentum is rounded", "momentum"), "momentum", (1.0, 1.0), momentum=0.1)
    assert rounded[1] == pytest.approx(1 + float(np.float32(0.1)), rel=1e-12)
    assert abs(rounded[1] - 1.1) > 1e-9


def test_a_factor_is_one_of_the_number_of_the_step() -> None:
    assert moves(with_factor("w", lambda number: number), "sgd") == pytest.approx([1, 2, 3])
