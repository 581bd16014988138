"""GRAD4, GRAD5, GRAD7 and EQV8 hold on correct code, and are broken by what they promise to catch."""

import numpy as np
import pytest

from symtests.implementations.base import Capabilities
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties.gradients.features import EQV8, GRAD4, GRAD5, GRAD7
from tests.mutants.backward_faults import BiasAveragedTwice, FeaturesShifted, HiddenBiasFrozen, PenaltyOnWeights
from tests.mutants.base import Correct
from tests.mutants.data_faults import StridesIgnored
from tests.mutants.forward_faults import InputsCentred, InputsClipped
from tests.properties.trying import found_and_shown, outcomes, violation_of

PROPERTIES = pytest.mark.parametrize("prop", [GRAD4, GRAD5, GRAD7, EQV8], ids=lambda prop: prop.id)


@PROPERTIES
@pytest.mark.parametrize("implementation", [Correct, NumpyPlain, NumbaKernels])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "wide"), ("float64", "small")])
def test_correct_code_has_the_property(prop, implementation, dtype, tier):
    assert outcomes(prop, implementation(), dtype, tier, 15)["held"] >= 8


@pytest.mark.parametrize("prop", [GRAD4, EQV8], ids=lambda prop: prop.id)
@pytest.mark.parametrize("implementation", [NumpyPlain, NumbaKernels])
def test_zeros_and_powers_of_two_are_kept_bit_for_bit_by_any_arithmetic(prop, implementation):
    counts = outcomes(prop, implementation(), "float32", "wide", 15)
    assert counts["bitwise"] >= counts["held"] >= 8


@pytest.mark.parametrize(
    ("prop", "mutant"),
    [
        (GRAD4, FeaturesShifted),
        (GRAD4, StridesIgnored),
        (GRAD4, PenaltyOnWeights),
        (GRAD5, BiasAveragedTwice),
        (GRAD5, HiddenBiasFrozen),
        (GRAD5, FeaturesShifted),
        (GRAD7, InputsClipped),
        (GRAD7, InputsCentred),
        (GRAD7, HiddenBiasFrozen),
        (EQV8, InputsClipped),
        (EQV8, PenaltyOnWeights),
    ],
)
def test_a_fault_is_found_and_shown_by_a_small_network(prop, mutant):
    violation = found_and_shown(prop, mutant(), Correct())
    assert abs(violation.expected - violation.found) > violation.bound


class BiasSummedFromTheEnd(Correct):
    """Adds up the bias gradient from the last sample to the first."""

    def bias_gradient(self, signals):
        return super().bias_gradient(signals[::-1])


def test_another_order_of_adding_up_the_bias_gradient_is_no_fault():
    counts = outcomes(GRAD5, BiasSummedFromTheEnd(), "float32", "wide", 60)
    assert counts["held"] >= 30
    assert counts["bitwise"] < counts["held"]


class OneUlpMore(Correct):
    """Its gradient of the first feature is one ulp too large."""

    def weight_gradient(self, below, signals):
        gradient = super().weight_gradient(below, signals)
        gradient[0] = np.nextafter(gradient[0], np.where(gradient[0] == 0, 0, np.inf))
        return gradient


def test_one_ulp_is_seen_where_bits_are_claimed():
    assert violation_of(GRAD5, OneUlpMore())[1].bound == 0


class CoarseArithmetic(Correct):
    """Says that its arithmetic is coarser than its dtype, as its gradients are off by up to 2^-21 of their size."""

    capabilities = Capabilities(dtypes=("float32",), unit_roundoff={"float32": 2.0**-20})

    def weight_gradient(self, below, signals):
        gradient = super().weight_gradient(below, signals)
        return gradient * (1 + 2.0**-21 * np.cos(100 * gradient)).astype(gradient.dtype)


class TrainsOnly:
    """Offers nothing but training."""

    capabilities = Capabilities(dtypes=("float32", "float64"), index_independent=True)
    train = Correct().train


@pytest.mark.parametrize(("implementation", "dtype"), [(CoarseArithmetic(), "float32"), (TrainsOnly(), "float64")])
def test_bits_are_asked_of_no_coarse_arithmetic_and_of_no_recovered_gradient(implementation, dtype):
    counts = outcomes(EQV8, implementation, dtype, "small")
    assert counts["held"] >= 12
    assert counts["bitwise"] < counts["held"]


@pytest.mark.parametrize("prop", [GRAD4, GRAD5, GRAD7], ids=lambda prop: prop.id)
def test_the_properties_hold_on_a_gradient_that_is_recovered(prop):
    assert outcomes(prop, TrainsOnly(), "float64", "wide", 15)["held"] >= 8


def test_the_sentence_says_what_was_done_and_what_followed():
    case, violation = violation_of(EQV8, PenaltyOnWeights(), shrink=True)
    assert (case.network.sizes, len(case.batch)) == ((1, 1), 1)
    assert violation.sentence.startswith(
        "the features are multiplied by (2) and the rows of W1 divided by the same: the"
    )
    assert f"should be {violation.expected!r} and is {violation.found!r}" in violation.sentence
