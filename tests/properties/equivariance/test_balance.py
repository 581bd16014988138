"""EQV5 to EQV7 hold on correct code, and are broken by what they promise to catch."""

import numpy as np
import pytest

from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties.equivariance.balance import EQV5, EQV6, EQV7
from tests.mutants.backward_faults import (
    BiasAveragedTwice,
    OtherLeakySlope,
    PenaltyOnWeights,
    PreActivationsCached,
    SlopeMissing,
)
from tests.mutants.base import Correct
from tests.mutants.index_faults import WeightsNotTransposed
from tests.mutants.loss_faults import FactorTwoMissing, FirstSampleSkipped, MeanMissing
from tests.mutants.training_faults import OutputWeightsFirst
from tests.properties.trying import found_and_shown, outcomes, violation_of

PROPERTIES = pytest.mark.parametrize("prop", [EQV5, EQV6, EQV7], ids=lambda prop: prop.id)


class BiasesTwiceAsFast(Correct):
    """Has twice the learning rate for biases; its gradient is right."""

    def update(self, theta, gradient, memory, step, training):
        super().update(theta, gradient, memory, step, training)
        for layer in range(theta.network.layer_count):
            where = theta.network.bias_slice(layer)
            theta.vector[where] -= training.learning_rate * gradient[where]


@PROPERTIES
@pytest.mark.parametrize("implementation", [Correct, NumpyPlain, NumbaKernels])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "wide"), ("float64", "small")])
def test_correct_code_has_the_property(prop, implementation, dtype, tier):
    assert outcomes(prop, implementation(), dtype, tier, 15)["held"] >= 6


@pytest.mark.parametrize(
    ("prop", "mutant"),
    [
        (EQV5, SlopeMissing),
        (EQV5, OtherLeakySlope),
        (EQV5, BiasAveragedTwice),
        (EQV5, PreActivationsCached),
        (EQV5, WeightsNotTransposed),
        (EQV5, PenaltyOnWeights),
        (EQV6, BiasesTwiceAsFast),
        (EQV6, OutputWeightsFirst),
        (EQV7, SlopeMissing),
        (EQV7, FactorTwoMissing),
        (EQV7, MeanMissing),
        (EQV7, FirstSampleSkipped),
    ],
)
def test_a_fault_is_found_and_shown_by_a_small_network(prop, mutant):
    violation = found_and_shown(prop, mutant(), Correct())
    assert abs(violation.expected - violation.found) > violation.bound


@pytest.mark.parametrize("at_zero", [0.0, 1.0])
def test_pre_activations_at_the_kink_are_set_aside(at_zero):
    class AtZero(Correct):
        def slope(self, name, z):
            return np.where(z == 0, at_zero, super().slope(name, z)) if name == "relu" else super().slope(name, z)

    counts = outcomes(EQV5, AtZero(), "float64", "small", 60)
    assert counts["rejected"] > 0
    assert counts["held"] >= 30


def test_the_sentence_gives_both_sides():
    case, violation = violation_of(EQV5, OtherLeakySlope(), shrink=True)
    assert (case.network.sizes, len(case.batch)) == ((1, 1, 1), 1)
    assert violation.sentence.startswith("hidden unit 0 of layer 1 (leaky_relu) is homogeneous, so")
    assert f"{violation.found:.9g} and {violation.expected:.9g}" in violation.sentence
