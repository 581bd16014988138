"""Faults of adam and adamw in one weight, where each step can be written down."""

import math

import pytest

from symtests.diagnosis.optimizers.adam_faults import adam_faults
from symtests.diagnosis.optimizers.step_fault import StepFault
from tests.diagnosis.optimizers.one_weight import moves


def named(words: str, optimizer: str = "adam") -> StepFault:
    return next(fault for fault in adam_faults(optimizer) if words in fault.words)


# With g = 1, both decays 1/2 and epsilon 1/2: m = s = 1/2, then 3/4; unbiased both are 1.
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("without bias correction", [0.5 / (math.sqrt(0.5) + 0.5), 0.75 / (math.sqrt(0.75) + 0.5)]),
        ("mean square lacks", [1 / (math.sqrt(0.5) + 0.5), 1 / (math.sqrt(0.75) + 0.5)]),
        ("mean lacks", [0.5 / 1.5, 0.75 / 1.5]),
        ("bias correction is applied the wrong way round", [0.25 / 1, 0.5625 / 1.25]),
        ("of the mean is applied the wrong way round", [0.25 / 1.5, 0.5625 / 1.5]),
        ("of the mean square is applied the wrong way round", [1 / 1, 1 / 1.25]),
        ("counted from 2", [(0.5 / 0.75) / (math.sqrt(0.5 / 0.75) + 0.5), (6 / 7) / (math.sqrt(6 / 7) + 0.5)]),
        ("never counted", [1 / 1.5, 1.5 / (math.sqrt(1.5) + 0.5)]),
        ("epsilon inside the root", [1 / math.sqrt(1.5)] * 2),
        ("square of epsilon inside", [1 / math.sqrt(1.25)] * 2),
        ("before the bias correction of the root", [1 / (1 + 0.5 / math.sqrt(0.5)), 1 / (1 + 0.5 / math.sqrt(0.75))]),
        ("epsilon as a floor", [1, 1]),
        ("without the root", [1 / 1.5] * 2),
        ("not divided by the root", [1, 1]),
        ("(NAdam)", [(0.25 / 0.75 + 1) / 1.5, (0.375 / 0.875 + 0.5 / 0.75) / 1.5]),
    ],
)
def test_how_far_steps_move(words: str, expected: list[float]) -> None:
    assert moves(named(words), "adam", (1.0, 1.0)) == pytest.approx(expected)


def test_the_largest_mean_square_is_kept() -> None:
    # s = 8, then 4: unbiased 16 and 16/3 of its own, but 32/3 of the largest.
    expected = 4 / 4.5, (1.0 / 0.75) / (math.sqrt(8 / 0.75) + 0.5)
    assert moves(named("(AMSGrad)"), "adam", (4.0, 0.0)) == pytest.approx(expected)


def test_moments_rest_where_the_gradient_is_0() -> None:
    assert moves(named("rest where the gradient is 0"), "adam", (1.0, 0.0, 1.0))[1] == 0


def test_decays_change_places() -> None:
    exchanged = moves(named("interchanged"), "adam", mean_decay=0.75, square_decay=0.25)
    assert exchanged == pytest.approx(moves(named("interchanged"), "adam", mean_decay=0.75, square_decay=0.25))
    # The first step is 1 whatever the decays; with g = 1, 0 the means are (b1 (1 - b1)) / (1 - b1²) and likewise.
    b1, b2 = 0.25, 0.75
    mean, square = b1 / (1 + b1), b2 / (1 + b2)
    found = moves(named("interchanged"), "adam", (1.0, 0.0), mean_decay=b2, square_decay=b1)
    assert found[1] == pytest.approx(mean / (math.sqrt(square) + 0.5))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("not decoupled", (1 + 0.5) / (1.5 + 0.5)),
        ("not multiplied by the learning rate", 0.5 / 0.25 + 1 / 1.5),
        ("after the step", (1 - 0.875 * (1 - 0.25 / 1.5)) / 0.25),
        ("leaves out the biases", 0.5 + 1 / 1.5),
        ("biases alone", 1 / 1.5),
    ],
)
def test_weight_decay(words: str, expected: float) -> None:
    assert moves(named(words, "adamw"), "adamw", (1.0,), weight_decay=0.5)[0] == pytest.approx(expected)
