"""INIT3 holds on correct code, and is broken by bounds that are left or not reached."""

from __future__ import annotations

from typing import Any

import pytest

from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties import find
from tests.mutants.base import Correct
from tests.mutants.initialization_faults import (
    AllWeightsPositive,
    CutOffAtThree,
    DeviationTakenForBound,
    OneWeightInAHundredZero,
    TruncatedSoldAsNormal,
    UniformForNormal,
    UniformFromZero,
)
from tests.properties.trying import outcomes, run_script, violation_of

PROPERTY = find("INIT3")


class OneOutlier(Correct):
    """Has one weight of twenty standard deviations."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        start = super().initialize(network, scheme, seed)
        if scheme.endswith("normal") and seed % 2:
            start.weight(0)[0, 0] = 20.0
        return start


class RoundedToATenth(Correct):
    """Rounds uniform numbers to a hundred steps, so that zero is one of them."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        start = super().initialize(network, scheme, seed)
        return Parameters(network, start.vector.round(2)) if scheme == "uniform" else start


@pytest.mark.parametrize("implementation", [NumbaKernels, NumpyPlain])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_correct_code_is_not_accused(implementation: type[Any], dtype: str) -> None:
    assert outcomes(PROPERTY, implementation(), dtype, "wide", examples=12)["held"] == 12


@pytest.mark.parametrize(
    ("mutant", "said"),
    [
        (UniformFromZero, "the largest of the "),
        (DeviationTakenForBound, "stays short of"),
        (TruncatedSoldAsNormal, "stays short of"),
        (CutOffAtThree, "stays short of"),
        (UniformForNormal, "without bounds"),
        (AllWeightsPositive, "the smallest of the "),
        (OneOutlier, "goes beyond"),
        (OneWeightInAHundredZero, "are exactly 0"),
        (RoundedToATenth, "are exactly 0"),
    ],
)
def test_a_fault_is_found_and_shown(mutant: type[Correct], said: str) -> None:
    case, violation = violation_of(PROPERTY, mutant(), tier="wide")
    assert said in violation.sentence
    run_script(violation, case, Correct())
    with pytest.raises(AssertionError):
        run_script(violation, case, mutant())
