"""SAD3 holds on correct code, and is broken by what it promises to catch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import DTYPES
from symtests.oracle import passes
from symtests.oracle.hessian import hessian_vector_product
from symtests.properties.base import Domain
from symtests.properties.loss_surface.duplicated_unit import SAD3, _apart, _curvature
from tests.mutants.base import Correct
from tests.mutants.embedding_faults import LastUnitWithoutGradient, NoiseInHiddenSignals
from tests.mutants.saddle_faults import (
    CurvatureOfFirstUnitOnly,
    GradientOnCoarseGrid,
    LossRoundedForDisplay,
    SlopeLinearised,
    SmallGradientsDropped,
)
from tests.properties.trying import outcomes, run_script, violation_of


@pytest.mark.parametrize("implementation", [Correct, NumpyPlain, NumbaKernels])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "wide"), ("float32", "small"), ("float64", "small")])
def test_correct_code_has_the_property(implementation, dtype, tier):
    assert outcomes(SAD3, implementation(), dtype, tier, 15)["held"] >= 10


@pytest.mark.parametrize(
    "mutant",
    [
        CurvatureOfFirstUnitOnly,
        GradientOnCoarseGrid,
        LossRoundedForDisplay,
        SlopeLinearised,
        SmallGradientsDropped,
        LastUnitWithoutGradient,
        NoiseInHiddenSignals,
    ],
)
def test_a_fault_is_found_and_shown_by_a_small_network(mutant):
    case, violation = violation_of(SAD3, mutant())
    assert case.hidden_units <= 3
    run_script(violation, case, Correct())
    with pytest.raises(AssertionError):
        run_script(violation, case, mutant())


def test_a_batch_that_is_too_small_is_unsupported():
    class TwoSamples(Correct):
        capabilities = Capabilities(dtypes=DTYPES, max_samples=2)

    with pytest.raises(Unsupported, match="samples; it takes at most 2"):
        outcomes(SAD3, TwoSamples(), "float64", "small", 1)


@given(st.data())
def test_the_theorem(data):
    """The point is critical, and the oracle's own Hessian bends as B says, with either sign."""
    case = data.draw(SAD3.cases(Domain.of(Checked(Correct(), "float64")), "small"))
    gradient = passes.loss_and_gradient(case.network, case.parameters, case.batch)[1]
    assert np.abs(gradient.vector).max() < 1e-12
    apart = _apart(case)
    bend = apart @ hessian_vector_product(case.network, case.parameters, case.batch, apart)
    assert bend == pytest.approx(_curvature(case), abs=1e-10)


def test_ties_attract_as_well_as_repel():
    signs = set()

    @given(SAD3.cases(Domain.of(Checked(Correct(), "float64")), "small"))
    def draw(case):
        signs.add(np.sign(_curvature(case)))

    draw()
    assert {-1.0, 1.0} <= signs
