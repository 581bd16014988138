"""EMB2 holds on correct code, and is broken by what it promises to catch."""

import pytest

from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties.equal_units.tied_network import EMB2
from tests.mutants.base import Correct
from tests.mutants.embedding_faults import (
    DropoutScaleLeftOn,
    GradientNormalisedPerUnit,
    LastUnitWithoutGradient,
    NoiseInHiddenSignals,
    ScaledByWidthInBothPasses,
    ScaledByWidthInForwardPass,
)
from tests.mutants.index_faults import RemainderForgetsBias
from tests.properties.trying import found_and_shown, outcomes, run_script, violation_of


@pytest.mark.parametrize("implementation", [Correct, NumpyPlain, NumbaKernels])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "wide"), ("float64", "small"), ("float64", "wide")])
def test_correct_code_has_the_property(implementation, dtype, tier):
    assert outcomes(EMB2, implementation(), dtype, tier, 15)["held"] >= 10


@pytest.mark.parametrize(
    "mutant",
    [
        ScaledByWidthInBothPasses,
        ScaledByWidthInForwardPass,
        DropoutScaleLeftOn,
        GradientNormalisedPerUnit,
        LastUnitWithoutGradient,
        NoiseInHiddenSignals,
    ],
)
def test_a_fault_is_found_and_shown_by_a_small_network(mutant):
    found_and_shown(EMB2, mutant(), Correct())


def test_a_fault_of_wide_layers_is_found_by_a_wide_network():
    case, violation = violation_of(EMB2, RemainderForgetsBias(), tier="wide")
    run_script(violation, case, Correct())
    with pytest.raises(AssertionError):
        run_script(violation, case, RemainderForgetsBias())


def test_a_step_is_that_of_the_narrow_network_at_rates_of_its_own():
    """Two units: the step of the sum of their outgoing weights is twice the narrow network's."""
    case, violation = violation_of(EMB2, ScaledByWidthInBothPasses(), shrink=True)
    assert case.network.sizes == (1, 2, 1)
    assert "a single unit in each hidden layer" in violation.sentence
