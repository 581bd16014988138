"""NUM2 holds on correct code, and is broken by what it promises to catch."""

import pytest

from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties.base import Domain
from symtests.properties.numerics.overflow import NUM2
from tests.mutants.base import Correct
from tests.mutants.loss_faults import (
    GradientOfClippedProbabilities,
    LogarithmOfProbabilities,
    LogisticOverflows,
    ProbabilitiesClipped,
    SoftmaxUnshifted,
)
from tests.properties.right_ones import OnlyTrains, ThreeTimesTheLoss
from tests.properties.trying import found_and_shown, outcomes


class Half(NumpyPlain):
    """Declares the unit roundoff of half precision."""

    capabilities = Capabilities(dtypes=("float32",), unit_roundoff={"float32": 2.0**-11})


@pytest.mark.parametrize("implementation", [Correct, NumpyPlain, NumbaKernels, OnlyTrains, ThreeTimesTheLoss])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "small"), ("float32", "wide"), ("float64", "small")])
def test_correct_code_has_the_property(implementation, dtype, tier):
    assert outcomes(NUM2, implementation(), dtype, tier)["held"] >= 15


@pytest.mark.parametrize("loss", ["bce", "softmax_cross_entropy", "logistic_mse"])
def test_every_loss_of_probabilities_is_tried(loss):
    class OneLoss(NumpyPlain):
        capabilities = Capabilities(losses=(loss,))

    assert outcomes(NUM2, OneLoss(), "float64", "wide", examples=20)["held"] >= 10


def test_sums_that_half_precision_cannot_hold_are_set_aside():
    counts = outcomes(NUM2, Half(), "float32", "wide")
    assert counts["rejected"] > 0
    assert counts["held"] > 0


def test_a_squared_error_has_no_bound():
    with pytest.raises(Unsupported, match="losses"):
        NUM2.cases(Domain("float64", Capabilities(losses=("mse",))), "small")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # overflow is what these faults are about
@pytest.mark.parametrize(
    ("mutant", "said"),
    [
        (SoftmaxUnshifted, "but the loss is nan"),
        (LogarithmOfProbabilities, "but the loss is"),
        (ProbabilitiesClipped, "but the loss is"),
        (LogisticOverflows, "the gradient of"),
        (GradientOfClippedProbabilities, "leave little doubt, so the gradient of"),
    ],
)
def test_a_fault_is_found_and_shown_by_a_small_network(mutant, said):
    violation = found_and_shown(NUM2, mutant(), Correct())
    assert said in violation.sentence


def test_a_loss_that_is_capped_is_told_with_the_cap():
    violation = found_and_shown(NUM2, ProbabilitiesClipped(), Correct())
    assert violation.found <= 16.2 < violation.expected


def test_an_error_signal_that_has_vanished_is_told_with_the_one_of_a_sure_decision():
    violation = found_and_shown(NUM2, GradientOfClippedProbabilities(), Correct())
    assert violation.found == 0
    assert abs(violation.expected) > 1000 * violation.bound > 0
