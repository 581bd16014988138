"""INIT4 holds on correct code, and is broken by another distribution of the same mean and variance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from symtests.chance import Standard
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties import find
from symtests.properties.initialization.shape import _bins
from tests.mutants.base import Correct
from tests.mutants.initialization_faults import (
    AllWeightsPositive,
    SignsAlone,
    SumOfTwelveForNormal,
    TruncatedSoldAsNormal,
    UniformForNormal,
    UniformFromZero,
)
from tests.properties.trying import outcomes, run_script, violation_of

PROPERTY = find("INIT4")


@pytest.mark.parametrize("implementation", [NumbaKernels, NumpyPlain])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_correct_code_is_not_accused(implementation: type[Any], dtype: str) -> None:
    assert outcomes(PROPERTY, implementation(), dtype, "wide", examples=8)["held"] == 8


@pytest.mark.parametrize(
    ("mutant", "said"),
    [
        (UniformForNormal, "as the distribution is normal"),
        (TruncatedSoldAsNormal, "as the distribution is normal"),
        (SumOfTwelveForNormal, "the kurtosis of the "),
        (SignsAlone, "as the distribution is uniform"),
        (UniformFromZero, "as the distribution is uniform"),
        (AllWeightsPositive, "lie below"),
    ],
)
def test_a_fault_is_found_and_shown(mutant: type[Correct], said: str) -> None:
    case, violation = violation_of(PROPERTY, mutant(), tier="wide")
    assert said in violation.sentence
    run_script(violation, case, Correct())
    with pytest.raises(AssertionError):
        run_script(violation, case, mutant())


@pytest.mark.parametrize(
    "distribution", [Standard("uniform"), Standard("normal"), Standard("truncated_normal", 2.0)], ids=str
)
def test_the_polynomials_are_orthonormal_under_the_distribution(distribution: Standard) -> None:
    _, below, shares, polynomials = _bins(distribution)
    assert below[-1] == shares.sum() == pytest.approx(1)
    np.testing.assert_allclose(polynomials @ shares, 0, atol=1e-9)
    np.testing.assert_allclose(polynomials * shares @ polynomials.T, np.eye(len(polynomials)), atol=1e-9)
