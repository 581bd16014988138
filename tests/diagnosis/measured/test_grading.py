"""Grading: clauses that name a cause, told from evidence, and what they are worth."""

import pytest

from tests.diagnosis.measured.grading import clauses, graded
from tests.diagnosis.measured.listing import fault_of

_EVIDENCE = "This explains the wrong answers to 43 of 46 questions, and the right ones to 3."
_SLOPE = f"the error signals of hidden units lack the slope of the activation, as if sigma'(z) were 1. {_EVIDENCE}"
_BIAS = "Besides, the output biases are 0. This explains 3 of 5 wrong answers."


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("", []),
        (_SLOPE, ["the error signals of hidden units lack the slope of the activation, as if sigma'(z) were 1"]),
        (_BIAS, ["the output biases are 0"]),
        ("the gradient is wrong in 45 of 46 answers; by no constant factor.", []),
        ("trainings by adam are wrong for steps = 1, 2, 3 and 5, while one gradient by itself is right.", []),
        ("the reported gradient is right, that of a plain step is not: the rate is used twice.",
         ["the rate is used twice"]),
        ("the inputs are clipped at 1. They do not explain 2 wrong answers.", ["the inputs are clipped at 1"]),
    ],
)  # fmt: skip
def test_clauses_that_name_a_cause(told: str, expected: list[str]) -> None:
    assert clauses(told) == expected


@pytest.mark.parametrize(
    ("told", "names", "grade"),
    [
        ([_SLOPE], ["SlopeMissing"], "right"),
        ([_SLOPE, ""], ["SlopeMissing"], "right"),
        ([f"{_SLOPE} {_BIAS}"], ["SlopeMissing", "OutputBiasForgotten"], "right"),
        ([_SLOPE, _BIAS], ["SlopeMissing", "OutputBiasForgotten"], "right"),
        ([_SLOPE], ["SlopeMissing", "OutputBiasForgotten"], "partly"),
        ([f"{_SLOPE} {_BIAS}"], ["SlopeMissing"], "wrong"),
        ([_BIAS], ["SlopeMissing", "NoCorrection"], "wrong"),
        (["", "the gradient is wrong in 3 of 46 answers."], ["SlopeMissing"], "none"),
        ([], ["SlopeMissing"], "none"),
    ],
)
def test_grades(told: list[str], names: list[str], grade: str) -> None:
    assert graded(told, [fault_of(name) for name in names]).grade == grade
