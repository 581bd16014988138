"""What is said of gradients that are as exact as a smaller dtype."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symtests.diagnosis.precision import precision_told
from symtests.diagnosis.questions.question import Answered
from tests.diagnosis.test_search import SEEN


def perturbed(size: float, seed: int = 0) -> list[Answered]:
    """Return answers whose components are off by about so much of themselves."""
    random = np.random.default_rng(seed)
    return [
        Answered(
            seen.question, seen.right * (1 + size * random.uniform(-1, 1, seen.right.shape)), None, seen.expected,
            seen.bound, seen.loss_bound, seen.unit_roundoff,
        )
        for seen in SEEN[:12]
    ]  # fmt: skip


@pytest.mark.parametrize(("bits", "name"), [(24, "float32"), (11, "float16 or TensorFloat"), (8, "bfloat16")])
@given(st.integers(0, 1000))
@settings(max_examples=10)
def test_rounding_once_is_told(bits: int, name: str, seed: int) -> None:
    told = precision_told(perturbed(2.0**-bits, seed))
    assert told == f"something is computed with {bits} bits, as many as {name} has"


@pytest.mark.parametrize("size", [2.0**-36, 0.5, 2.0])
def test_other_sizes_are_no_rounding(size: float) -> None:
    assert precision_told(perturbed(size)) == ""


def test_few_answers_tell_nothing() -> None:
    assert precision_told(perturbed(2.0**-24)[:2]) == ""
    assert precision_told([]) == ""
