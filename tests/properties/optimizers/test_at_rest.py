"""OPT3 and STEP2 hold on correct code, and are broken by what they promise to catch."""

from typing import Any

import pytest

from symtests.implementations.base import Capabilities
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties.base import Tier
from symtests.properties.optimizers.at_rest import OPT3, STEP2
from tests.mutants import optimizer_faults as faults
from tests.mutants.base import Correct
from tests.mutants.leftover_faults import AtLeastOneStep
from tests.mutants.training_faults import MemoryOfTheNeighbour, NoisySteps, WeightsInFewBits
from tests.properties.trying import found_and_shown, outcomes, violation_of

PROPERTIES = pytest.mark.parametrize("prop", [OPT3, STEP2], ids=lambda prop: prop.id)


@PROPERTIES
@pytest.mark.parametrize("implementation", [Correct, NumpyPlain, NumbaKernels])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "wide"), ("float64", "small")])
def test_correct_code_has_the_property(prop: Any, implementation: type[Any], dtype: str, tier: Tier) -> None:
    counts = outcomes(prop, implementation(), dtype, tier, 20)
    assert counts["held"] >= 15
    if prop is STEP2:
        assert counts["bitwise"] >= counts["held"]


@pytest.mark.parametrize(
    ("prop", "mutant"),
    [
        (OPT3, faults.WeightDecayAsPenalty),
        (OPT3, faults.WeightDecayWithoutRate),
        (OPT3, faults.OnlyBiasesDecayed),
        (OPT3, faults.WeightDecayInSgd),
        (OPT3, AtLeastOneStep),
        (OPT3, faults.StateSharedBetweenTensors),
        (OPT3, MemoryOfTheNeighbour),
        (OPT3, NoisySteps),
        (STEP2, faults.WeightDecayInSgd),
        (STEP2, faults.WeightDecayNeverOff),
        (STEP2, faults.GradientShifted),
        (STEP2, NoisySteps),
    ],
)
def test_a_fault_is_found_and_shown_by_a_small_network(prop: Any, mutant: type[Correct]) -> None:
    found_and_shown(prop, mutant(), Correct())


@PROPERTIES
def test_zero_divided_by_zero_is_found(prop: Any) -> None:
    with pytest.raises(Misbehaviour, match="for finite input"):
        outcomes(prop, faults.NoEpsilon(), "float64", "small")


def test_a_step_whose_rounding_is_not_declared_is_found_where_nothing_should_move() -> None:
    case, violation = violation_of(STEP2, WeightsInFewBits(), dtype="float32", tier="wide")
    assert case.training.steps >= 1
    assert " moved W" in violation.sentence


def test_every_loss_has_a_point_of_rest() -> None:
    for loss in ("bce", "logistic_mse", "softmax_cross_entropy"):

        class One(Correct):
            capabilities = Capabilities(losses=(loss,), index_independent=True)

        assert outcomes(STEP2, One(), "float64", "small", 10)["held"] >= 8


def test_the_sentence_says_what_decay_should_do() -> None:
    _, violation = violation_of(OPT3, faults.WeightDecayAsPenalty(), shrink=True)
    assert violation.sentence.startswith(
        "feature 0 is 0 in every sample, and so is the gradient of the weights behind, "
    )
    assert "(1 - learning rate * weight decay)" in violation.sentence
