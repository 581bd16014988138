"""Faults of rmsprop and adagrad in one weight, where each step can be written down; shared sums in two."""

import math

import numpy as np
import pytest

from symtests.diagnosis.optimizers.root_faults import root_faults
from symtests.diagnosis.optimizers.rule import At, Layout, Rule
from symtests.diagnosis.optimizers.step_fault import StepFault
from symtests.training import Training
from tests.diagnosis.optimizers.one_weight import moves


def named(words: str, optimizer: str) -> StepFault:
    return next(fault for fault in root_faults(optimizer) if words in fault.words)


# With g = 1, the decay 1/2 and epsilon 1/2: s = 1/2, then 3/4 in rmsprop; 1, then 2 in adagrad.
@pytest.mark.parametrize(
    ("optimizer", "words", "expected"),
    [
        ("rmsprop", "epsilon inside the root", [1, 1 / math.sqrt(1.25)]),
        ("rmsprop", "as a floor", [1 / math.sqrt(0.5), 1 / math.sqrt(0.75)]),
        ("rmsprop", "without the root", [1, 1 / 1.25]),
        ("rmsprop", "begins at 0.1", [1 / (math.sqrt(0.55) + 0.5), 1 / (math.sqrt(0.775) + 0.5)]),
        ("rmsprop", "centred", [1 / (math.sqrt(0.25) + 0.5), 1 / (math.sqrt(0.75 - 0.5625) + 0.5)]),
        ("rmsprop", "with a bias correction", [1 / 1.5, 1 / 1.5]),
        ("rmsprop", "add up without decay", [1 / (math.sqrt(0.5) + 0.5), 1 / 1.5]),
        ("rmsprop", "not multiplied by 1 - square_decay", [1 / 1.5, 1 / (math.sqrt(1.5) + 0.5)]),
        ("adagrad", "square of epsilon inside", [1 / math.sqrt(1.25), 1 / 1.5]),
        ("adagrad", "epsilon of 1e-07", [1 / math.sqrt(1 + 1e-7), 1 / math.sqrt(2 + 1e-7)]),
        ("adagrad", "decays by 0.9", [1 / 1.5, 1 / (math.sqrt(1.9) + 0.5)]),
    ],
)
def test_how_far_steps_move(optimizer: str, words: str, expected: list[float]) -> None:
    assert moves(named(words, optimizer), optimizer, (1.0, 1.0)) == pytest.approx(expected)


def test_decays_are_exchanged() -> None:
    # s = 3/4, then 1/4 of that and 3/4 of 1.
    found = moves(named("decays exchanged", "rmsprop"), "rmsprop", (1.0, 1.0), square_decay=0.75)
    assert found == pytest.approx([1 / (math.sqrt(0.75) + 0.5), 1 / (math.sqrt(0.1875 + 0.75) + 0.5)])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("mixed up", [1, 4, 10, 20]),  # the second tensor adds its squares to those of the first
        ("for all parameters", [30, 30, 30, 30]),
        ("for each tensor", [5, 5, 25, 25]),
    ],
)
def test_sums_of_two_tensors_are_shared(words: str, expected: list[float]) -> None:
    layout = Layout((slice(0, 2), slice(2, 4)), np.array([False, False, True, True]), 1)
    at = At(Training("adagrad"), 1, layout, {})
    g, none = np.array([1.0, 2.0, 3.0, 4.0]), np.zeros(4)
    assert named(words, "adagrad").over(Rule()).square(at, none, g, g).tolist() == pytest.approx(expected)
