"""DESC1 holds on correct code, and is broken by steps that do not go down."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from symtests.implementations.base import Capabilities
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import DTYPES
from symtests.oracle import hessian, loss_and_gradient
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain
from symtests.properties.loss_surface.descent import DESC1
from tests.mutants.base import Correct
from tests.mutants.optimizer_faults import Ascends, FirstLayerAscends, RateTenfold, TargetsShuffledApart
from tests.properties.trying import found_and_shown, needs_its_precondition, outcomes, violation_of


class TrainOnly(Correct):
    """Offers no loss."""

    loss_and_gradient = None  # type: ignore[assignment]  # an implementation need not have it

    def step_gradient(self, network, theta, batch, training):
        return self.gradient(network, batch, Correct.stages(self, network, theta, batch)).vector


class AscendsSilently(Ascends, TrainOnly):
    """Adds the step, and offers no loss."""


@pytest.mark.parametrize("implementation", [Correct, NumpyPlain, NumbaKernels, TrainOnly])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "wide"), ("float64", "small")])
def test_correct_code_has_the_property(implementation, dtype, tier):
    assert outcomes(DESC1, implementation(), dtype, tier, 20)["held"] >= 14


@pytest.mark.parametrize("mutant", [Ascends, AscendsSilently, FirstLayerAscends, RateTenfold, TargetsShuffledApart])
def test_a_fault_is_found_and_shown_by_a_small_network(mutant):
    found_and_shown(DESC1, mutant(), Correct())


def test_a_large_rate_raises_the_loss():
    needs_its_precondition(DESC1, Correct())


@settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(DESC1.cases(Domain("float64", Capabilities(dtypes=DTYPES)), "small"))
def test_the_rate_is_below_what_the_curvature_allows_anywhere_on_the_way(case: Case):
    """Against second derivatives at eleven points of the segment."""
    gradient, rate = loss_and_gradient(case.network, case.parameters, case.batch)[1].vector, case.training.learning_rate
    for share in np.linspace(0, 1, 11):
        theta = Parameters(case.network, case.parameters.vector - share * rate * gradient)
        curvature = gradient @ hessian(case.network, theta, case.batch) @ gradient
        assert rate * abs(curvature) <= gradient @ gradient * (1 + 1e-12)


def test_the_sentence_says_how_far_the_loss_should_fall():
    case, violation = violation_of(DESC1, Ascends(), shrink=True)
    assert len(case.batch) == 1
    assert violation.found < 0 < violation.expected
    assert f"{violation.expected:.9g} or more, but the loss goes from " in violation.sentence
