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
from tests.properties.trying import breach_of, outcomes, run_script

LAW = find("INIT4")


@pytest.mark.parametrize("implementation", [NumbaKernels, NumpyPlain])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_correct_code_is_not_accused(implementation: type[Any], dtype: str) -> None:
    assert outcomes(LAW, implementation(), dtype, "wide", examples=8)["held"] == 8


@pytest.mark.parametrize(
    ("mutant", "said"),
    [
        (UniformForNormal, "as the law is normal"),
        (TruncatedSoldAsNormal, "as the law is normal"),
        (SumOfTwelveForNormal, "the kurtosis of the "),
        (SignsAlone, "as the law is uniform"),
        (UniformFromZero, "as the law is uniform"),
        (AllWeightsPositive, "lie below"),
    ],
)
def test_a_fault_is_found_and_shown(mutant: type[Correct], said: str) -> None:
    case, breach = breach_of(LAW, mutant(), tier="wide")
    assert said in breach.sentence
    run_script(breach, case, Correct())
    with pytest.raises(AssertionError):
        run_script(breach, case, mutant())


@pytest.mark.parametrize("law", [Standard("uniform"), Standard("normal"), Standard("truncated_normal", 2.0)], ids=str)
def test_the_polynomials_are_orthonormal_under_the_law(law: Standard) -> None:
    _, below, shares, polynomials = _bins(law)
    assert below[-1] == shares.sum() == pytest.approx(1)
    np.testing.assert_allclose(polynomials @ shares, 0, atol=1e-9)
    np.testing.assert_allclose(polynomials * shares @ polynomials.T, np.eye(len(polynomials)), atol=1e-9)
