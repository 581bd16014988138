"""EQV1 holds on correct code, and is broken by code to which a unit's place matters."""

from typing import Any

import pytest
from hypothesis import HealthCheck, find, given, settings

from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties.base import Case, Domain, Tier
from symtests.properties.equivariance.order import EQV1
from tests.mutants.backward_faults import FirstOutputOnly
from tests.mutants.base import Correct
from tests.mutants.index_faults import LastUnitLeftOut, NoiseByUnitIndex, RemainderForgetsBias, WeightsShiftedByOne
from tests.properties.trying import outcomes, run_script, violation_of


@pytest.mark.parametrize(
    ("implementation", "dtype", "tier"),
    [
        (NumpyPlain, "float32", "wide"),
        (NumpyPlain, "float64", "small"),
        (NumbaKernels, "float64", "wide"),
        (NumbaKernels, "float32", "small"),
        (Correct, "float64", "wide"),
    ],
)
def test_correct_code_is_not_accused(implementation: type[Any], dtype: str, tier: Tier) -> None:
    assert outcomes(EQV1, implementation(), dtype, tier)["held"] >= 15


def test_the_precondition_is_needed() -> None:
    case, violation = violation_of(EQV1, Correct(), without_precondition=True, shrink=True)
    assert case.network.hidden_sizes == (2,)
    with pytest.raises(AssertionError):
        run_script(violation, case, Correct())


@pytest.mark.parametrize("mutant", [LastUnitLeftOut, WeightsShiftedByOne, NoiseByUnitIndex, FirstOutputOnly])
def test_a_fault_is_found_and_shown_by_a_small_network(mutant: type[Correct]) -> None:
    case, violation = violation_of(EQV1, mutant(), shrink=True)
    assert case.hidden_units <= 3
    assert "are put into the order" in violation.sentence
    assert abs(violation.found - violation.expected) > violation.bound > 0
    run_script(violation, case, Correct())
    with pytest.raises(AssertionError):
        run_script(violation, case, mutant())


def test_a_fault_of_a_remainder_loop_is_found_by_wide_networks_alone() -> None:
    assert outcomes(EQV1, RemainderForgetsBias(), "float64", "small")["held"] > 0
    case, violation = violation_of(EQV1, RemainderForgetsBias(), tier="wide")
    assert max(case.network.hidden_sizes) >= 9
    with pytest.raises(AssertionError):
        run_script(violation, case, RemainderForgetsBias())


ALL = Domain("float64", Capabilities())


@settings(max_examples=20)
@given(case=EQV1.cases(ALL, "small"))
def test_units_that_are_equal_have_no_order(case: Case) -> None:
    case.parameters.vector[:] = 0.5
    assert EQV1.judge(Checked(Correct(), "float64"), case).outcome == "trivial"


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(case=EQV1.cases(ALL, "wide"))
def test_the_units_of_any_one_hidden_layer_change_places(case: Case) -> None:
    layer, order = case.details["layer"], case.details["order"]
    assert sorted(order) == list(range(case.network.hidden_sizes[layer]))


def test_deeper_layers_are_reordered_too() -> None:
    deeper = find(EQV1.cases(ALL, "wide"), lambda case: case.details["layer"] > 0, settings=settings(database=None))
    assert EQV1.judge(Checked(Correct(), "float64"), deeper).outcome in ("held", "trivial")


def test_one_unit_has_no_order() -> None:
    with pytest.raises(Unsupported, match="2 units"):
        EQV1.cases(Domain("float64", Capabilities(max_width=1)), "small")
