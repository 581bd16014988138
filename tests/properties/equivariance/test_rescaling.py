"""EQV2 to EQV4 hold on correct code, and are broken by what they promise to catch."""

import numpy as np
import pytest

from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties.equivariance.rescaling import EQV2, EQV3, EQV4
from tests.mutants.backward_faults import HiddenSignalsClipped, PenaltyOnWeights, SlopeOfActivation
from tests.mutants.base import Correct
from tests.mutants.forward_faults import ActivationsCapped, LogisticTooHigh
from tests.mutants.index_faults import NoiseByUnitIndex
from tests.properties.trying import found_and_shown, outcomes, violation_of

PROPERTIES = pytest.mark.parametrize("prop", [EQV2, EQV3, EQV4], ids=lambda prop: prop.id)


@PROPERTIES
@pytest.mark.parametrize("implementation", [Correct, NumpyPlain, NumbaKernels])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "wide"), ("float64", "small")])
def test_correct_code_has_the_property(prop, implementation, dtype, tier):
    counts = outcomes(prop, implementation(), dtype, tier, 15)
    assert counts["held"] >= 8
    assert prop is EQV3 or counts["bitwise"] >= counts["held"]


@pytest.mark.parametrize(
    ("prop", "mutant"),
    [
        (EQV2, ActivationsCapped),
        (EQV2, NoiseByUnitIndex),
        (EQV3, LogisticTooHigh),
        (EQV3, SlopeOfActivation),
        (EQV4, ActivationsCapped),
        (EQV4, HiddenSignalsClipped),
        (EQV4, PenaltyOnWeights),
    ],
)
def test_a_fault_is_found_and_shown_by_a_small_network(prop, mutant):
    violation = found_and_shown(prop, mutant(), Correct())
    assert abs(violation.expected - violation.found) > violation.bound


class TanhByExponential(Correct):
    """Computes tanh(z) from e = exp(2z) - 1 as e / (e + 2): odd to rounding only."""

    def activate(self, name, z):
        e = np.expm1(2 * z)
        return e / (e + 2) if name == "tanh" else super().activate(name, z)


def test_a_tanh_that_is_odd_to_rounding_only_is_no_fault():
    counts = outcomes(EQV2, TanhByExponential(), "float32", "small", 60)
    assert counts["held"] >= 50
    assert counts["bitwise"] < counts["held"]


def test_the_sentence_names_the_unit_and_what_was_done_to_it():
    case, violation = violation_of(EQV2, NoiseByUnitIndex(), shrink=True)
    assert (case.network.sizes, case.network.activations) == ((1, 1, 2), ("identity",))
    assert violation.sentence.startswith("hidden unit 0 of layer 1 (identity) has all its weights negated, and its")
