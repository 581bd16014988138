"""combinations: what explains questions that it has seen explains questions that it has not."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from symtests.diagnosis.clock import Clock
from symtests.diagnosis.combination import Combination
from symtests.diagnosis.fault_models import FAMILIES, FAULTS
from symtests.diagnosis.faults.fault import Fault
from symtests.diagnosis.questions.asking import Interview
from symtests.diagnosis.questions.question import Answered
from symtests.diagnosis.questions.series import Designer
from symtests.diagnosis.search import combinations
from symtests.implementations.base import Capabilities
from symtests.implementations.checked import Checked
from tests.diagnosis.examined import LONG_ENOUGH
from tests.mutants.base import Correct

RATE = 0.5


def answers(seed: int) -> list[Answered]:
    """Return right answers, those to plain steps."""
    designer = Designer(Capabilities(), "float64", RATE, seed)
    return Interview(Checked(Correct(), "float64"), 600.0).ask_all(designer.series())


SEEN, UNSEEN = answers(0), answers(7)
CONSTANTS = (0.3, 0.07, 1.7)


def shape_of(given_answers: list[Answered]) -> Combination | None:
    return next(combinations(given_answers, Clock(LONG_ENOUGH)), None)


def answered_with(fault: Fault, right: Answered) -> Answered:
    with np.errstate(all="ignore"):
        found = fault.predict(right)
    return Answered(
        right.question, found, None, right.expected, right.bound, right.loss_bound, right.unit_roundoff
    )  # fmt: skip


def of_finite(fault: Fault, questions: list[Answered]) -> list[Answered]:
    given_answers = (answered_with(fault, right) for right in questions)
    return [answered for answered in given_answers if np.isfinite(answered.found).all()]


FITTED = st.builds(
    lambda family, constant: family.with_constant(constant), st.sampled_from(FAMILIES), st.sampled_from(CONSTANTS)
)


@given(st.one_of(st.sampled_from(FAULTS), FITTED))
@settings(max_examples=25)
def test_whatever_explains_seen_answers_explains_unseen_ones(fault: Fault) -> None:
    shape = shape_of(of_finite(fault, SEEN))
    if shape is None:
        return  # it does not show, or nothing was clear enough
    for answered in of_finite(fault, UNSEEN):
        (cause,) = shape.causes
        if answered.is_wrong and cause.holds(answered):
            assert answered.agrees(shape.predict(answered)), (fault.words, cause.told([]))


@given(st.sampled_from(FAULTS))
@settings(max_examples=25)
def test_every_fault_that_shows_is_explained(fault: Fault) -> None:
    given_answers = of_finite(fault, SEEN)
    clear = any(answered.is_wrong and answered.is_far_off for answered in given_answers)
    assert (shape_of(given_answers) is not None) == clear, fault.words


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=5)
def test_noise_is_explained_by_nothing(seed: int) -> None:
    random = np.random.default_rng(seed)
    noisy = [
        Answered(
            right.question, right.right + random.normal(size=right.right.shape), None, right.expected, right.bound,
            right.loss_bound, right.unit_roundoff,
        )
        for right in SEEN
    ]  # fmt: skip
    assert shape_of(noisy) is None


def test_right_answers_need_no_explanation() -> None:
    assert shape_of(SEEN) is None
