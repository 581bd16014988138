"""Diagnoses of one cause are equal but for what they count, and for digits of constants beyond the second."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.cause_text import cause_and_evidence, same_cause

EVIDENCE = ("This explains 3 of 4 wrong answers.", "Together they explain the wrong answer to 1 of 2 questions.", "")


@given(st.text("ab0.5 :(", max_size=30).map(str.strip), st.sampled_from(EVIDENCE))
def test_what_is_wrong_and_what_it_rests_on_are_told_apart(cause: str, evidence: str) -> None:
    told = f"{cause}. {evidence}".strip()
    assert cause_and_evidence(told) == (f"{cause}.".strip(), evidence)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("the factor is 0.5000001", "the factor is 0.5", True),
        ("the factor is 0.5", "the factor is 0.55", False),
        ("a. This explains 3 of 4 wrong answers.", "a. This explains 4 of 4 wrong answers.", True),
        ("a", "b", False),
        ("1e-300", "2e-300", False),
    ],
)
def test_causes_are_compared_to_two_digits(one: str, other: str, same: bool) -> None:
    assert (same_cause(one) == same_cause(other)) == same
