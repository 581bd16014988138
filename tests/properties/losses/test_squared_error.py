"""LOSS5 and LOSS7 hold on correct code, and are broken by what they promise to catch."""

import numpy as np
import pytest

from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties.losses.squared_error import LOSS5, LOSS7
from tests.mutants.backward_faults import HiddenSignalsClipped, PenaltyOnWeights
from tests.mutants.base import Correct
from tests.mutants.data_faults import LabelsRolled
from tests.mutants.forward_faults import PredictsWithDropout
from tests.mutants.loss_faults import ResidualsClipped
from tests.properties.trying import found_and_shown, outcomes, run_script, violation_of

PROPERTIES = pytest.mark.parametrize("prop", [LOSS5, LOSS7], ids=lambda prop: prop.id)


@PROPERTIES
@pytest.mark.parametrize("implementation", [Correct, NumpyPlain, NumbaKernels])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "wide"), ("float64", "small")])
def test_correct_code_has_the_property(prop, implementation, dtype, tier):
    counts = outcomes(prop, implementation(), dtype, tier, 15)
    assert counts["bitwise"] >= counts["held"] >= 8


@pytest.mark.parametrize(
    ("prop", "mutant"),
    [
        (LOSS5, HiddenSignalsClipped),
        (LOSS5, ResidualsClipped),
        (LOSS5, PenaltyOnWeights),
        (LOSS7, LabelsRolled),
        (LOSS7, PenaltyOnWeights),
        (LOSS7, PredictsWithDropout),
    ],
)
def test_a_fault_is_found_and_shown_by_a_small_network(prop, mutant):
    violation = found_and_shown(prop, mutant(), Correct())
    assert abs(violation.expected - violation.found) > violation.bound


class PredictsToTheLastBitButOne(NumpyPlain):
    """Predicts what it trains on, but for the last bit."""

    def predict(self, network, parameters, x):
        outputs = super().predict(network, parameters, x)
        return np.nextafter(outputs, np.inf)


class PredictsNothing:
    """Offers no prediction."""

    capabilities = NumpyPlain.capabilities
    train = NumpyPlain().train
    loss_and_gradient = NumpyPlain().loss_and_gradient


class PredictsNothingAndDecays(PredictsNothing):
    """The same with a penalty on the weights."""

    loss_and_gradient = PenaltyOnWeights().loss_and_gradient


@pytest.mark.parametrize("implementation", [PredictsToTheLastBitButOne, PredictsNothing])
def test_outputs_that_are_right_to_rounding_leave_a_gradient_of_rounding(implementation):
    counts = outcomes(LOSS7, implementation(), "float32", "wide", 30)
    assert counts["held"] >= 20
    assert counts["bitwise"] < counts["held"]


def test_a_fault_is_found_without_a_prediction():
    case, violation = violation_of(LOSS7, PredictsNothingAndDecays())
    assert 0 < violation.bound < abs(violation.found)
    with pytest.raises(AssertionError):
        run_script(violation, case, PredictsNothingAndDecays())


class WrongPrediction(NumpyPlain):
    """Predicts half of what it trains on."""

    def predict(self, network, parameters, x):
        return super().predict(network, parameters, x) / 2


def test_a_wrong_prediction_is_no_excuse():
    violation_of(LOSS7, WrongPrediction())


def test_the_sentence_gives_the_gradient_that_is_left():
    case, violation = violation_of(LOSS7, PenaltyOnWeights(), shrink=True)
    assert (case.network.sizes, len(case.batch)) == ((1, 1), 1)
    assert violation.sentence.startswith("the targets are the outputs themselves, the first being ")
    assert f"the gradient of W1[0,0] is {violation.found!r}" in violation.sentence
