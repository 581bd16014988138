"""Checked: the ends of many starts are checked as one answer, and are found one after the other by default."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.parameters import Parameters
from tests.implementations.test_checked import BATCH, GOOD, NETWORK, STEP, Refuses


class Many(NumpyPlain):
    """Returns what it is told to as the ends of many starts."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def train_many(self, *question: Any) -> Any:
        return self.answer


def many(answer: Any) -> list[Parameters]:
    """Return the ends of two starts as an implementation sees them."""
    return Checked(Many(answer), "float64").train_many(NETWORK, "normal", (3, 4), BATCH, STEP)


@pytest.mark.parametrize(
    "answer", [[GOOD, 2 * GOOD], np.stack([GOOD, 2 * GOOD]), (Parameters(NETWORK, GOOD), 2 * GOOD)]
)
def test_ends_of_many_starts_are_sequences_of_parameters(answer: Any) -> None:
    assert [end.vector.tolist() for end in many(answer)] == [GOOD.tolist(), (2 * GOOD).tolist()]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (3.0, "wrong type"),
        ([GOOD], "wrong shape"),
        ([GOOD, GOOD[1:]], "wrong shape"),
        ([GOOD, GOOD.astype(np.float32)], "wrong dtype"),
        ([GOOD, np.nan * GOOD], "not finite"),
    ],
)
def test_ends_of_many_starts_are_checked(answer: Any, kind: str) -> None:
    with pytest.raises(Misbehaviour, match="train_many returned") as caught:
        many(answer)
    assert caught.value.kind == kind


def test_ends_that_fail_when_they_are_read_have_failed() -> None:
    with pytest.raises(Misbehaviour, match="train_many raised RuntimeError when its answer was read") as caught:
        many(Refuses())
    assert caught.value.kind == "raised"


def test_many_starts_are_trained_one_after_the_other_by_default() -> None:
    asked = Checked(NumpyPlain(), "float32")
    batch = BATCH.astype("float32")
    ends = asked.train_many(NETWORK, "normal", (3, 4), batch, STEP)
    for seed, end in zip((3, 4), ends, strict=True):
        start = asked.initialize(NETWORK, "normal", seed)
        assert np.array_equal(end.vector, asked.train(NETWORK, start, batch, STEP).vector)
