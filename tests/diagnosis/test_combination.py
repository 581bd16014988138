"""Combinations: faults are had together in any order of the passes, and each must be needed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symtests.diagnosis.combination import FaultModel, combined, composed, predicted
from symtests.diagnosis.fault_models import FAULTS
from symtests.diagnosis.faults.fault import Gradient
from symtests.diagnosis.faults.faulty_pass import FaultyPass, Incompatible
from symtests.diagnosis.questions.question import Answered
from tests.diagnosis.test_search import SEEN

PASSES = [fault.gradient for fault in FAULTS if isinstance(fault.gradient, FaultyPass)]
HALF = FaultModel("half", "", lambda question: question.gradient / 2)
NO_BIAS = FaultModel("no bias", "", FaultyPass(bias_gradient=lambda delta: 0 * delta.sum(axis=0)))
NOTHING = FaultModel("nothing", "", FaultyPass(inputs=np.positive))


def answered_by(fault_models: list[FaultModel], right: Answered, *, holds: bool = True) -> Answered:
    found = (
        predicted(composed([fault_model.gradient for fault_model in fault_models]), right.question)
        if holds
        else right.right
    )
    return Answered(
        right.question, found, None, right.expected, right.bound, right.loss_bound, right.unit_roundoff
    )  # fmt: skip


@given(st.sampled_from(PASSES), st.sampled_from(PASSES), st.sampled_from(SEEN[:12]))
@settings(max_examples=50)
def test_what_is_done_to_a_gradient_comes_after_the_passes(one: FaultyPass, other: FaultyPass, seen: Answered) -> None:
    try:
        both = one.followed_by(other)
    except Incompatible:
        assert composed([one, other]) is None
        return
    with np.errstate(all="ignore"):
        expected = predicted(both, seen.question) / 2
        orders: list[list[Gradient]] = [[HALF.gradient, one, other], [one, HALF.gradient, other]]
        for order in orders:
            np.testing.assert_array_equal(predicted(composed(order), seen.question), expected)


def test_a_right_part_changes_nothing() -> None:
    for fault in PASSES[:20]:
        for question in (seen.question for seen in SEEN[:4]):
            alone, beside = (predicted(way, question) for way in (fault, FaultyPass().followed_by(fault)))
            np.testing.assert_array_equal(alone, beside)


def test_two_causes_are_found_where_both_are_there() -> None:
    found = combined([HALF, NO_BIAS], [answered_by([HALF, NO_BIAS], seen) for seen in SEEN])
    assert found is not None
    assert [cause.condition for cause in found.causes] == [None, None]


@pytest.mark.parametrize("fault_models", [[HALF, NO_BIAS], [HALF, NOTHING]])
def test_what_is_not_needed_is_no_cause(fault_models: list[FaultModel]) -> None:
    assert combined(fault_models, [answered_by([HALF], seen) for seen in SEEN]) is None


def test_a_condition_tells_where_a_cause_holds() -> None:
    answers = [answered_by([HALF], seen, holds=len(seen.question.network.hidden_sizes) > 1) for seen in SEEN]
    found = combined([HALF], answers)
    assert found is not None
    assert found.causes[0].told(answers) == "half, only with two hidden layers or more"


def test_what_nothing_sets_apart_has_no_cause() -> None:
    assert combined([HALF], [answered_by([HALF], seen, holds=at % 3 == 0) for at, seen in enumerate(SEEN)]) is None
