"""INIT8 holds on correct code, and is broken where signals grow or vanish with depth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties import find
from symtests.properties.initialization.depth import _bounds
from tests.mutants.base import Correct
from tests.mutants.dependence_faults import WeightsOfRankOneInSigns
from tests.mutants.initialization_faults import (
    BoundTakenForDeviation,
    DeepLayersDrawnSmaller,
    GlorotByTheSum,
    HeWithoutItsTwo,
)
from tests.properties.trying import outcomes, run_script, violation_of

PROPERTY = find("INIT8")


@pytest.mark.parametrize("implementation", [NumbaKernels, NumpyPlain])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_correct_code_is_not_accused(implementation: type[Any], dtype: str) -> None:
    assert outcomes(PROPERTY, implementation(), dtype, "wide", examples=8)["held"] == 8


@pytest.mark.parametrize(
    ("mutant", "said"),
    [
        (HeWithoutItsTwo, "with the activation relu: a layer multiplies the second moment of the activations by 0."),
        (GlorotByTheSum, "glorot_"),
        (BoundTakenForDeviation, "over 50 layers that is"),
        (DeepLayersDrawnSmaller, "layer"),
        (WeightsOfRankOneInSigns, "second moment"),
    ],
)
def test_a_fault_is_found_and_shown(mutant: type[Correct], said: str) -> None:
    case, violation = violation_of(PROPERTY, mutant(), tier="wide")
    assert said in violation.sentence
    run_script(violation, case, Correct())
    with pytest.raises(AssertionError):
        run_script(violation, case, mutant())


@pytest.mark.parametrize("count", [50, 5000])
def test_bounds_of_squares_hold_against_exact_tails(count: int) -> None:
    low, high = _bounds("identity", count, 1e-9)
    assert stats.chi2.sf(high * count, count) <= 0.5e-9
    assert stats.chi2.cdf(low * count, count) <= 0.5e-9
    assert high - 1 <= 1.2 * (stats.chi2.isf(0.5e-9, count) / count - 1)


def test_bounds_behind_relu_hold() -> None:
    numbers = np.random.default_rng(0).normal(size=(20_000, 100))
    means = 2 * np.square(np.maximum(numbers, 0)).mean(axis=1)
    low, high = _bounds("relu", 100, 0.02)
    assert 0.0001 < (means > high).mean() <= 0.01
    assert (means < low).mean() <= 0.01
