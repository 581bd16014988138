"""GRAD3, GRAD6 and GRAD8 hold on correct code, and are broken by what they promise to catch."""

import numpy as np
import pytest

from symtests.implementations.base import Capabilities
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties.gradients.gradient_structure import GRAD3, GRAD6, GRAD8
from tests.mutants.backward_faults import (
    FirstOutputOnly,
    HiddenBiasFrozen,
    LeakyRelu,
    PreActivationsCached,
    SlopeMissing,
    SlopeOfActivation,
    TanhSlopeOfPreActivation,
)
from tests.mutants.base import Correct
from tests.mutants.index_faults import WeightsNotTransposed
from tests.mutants.loss_faults import FactorTwoMissing
from tests.properties.trying import found_and_shown, outcomes, violation_of

PROPERTIES = pytest.mark.parametrize("prop", [GRAD3, GRAD6, GRAD8], ids=lambda prop: prop.id)


@PROPERTIES
@pytest.mark.parametrize("implementation", [Correct, NumpyPlain, NumbaKernels])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "wide"), ("float64", "small")])
def test_correct_code_has_the_property(prop, implementation, dtype, tier):
    assert outcomes(prop, implementation(), dtype, tier, 25)["held"] >= 8


@pytest.mark.parametrize("prop", [GRAD3, GRAD6], ids=lambda prop: prop.id)
@pytest.mark.parametrize("implementation", [Correct, NumbaKernels])
def test_code_that_claims_bits_keeps_every_bit(prop, implementation):
    counts = outcomes(prop, implementation(), "float32", "wide", 15)
    assert counts["bitwise"] >= counts["held"] >= 8


@pytest.mark.parametrize(
    ("prop", "mutant"),
    [
        (GRAD3, PreActivationsCached),
        (GRAD3, HiddenBiasFrozen),
        (GRAD6, LeakyRelu),
        (GRAD6, SlopeMissing),
        (GRAD8, SlopeMissing),
        (GRAD8, SlopeOfActivation),
        (GRAD8, WeightsNotTransposed),
        (GRAD8, FirstOutputOnly),
        (GRAD8, FactorTwoMissing),
    ],
)
def test_a_fault_is_found_and_shown_by_a_small_network(prop, mutant):
    violation = found_and_shown(prop, mutant(), Correct())
    assert abs(violation.expected - violation.found) > violation.bound


def test_a_fault_of_one_activation_is_found_in_wide_networks_too():
    case, _ = violation_of(GRAD8, TanhSlopeOfPreActivation(), "float32", "wide")
    assert case.network.activations == ("tanh",)


class OneUlpMore(Correct):
    """Its weight gradient is one ulp too large."""

    def weight_gradient(self, below, signals):
        gradient = super().weight_gradient(below, signals)
        return np.nextafter(gradient, np.where(gradient == 0, gradient, np.inf))


class OneUlpMoreUnclaimed(OneUlpMore):
    """Does not claim index-independent arithmetic."""

    capabilities = Capabilities(dtypes=("float64",))


def test_one_ulp_breaks_an_outer_product_only_where_bits_are_claimed():
    _, violation = violation_of(GRAD3, OneUlpMore())
    assert violation.bound == 0
    assert outcomes(GRAD3, OneUlpMoreUnclaimed(), "float64", "wide", 15)["held"] >= 8


class LateMean(Correct):
    """Divides by the number of outputs behind the product of activations and error signals, not before."""

    def output_error_signals(self, network, z, batch):
        return super().output_error_signals(network, z, batch) * z.dtype.type(divisor(network))

    def gradient(self, network, batch, stages):
        gradient = super().gradient(network, batch, stages)
        gradient.vector[...] /= gradient.dtype.type(divisor(network))
        return gradient


def divisor(network):
    return 1 if network.loss == "softmax_cross_entropy" else network.sizes[-1]


def test_a_mean_that_is_taken_late_is_no_fault():
    assert outcomes(GRAD3, LateMean(), "float32", "wide", 40)["held"] >= 20


class NoActivations(Correct):
    """Offers stages and returns none."""

    def loss_and_gradient(self, network, parameters, batch):
        return Correct().loss_and_gradient(network, parameters, batch)

    def stages(self, network, parameters, batch):
        return None


class TornActivations(NoActivations):
    """Reports activations of another shape."""

    def stages(self, network, parameters, batch):
        stages = Correct().stages(network, parameters, batch)
        return stages._replace(activations=tuple(a[:, :0] for a in stages.activations))


class EndlessActivations(NoActivations):
    """Reports activations that are infinite."""

    def stages(self, network, parameters, batch):
        stages = Correct().stages(network, parameters, batch)
        return stages._replace(activations=tuple(a + np.inf for a in stages.activations))


@pytest.mark.parametrize(
    ("mutant", "complaint"),
    [
        (NoActivations, "pre_activations is no sequence of arrays"),
        (TornActivations, "of shape"),
        (EndlessActivations, r"inf at position 0 of \d+ of its activations"),
    ],
)
def test_stages_without_activations_are_a_misbehaviour(mutant, complaint):
    with pytest.raises(Misbehaviour, match=complaint):
        outcomes(GRAD3, mutant(), "float64", "small")


def test_the_sentence_gives_both_numbers():
    case, violation = violation_of(GRAD8, SlopeMissing(), shrink=True)
    assert (case.network.sizes, len(case.batch)) == ((1, 1, 1), 1)
    assert violation.sentence.startswith("the gradient of W1[0,0] should be the sum over samples of x * sigma'(z) *")
    assert f"{violation.found:.6g}" in violation.sentence
