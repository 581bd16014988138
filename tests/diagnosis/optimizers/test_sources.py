"""Where gradients come from: the right ones, those that an implementation reports, and those of its plain steps."""

import numpy as np
import pytest

from symtests.diagnosis.optimizers.sources import by_plain_steps, reported, right
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from tests.diagnosis.optimizers.following import DESIGNER
from tests.mutants.base import Correct
from tests.mutants.loss_faults import MeanMissing
from tests.mutants.training_faults import RateUsedTwice


@pytest.mark.parametrize("source", [reported, by_plain_steps])
def test_a_right_implementation_has_the_right_gradients(source) -> None:
    question = DESIGNER.plain()
    found = source(Checked(Correct(), "float64"))(question, 0.125)(question.theta)
    np.testing.assert_allclose(found, right(question, 0.125)(question.theta), rtol=1e-10, atol=1e-14)


def test_each_source_shows_its_own_faults() -> None:
    question = DESIGNER.plain()
    summed, halved = Checked(MeanMissing(), "float64"), Checked(RateUsedTwice(), "float64")
    expected = right(question, 0.125)(question.theta)
    np.testing.assert_allclose(
        reported(summed)(question, 0.125)(question.theta), question.samples * expected, rtol=1e-10
    )
    np.testing.assert_allclose(reported(halved)(question, 0.125)(question.theta), expected, rtol=1e-10)
    np.testing.assert_allclose(by_plain_steps(halved)(question, 0.125)(question.theta), expected / 8, rtol=1e-10)


class Refuses(Correct):
    calls = 0

    def loss_and_gradient(self, network, parameters, batch):
        self.calls += 1
        raise Unsupported("no")


def test_what_is_refused_is_no_number_and_is_asked_once() -> None:
    question, implementation = DESIGNER.plain(), Refuses()
    at = reported(Checked(implementation, "float64"))(question, 0.125)
    assert np.isnan(at(question.theta)).all()
    assert np.isnan(at(question.theta)).all()
    assert np.isnan(at(np.full_like(question.theta, np.inf))).all()
    assert implementation.calls == 1
