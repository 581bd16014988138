"""A fault is a change of a rule that may have another fault already."""

import numpy as np

from symtests.diagnosis.optimizers.matching import rule_of
from symtests.diagnosis.optimizers.rule import followed
from symtests.diagnosis.optimizers.sources import right
from symtests.diagnosis.optimizers.step_fault import fault
from symtests.training import Training
from tests.diagnosis.optimizers.following import DESIGNER

TWICE = fault("twice", used=lambda r: lambda at, theta, g: 2 * r.used(at, theta, g))
SHIFTED = fault("shifted", used=lambda r: lambda at, theta, g: r.used(at, theta, g) + 1, alone=True)


def test_a_fault_is_over_the_one_before() -> None:
    question = DESIGNER.plain()
    g, training = right(question, 0.125)(question.theta), Training("sgd", 0.125, 1)
    for faults, expected in (((TWICE, SHIFTED), 2 * g + 1), ((SHIFTED, TWICE), 2 * (g + 1))):
        after = followed(rule_of(faults), question, training, right(question, 0.125))
        np.testing.assert_allclose((question.theta - after) / 0.125, expected, rtol=1e-12)


def test_it_says_what_it_is() -> None:
    assert (TWICE.words, TWICE.alone, TWICE.is_fitted) == ("twice", False, False)
    assert SHIFTED.alone
