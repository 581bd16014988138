"""BITS1 holds where the same bits are claimed and come, and is broken by what it promises to catch."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import find as find_case

from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties import find
from symtests.properties.base import Case, Domain, Tier, Violation
from tests.mutants.base import Correct
from tests.mutants.same_bits_faults import (
    FusedOnOneProcessor,
    GapsSummedBackwards,
    OtherTanhOnOneProcessor,
    RunsAnywhere,
    SumsSplitByThreads,
)
from tests.properties.trying import outcomes, run_script

BITS1 = find("BITS1")
_HEALTH = list(HealthCheck)


def broken_at_night(mutant: Correct) -> tuple[Case, Violation]:
    """Return the first small case that breaks the property, and how."""
    implementation = Checked(mutant, "float32")
    case = find_case(
        BITS1.cases(Domain.of(implementation, nightly=True), "small"),
        lambda case: BITS1.judge(implementation, case).outcome == "violated",
        settings=settings(max_examples=200, database=None, suppress_health_check=_HEALTH, phases=[Phase.generate]),
        random=random.Random(0),
    )
    violation = BITS1.judge(implementation, case).violation
    assert violation is not None
    return case, violation


@pytest.mark.parametrize("implementation", [NumbaKernels, RunsAnywhere])
@pytest.mark.parametrize(("dtype", "tier"), [("float64", "small"), ("float32", "wide")])
def test_where_the_bits_are_the_same_the_property_holds(implementation: type[Any], dtype: str, tier: Tier) -> None:
    counts = outcomes(BITS1, implementation(), dtype, tier, examples=20)
    assert counts["held"] == counts["bitwise"] == 20


@pytest.mark.parametrize(
    "mutant", [SumsSplitByThreads, FusedOnOneProcessor, OtherTanhOnOneProcessor, GapsSummedBackwards]
)
def test_a_fault_is_found_and_shown_by_a_small_network(mutant: type[Correct]) -> None:
    case, violation = broken_at_night(mutant())
    assert case.hidden_units <= 3
    assert len(case.batch) <= 2
    assert abs(violation.expected - violation.found) <= 1e-5 * max(1, abs(violation.expected))  # nothing but rounding
    [way] = mutant.capabilities.same_bits
    assert case.details["way"] == way
    assert ("where all arrays have gaps" if way == "strided" else way) in violation.sentence
    run_script(violation, case, RunsAnywhere())
    with pytest.raises(AssertionError):
        run_script(violation, case, mutant())


@pytest.mark.thorough
def test_the_kernels_have_the_same_bits_at_night() -> None:
    """Compiled for a processor without extensions, and for one with vectors of 256 bits where this one can run that."""
    implementation, ways = Checked(NumbaKernels(), "float32"), set()

    @settings(max_examples=20, database=None, suppress_health_check=_HEALTH, phases=[Phase.generate], deadline=None)
    @seed(0)
    @given(BITS1.cases(Domain.of(implementation, nightly=True), "wide"))
    def try_case(case: Case) -> None:
        ways.add(case.details["way"])
        assert BITS1.judge(implementation, case).outcome == "held"

    try_case()
    assert ways == set(NumbaKernels.capabilities.same_bits)


def test_other_processors_are_asked_at_night_only() -> None:
    with pytest.raises(Unsupported, match="asked at night only"):
        BITS1.cases(Domain.of(Checked(FusedOnOneProcessor(), "float32")), "small")


def test_who_claims_nothing_is_asked_nothing() -> None:
    with pytest.raises(Unsupported, match="does not claim"):
        BITS1.cases(Domain.of(Checked(NumpyPlain(), "float32"), nightly=True), "small")


def test_a_claim_needs_a_way_to_be_tried() -> None:
    class Claims(Correct):
        capabilities = Capabilities(same_bits=("threads=2",))

    with pytest.raises(Unsupported, match="no operation 'run_as'"):
        outcomes(BITS1, Claims(), "float64", "small")


def test_what_is_returned_must_be_an_implementation() -> None:
    class ReturnsNothing(RunsAnywhere):
        def run_as(self, way: str) -> Any:
            return None

    with pytest.raises(Misbehaviour, match="run_as returned None"):
        outcomes(BITS1, ReturnsNothing(), "float64", "small")
