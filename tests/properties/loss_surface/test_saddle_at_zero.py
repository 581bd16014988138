"""SAD1 holds on correct code, and is broken by what it promises to catch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.implementations.base import Capabilities
from symtests.implementations.checked import Checked
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import DTYPES
from symtests.oracle.hessian import hessian
from symtests.parameters import Parameters
from symtests.properties.base import Domain
from symtests.properties.loss_surface.saddle_at_zero import SAD1
from tests.mutants.base import Correct
from tests.mutants.rounding_faults import SmallWeightsPruned
from tests.mutants.saddle_faults import (
    BestLossReported,
    GradientOnCoarseGrid,
    LossRoundedForDisplay,
    SlopeOfOneAtZero,
    SmallGradientsDropped,
)
from tests.properties.trying import found_and_shown, outcomes


@pytest.mark.parametrize("implementation", [Correct, NumpyPlain, NumbaKernels])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "wide"), ("float32", "small"), ("float64", "small")])
def test_correct_code_has_the_property(implementation, dtype, tier):
    assert outcomes(SAD1, implementation(), dtype, tier, 15)["held"] >= 10


def test_a_gradient_that_is_recovered_from_a_step_will_do():
    class OnlyTrains:
        capabilities = Capabilities(dtypes=DTYPES)

        def train(self, *question):
            return Correct().train(*question)

    assert outcomes(SAD1, OnlyTrains(), "float64", "small", 15)["held"] >= 10


@pytest.mark.parametrize(
    "mutant",
    [SmallGradientsDropped, GradientOnCoarseGrid, SmallWeightsPruned, SlopeOfOneAtZero, LossRoundedForDisplay],
)
def test_a_fault_is_found_and_shown_by_a_small_network(mutant):
    found_and_shown(SAD1, mutant(), Correct())


def test_a_loss_that_never_rises_is_found():
    violation = found_and_shown(SAD1, BestLossReported(), Correct())
    assert "the loss is higher by" in violation.sentence


@given(st.data())
def test_the_hessian_at_zero_has_two_blocks_and_both_signs(data):
    case = data.draw(SAD1.cases(Domain.of(Checked(Correct(), "float64")), "small"))
    network = case.network
    zero = Parameters.zeros(network)
    zero.bias(1)[...] = case.parameters.bias(1)
    off_c = network.weight_slice(1).stop
    found = hessian(network, zero, case.batch)[:off_c, :off_c]
    outgoing = network.weight_slice(1).start
    assert not found[:outgoing, :outgoing].any()
    assert not found[outgoing:, outgoing:].any()
    eigenvalues = np.linalg.eigvalsh(found)
    assert np.allclose(eigenvalues, -eigenvalues[::-1], atol=1e-12)
