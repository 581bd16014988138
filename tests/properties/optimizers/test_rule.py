"""OPT6 and OPT2 hold on correct code, and are broken by what they promise to catch."""

from typing import Any

import pytest

from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import DTYPES, LOSSES
from symtests.properties.base import Tier
from symtests.properties.optimizers.closed_forms import OPT2
from symtests.properties.optimizers.rule import OPT6
from tests.mutants import optimizer_faults as faults
from tests.mutants.base import Correct
from tests.mutants.training_faults import LastHiddenRowFrozen, MemoryOfTheNeighbour, OutputWeightsFirst
from tests.properties.trying import found_and_shown, outcomes, violation_of

PROPERTIES = pytest.mark.parametrize("prop", [OPT2, OPT6], ids=lambda prop: prop.id)
BOTH = (
    faults.MomentumOfTheWrongSign,
    faults.MomentumDampened,
    faults.NesterovWithoutLookAhead,
    faults.StepsCountedFromTwo,
    faults.NoBiasCorrection,
    faults.OnlyMeanCorrected,
    faults.EpsilonInsideRoot,
    faults.EpsilonBeforeCorrection,
    faults.SquareOfTheMean,
    faults.SquaresSummedUp,
    faults.AdagradForgets,
    faults.WeightDecayAsPenalty,
    faults.WeightDecayWithoutRate,
    faults.OnlyBiasesDecayed,
    faults.RateFallsWithSteps,
    faults.WeightDecayInSgd,
    faults.GradientClipped,
)


@PROPERTIES
@pytest.mark.parametrize("implementation", [Correct, NumpyPlain, NumbaKernels])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "wide"), ("float64", "small")])
def test_correct_code_has_the_property(prop: Any, implementation: type[Any], dtype: str, tier: Tier) -> None:
    assert outcomes(prop, implementation(), dtype, tier, 20)["held"] >= 12


@PROPERTIES
@pytest.mark.parametrize("mutant", BOTH)
def test_a_fault_is_found_and_shown_by_a_small_network(prop: Any, mutant: type[Correct]) -> None:
    found_and_shown(prop, mutant(), Correct())


@pytest.mark.parametrize(
    "mutant",
    [
        faults.BiasesNotDecayed,
        faults.StateSharedBetweenTensors,
        faults.StepsCountedByLayer,
        LastHiddenRowFrozen,
        MemoryOfTheNeighbour,
        OutputWeightsFirst,
    ],
)
def test_a_fault_between_layers_is_found_and_shown(mutant: type[Correct]) -> None:
    found_and_shown(OPT6, mutant(), Correct())


class AtLeastOneStep(Correct):
    """Takes a step where none was asked for, as a loop does that tests its condition at its end."""

    def train(self, network, parameters, batch, training):
        return super().train(network, parameters, batch, training.with_steps(max(training.steps, 1)))


class OneStepMore(Correct):
    """Counts its steps from 0 to the number that was asked for, that one included."""

    def train(self, network, parameters, batch, training):
        return super().train(network, parameters, batch, training.with_steps(training.steps + 1))


class OneStepLess(Correct):
    """Counts its steps from 1 to the number that was asked for, that one left out."""

    def train(self, network, parameters, batch, training):
        return super().train(network, parameters, batch, training.with_steps(max(training.steps - 1, 0)))


@pytest.mark.parametrize("mutant", [AtLeastOneStep, OneStepMore, OneStepLess])
def test_a_step_more_or_less_than_was_asked_for_is_found_and_shown(mutant: type[Correct]) -> None:
    found_and_shown(OPT6, mutant(), Correct())


def test_a_training_of_no_step_may_be_refused() -> None:
    class NeedsAStep(Correct):
        def train(self, network, parameters, batch, training):
            if training.steps == 0:
                raise Unsupported("a training has at least one step")
            return super().train(network, parameters, batch, training)

    assert outcomes(OPT6, NeedsAStep(), "float64", "small", 20)["held"] >= 12


@PROPERTIES
def test_a_state_that_is_kept_is_found(prop: Any) -> None:
    _, violation = violation_of(prop, faults.StateKeptBetweenTrainings())
    assert abs(violation.found - violation.expected) > violation.bound


class ThriceTheLoss(Correct):
    """Has three times the loss, and says so."""

    capabilities = Capabilities(dtypes=DTYPES, loss_scale=dict.fromkeys(LOSSES, 3.0))

    def loss(self, network, z, batch):
        return 3 * super().loss(network, z, batch)

    def output_error_signals(self, network, z, batch):
        return z.dtype.type(3) * super().output_error_signals(network, z, batch)


class ThriceTheLossDampened(ThriceTheLoss, faults.MomentumDampened):
    """Has it too, and dampens the momentum."""


@PROPERTIES
def test_a_loss_of_another_scale_is_allowed_for(prop: Any) -> None:
    assert outcomes(prop, ThriceTheLoss(), "float32", "wide", 15)["held"] >= 8
    found_and_shown(prop, ThriceTheLossDampened(), ThriceTheLoss())
