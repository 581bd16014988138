"""LIN1 and LIN2 hold on correct code, and are broken by what they promise to catch."""

from dataclasses import replace

import numpy as np
import pytest

from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import DTYPES, LOSSES
from symtests.properties.base import Domain
from symtests.properties.loss_surface.no_hidden_layer import LIN1, LIN2
from tests.mutants.base import Correct, CorrectInAll
from tests.mutants.data_faults import LabelsRolled
from tests.mutants.linear_faults import (
    BestOutputsUnpunished,
    GradientTimesWeights,
    SlopeOfOutputMissing,
    SquaredErrorSoldAsBce,
)
from tests.mutants.loss_faults import FirstSampleSkipped, MeanMissing, SampleAfterSample
from tests.mutants.report_faults import GradientOfTheNegativeLoss
from tests.mutants.training_faults import RateUsedTwice
from tests.mutants.zero_faults import BiasesFrozen, InputsReachOutputs, ZeroWeightsReplaced
from tests.properties.right_ones import OnlyTrains, ThreeTimesTheLoss
from tests.properties.trying import found_and_shown, needs_its_precondition, outcomes

PROPERTIES = pytest.mark.parametrize("prop", [LIN1, LIN2], ids=lambda prop: prop.id)


class Coarse(NumpyPlain):
    """Declares the unit roundoff of half precision: no bits are asked of it."""

    capabilities = Capabilities(dtypes=("float32",), unit_roundoff={"float32": 2.0**-11})


@PROPERTIES
@pytest.mark.parametrize("implementation", [Correct, NumpyPlain, NumbaKernels, OnlyTrains, ThreeTimesTheLoss])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "wide"), ("float64", "small"), ("float32", "small")])
def test_correct_code_has_the_property(prop, implementation, dtype, tier):
    assert outcomes(prop, implementation(), dtype, tier)["held"] >= 20


def test_a_squared_error_of_dyadic_numbers_is_judged_bit_for_bit():
    class Squared(NumpyPlain):
        capabilities = Capabilities(dtypes=DTYPES, losses=("mse",), sample_weights=False)

    for dtype in DTYPES:
        counts = outcomes(LIN1, Squared(), dtype, "small")
        assert counts["held"] == counts["bitwise"] == 30


def test_no_bits_are_asked_of_a_coarse_arithmetic():
    assert outcomes(LIN1, Coarse(), "float32", "small")["bitwise"] > 0


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_has_an_output_at_zero(loss):
    class OneLoss(NumpyPlain):
        capabilities = Capabilities(losses=(loss,))

    assert outcomes(LIN1, OneLoss(), "float64", "wide", examples=10)["held"] == 10


def test_a_squared_error_of_logistic_outputs_is_not_convex():
    class OneLoss(NumpyPlain):
        capabilities = Capabilities(losses=("logistic_mse",))

    with pytest.raises(Unsupported, match="losses"):
        LIN2.cases(Domain("float64", OneLoss.capabilities), "small")


@pytest.mark.parametrize("loss", LOSSES)
def test_each_half_of_the_precondition_of_convexity_is_needed(loss):
    """Hidden layers spoil it, whatever the loss; and logistic outputs of a squared error spoil it without any."""
    hidden = int(loss != "logistic_mse")

    def only_this(case):
        return case.network.loss == loss and len(case.network.hidden_sizes) >= hidden

    without = LIN2.without_precondition
    assert without is not None
    prop = replace(LIN2, without_precondition=lambda domain: without(domain).filter(only_this))
    needs_its_precondition(prop, CorrectInAll())


@pytest.mark.parametrize(
    ("prop", "mutant", "said"),
    [
        (LIN1, ZeroWeightsReplaced, "gradient of"),
        (LIN1, InputsReachOutputs, "so every output is"),
        (LIN1, GradientTimesWeights, "but it is 0.0"),
        (LIN1, SlopeOfOutputMissing, "so every output is 1/2, and the delta rule"),
        (LIN1, FirstSampleSkipped, "gradient of W1[0,0]"),
        (LIN1, MeanMissing, "gradient of W1[0,0]"),
        (LIN1, LabelsRolled, "gradient of W1[0,0]"),
        (LIN1, BiasesFrozen, "gradient of b1[0]"),
        (LIN1, RateUsedTwice, "a step of learning rate 0.5 leads W1[0,0] to"),
        (LIN1, SampleAfterSample, "a step of learning rate 0.5 leads"),
        (LIN2, GradientOfTheNegativeLoss, "so that it cannot fall"),
        (LIN2, SquaredErrorSoldAsBce, "but it is convex"),
        (LIN2, BestOutputsUnpunished, "but"),
        (LIN2, BiasesFrozen, "so that it cannot fall"),
    ],
)
def test_a_fault_is_found_and_shown_by_a_small_network(prop, mutant, said):
    violation = found_and_shown(prop, mutant(), Correct())
    if mutant is SquaredErrorSoldAsBce:
        assert "cannot fall" in violation.sentence or "midway it is no larger" in violation.sentence
    else:
        assert said in violation.sentence
    assert np.isfinite([violation.found, violation.expected]).all()


def test_a_gradient_of_another_size_is_no_fault_of_convexity():
    """A gradient a hundred times too large rises a hundred times as much: GRAD1 tells of that."""

    class Large(Correct):
        def output_error_signals(self, network, z, batch):
            return z.dtype.type(100) * super().output_error_signals(network, z, batch)

    assert outcomes(LIN2, Large(), "float32", "small")["held"] >= 20
