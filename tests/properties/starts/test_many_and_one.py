"""MST4 holds on correct code, and is broken where many starts are trained otherwise than one."""

from __future__ import annotations

from typing import Any

import pytest

from symtests.float_json import Array
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.properties import find
from symtests.properties.base import Tier
from tests.mutants.base import Correct
from tests.mutants.start_faults import (
    DivergedStartsReplaced,
    ManyStarts,
    ManyStartsByBlas,
    NotANumberReplaced,
    OneStepLessForManyStarts,
)
from tests.properties.trying import found_and_shown, outcomes, violation_of

PROPERTY = find("MST4")


@pytest.mark.parametrize("implementation", [NumbaKernels, ManyStarts])
@pytest.mark.parametrize(("dtype", "tier"), [("float64", "small"), ("float32", "wide")])
def test_correct_code_is_not_accused(implementation: type[Any], dtype: str, tier: Tier) -> None:
    counts = outcomes(PROPERTY, implementation(), dtype, tier, examples=12)
    assert counts["held"] == counts["bitwise"] == 12


def test_sums_in_another_order_are_no_fault() -> None:
    class BackwardsForMany(ManyStarts):
        capabilities = ManyStartsByBlas.capabilities
        many = False

        def train_many(self, *question: Any) -> Any:
            self.many = True
            ends = super().train_many(*question)
            self.many = False
            return ends

        def product(self, a: Array, b: Array) -> Array:
            return super().product(a[:, ::-1], b[::-1]) if self.many else super().product(a, b)

    counts = outcomes(PROPERTY, BackwardsForMany(), "float32", "wide", examples=12)
    assert counts["held"] >= 8
    assert counts["bitwise"] < counts["held"]


@pytest.mark.parametrize("mutant", [OneStepLessForManyStarts, DivergedStartsReplaced])
def test_a_fault_is_found_and_shown_by_a_small_network(mutant: type[Correct]) -> None:
    assert "and trained alone by train" in found_and_shown(PROPERTY, mutant(), ManyStarts()).sentence


def test_a_training_that_diverges_is_not_replaced_by_one_that_does_not() -> None:
    _, violation = violation_of(PROPERTY, NotANumberReplaced(), "float32")
    assert violation.sentence.endswith("ends at finite parameters, and trained alone by train it diverges")
