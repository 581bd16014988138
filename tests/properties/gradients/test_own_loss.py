"""OWN1 holds on correct code and on code of another loss, and is broken where loss and gradient do not fit."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import ACTIVATIONS, DTYPES, LOSSES
from symtests.properties.base import Domain
from symtests.properties.gradients.gradient import GRAD1
from symtests.properties.gradients.own_loss import OWN1
from tests.mutants.backward_faults import PenaltyOnWeights, SlopeMissing
from tests.mutants.base import Correct
from tests.mutants.linear_faults import SquaredErrorSoldAsBce
from tests.mutants.loss_faults import FactorTwoMissing, MeanMissing
from tests.mutants.own_loss_faults import (
    GeluApproximated,
    LogCosh,
    LossAfterTheStep,
    LossOfHalfTheSquares,
    LossWithoutSampleWeights,
    PenaltyInBoth,
    SlopeOfGeluApproximated,
    SteeperLeak,
    SumOfLosses,
    ThreefoldLoss,
)
from tests.mutants.report_faults import (
    GradientAfterTheStep,
    GradientOfTheNegativeLoss,
    LossInHalfPrecision,
    LossIsSummed,
)
from tests.properties.trying import found_and_shown, outcomes, violation_of


def of(kind, **limits):
    """Return an object of this class that offers so much."""
    implementation = kind()
    implementation.capabilities = replace(Correct.capabilities, **limits)
    return implementation


@pytest.mark.parametrize("implementation", [Correct, NumpyPlain, NumbaKernels])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "small"), ("float64", "small"), ("float64", "wide")])
def test_correct_code_has_the_property(implementation, dtype, tier):
    assert outcomes(OWN1, implementation(), dtype, tier)["held"] >= 15


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_with_every_loss_is_decided(activation, loss):
    implementation = of(Correct, activations=(activation,), losses=(loss,))
    for dtype in DTYPES:
        assert outcomes(OWN1, implementation, dtype, "small", examples=6)["held"] >= 1


def test_the_cases_spread_over_all_that_is_offered():
    seen: set[tuple[str, str]] = set()

    @settings(max_examples=160, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @seed(0)
    @given(OWN1.cases(Domain("float64", Capabilities(activations=ACTIVATIONS, losses=LOSSES)), "small"))
    def draw(case):
        seen.update((name, case.network.loss) for name in case.network.activations)

    draw()
    assert {activation for activation, _ in seen} == set(ACTIVATIONS)
    assert {loss for _, loss in seen} == set(LOSSES)
    assert len(seen) >= 12


CONSISTENT = [
    (ThreefoldLoss, {}),
    (SumOfLosses, {}),
    (MeanMissing, {}),
    (PenaltyInBoth, {}),
    (SteeperLeak, {"activations": ("leaky_relu",)}),
    (LogCosh, {"losses": ("mse",)}),
    (SquaredErrorSoldAsBce, {"losses": ("bce",)}),
    (GeluApproximated, {"activations": ("gelu",)}),
]


@pytest.mark.parametrize(("kind", "limits"), CONSISTENT, ids=[kind.__name__ for kind, _ in CONSISTENT])
@pytest.mark.parametrize("dtype", DTYPES)
def test_another_loss_whose_gradient_fits_keeps_the_property(kind, limits, dtype):
    assert outcomes(OWN1, of(kind, **limits), dtype, "small")["held"] >= 8


@pytest.mark.parametrize("kind", [ThreefoldLoss, LogCosh])
def test_another_loss_of_a_wide_network_keeps_the_property(kind):
    assert outcomes(OWN1, of(kind, losses=("mse",)), "float64", "wide", examples=12)["held"] >= 8


@pytest.mark.parametrize(("kind", "limits"), CONSISTENT, ids=[kind.__name__ for kind, _ in CONSISTENT])
def test_another_loss_is_told_by_the_property_of_our_loss(kind, limits):
    assert violation_of(GRAD1, of(kind, **limits))


@pytest.mark.parametrize(
    "mutant",
    [
        LossIsSummed,
        GradientOfTheNegativeLoss,
        GradientAfterTheStep,
        LossInHalfPrecision,
        LossAfterTheStep,
        LossWithoutSampleWeights,
        LossOfHalfTheSquares,
        SlopeOfGeluApproximated,
        PenaltyOnWeights,
        SlopeMissing,
        FactorTwoMissing,
    ],
)
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_loss_and_a_gradient_that_do_not_fit_are_found_and_shown(mutant, dtype):
    case, violation = violation_of(OWN1, mutant(), dtype)
    assert case.hidden_units <= 3
    assert abs(violation.found - violation.expected) > violation.bound > 0
    if dtype == "float64":
        assert "the loss that it reports rises by" in found_and_shown(OWN1, mutant(), Correct()).sentence


def test_without_a_loss_there_is_nothing_to_compare_the_gradient_with():
    class Silent(Correct):
        def loss_and_gradient(self, network, parameters, batch):
            return None, super().loss_and_gradient(network, parameters, batch)[1]

    with pytest.raises(Unsupported, match="no loss"):
        outcomes(OWN1, Silent(), "float64", "small")
