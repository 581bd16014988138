"""MST1 and MST2 hold on correct code, and are broken by what they promise to catch."""

from typing import Any

import pytest

from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties import find
from symtests.properties.base import Tier
from tests.mutants.base import Correct
from tests.mutants.start_faults import (
    AnotherStartEachTime,
    BestStartForAll,
    EndsInReverseOrder,
    LastStartsOfABlockRepeated,
    ManyStarts,
    ManyStartsByBlas,
    MomentumFromStartToStart,
    OneGeneratorForAllStarts,
    SameSeedForEveryStart,
    SeedIgnored,
    SeedsInSteps,
)
from tests.properties.trying import found_and_shown, outcomes, run_script, violation_of

PROPERTIES = ("MST1", "MST2")


@pytest.mark.parametrize("prop", PROPERTIES)
@pytest.mark.parametrize("implementation", [NumbaKernels, NumpyPlain, ManyStarts])
@pytest.mark.parametrize(("dtype", "tier"), [("float64", "small"), ("float32", "wide")])
def test_correct_code_is_not_accused(prop: str, implementation: type[Any], dtype: str, tier: Tier) -> None:
    counts = outcomes(find(prop), implementation(), dtype, tier, examples=12)
    assert counts["held"] == counts["bitwise"] == 12


@pytest.mark.parametrize("prop", PROPERTIES)
def test_sums_in_another_order_are_no_fault(prop: str) -> None:
    counts = outcomes(find(prop), ManyStartsByBlas(), "float32", "wide", examples=12)
    assert counts["held"] >= 10
    assert counts["bitwise"] < counts["held"]


@pytest.mark.parametrize(
    ("prop", "mutant"),
    [
        ("MST1", SameSeedForEveryStart),
        ("MST1", EndsInReverseOrder),
        ("MST1", BestStartForAll),
        ("MST1", MomentumFromStartToStart),
        ("MST1", OneGeneratorForAllStarts),
        ("MST1", LastStartsOfABlockRepeated),
        ("MST1", SeedIgnored),
        ("MST1", SeedsInSteps),
        ("MST2", SameSeedForEveryStart),
        ("MST2", OneGeneratorForAllStarts),
        ("MST2", LastStartsOfABlockRepeated),
        ("MST2", MomentumFromStartToStart),
    ],
)
def test_a_fault_is_found_and_shown_by_a_small_network(prop: str, mutant: type[Correct]) -> None:
    found_and_shown(find(prop), mutant(), ManyStarts())


@pytest.mark.parametrize("prop", PROPERTIES)
def test_a_generator_of_its_own_is_found(prop: str) -> None:
    """Its script can fail by chance alone, if at all."""
    violation_of(find(prop), AnotherStartEachTime())


def test_a_fault_is_found_within_rounding_too() -> None:
    class Carried(EndsInReverseOrder):
        capabilities = ManyStartsByBlas.capabilities

    case, violation = violation_of(find("MST1"), Carried())
    assert violation.bound > 0
    assert case.training.steps == 1
    with pytest.raises(AssertionError):
        run_script(violation, case, Carried())


def test_the_smallest_set_has_two_starts() -> None:
    case, violation = violation_of(find("MST1"), SameSeedForEveryStart(), shrink=True)
    assert len(case.details["seeds"]) == 2
    assert case.network.sizes == (1, 1, 1)
    assert violation.sentence.startswith("the start with seed 0 ends at W1[0,0] = ")


def test_an_end_that_is_missing_is_a_misbehaviour() -> None:
    class Forgets(ManyStarts):
        def train_many(self, *question: Any) -> Any:
            return super().train_many(*question)[:-1]

    with pytest.raises(Misbehaviour, match="train_many returned 1 parameters for 2 seeds"):
        outcomes(find("MST1"), Forgets(), "float64", "small")
