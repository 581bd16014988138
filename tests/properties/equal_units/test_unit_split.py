"""EMB1 and EMB5 hold on correct code, and are broken by what they promise to catch."""

import numpy as np
import pytest

from symtests.implementations.base import Capabilities
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import DTYPES, Network
from symtests.parameters import Parameters
from symtests.properties.equal_units.unit_split import EMB1, EMB5, with_copy
from tests.mutants.backward_faults import PenaltyOnWeights
from tests.mutants.base import Correct
from tests.mutants.embedding_faults import (
    ActivationsNormalisedOverUnits,
    DropoutScaleLeftOn,
    GradientNormalisedPerUnit,
    LastUnitWithoutGradient,
    NoiseInHiddenSignals,
    OutgoingWeightsAveraged,
    ScaledByWidthInBothPasses,
    ScaledByWidthInForwardPass,
)
from tests.properties.trying import found_and_shown, outcomes, violation_of

PROPERTIES = pytest.mark.parametrize("prop", [EMB1, EMB5], ids=lambda prop: prop.id)


@PROPERTIES
@pytest.mark.parametrize("implementation", [Correct, NumpyPlain, NumbaKernels])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "wide"), ("float64", "small")])
def test_correct_code_has_the_property(prop, implementation, dtype, tier):
    assert outcomes(prop, implementation(), dtype, tier, 15)["held"] >= 10


@PROPERTIES
def test_limits_of_an_implementation_are_kept(prop):
    class TwoUnits:
        capabilities = Capabilities(dtypes=DTYPES, max_width=2, max_hidden_layers=1)

        def train(self, network, parameters, batch, training):
            assert max(network.hidden_sizes) <= 2
            return Correct().train(network, parameters, batch, training)

    assert outcomes(prop, TwoUnits(), "float64", "small", 15)["held"] >= 10


@pytest.mark.parametrize(
    ("prop", "mutant"),
    [
        (EMB1, ScaledByWidthInBothPasses),
        (EMB1, ScaledByWidthInForwardPass),
        (EMB1, DropoutScaleLeftOn),
        (EMB1, OutgoingWeightsAveraged),
        (EMB1, GradientNormalisedPerUnit),
        (EMB1, LastUnitWithoutGradient),
        (EMB1, NoiseInHiddenSignals),
        (EMB5, ScaledByWidthInBothPasses),
        (EMB5, DropoutScaleLeftOn),
        (EMB5, ActivationsNormalisedOverUnits),
        (EMB5, OutgoingWeightsAveraged),
        (EMB5, NoiseInHiddenSignals),
        (EMB5, PenaltyOnWeights),
    ],
)
def test_a_fault_is_found_and_shown_by_a_small_network(prop, mutant):
    found_and_shown(prop, mutant(), Correct())


def test_a_copy_has_both_ends_of_the_unit():
    network = Network((1, 2, 1), "tanh", "mse")
    parameters = Parameters.from_layers(network, [[[1.0, 2.0]], [[3.0], [4.0]]], [[5.0, 6.0], [7.0]])
    copied = with_copy(parameters, 0, 1, 0)
    assert np.array_equal(copied.vector, [2, 1, 2, 6, 5, 6, 4, 3, 4, 7])


def test_the_sentence_says_what_was_split():
    case, violation = violation_of(EMB1, ScaledByWidthInBothPasses(), shrink=True)
    assert (case.network.sizes, len(case.batch)) == ((1, 1, 1), 1)
    assert violation.sentence.startswith(
        "hidden unit 0 of layer 1 is split into two that have its incoming weights, and"
    )
