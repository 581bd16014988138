"""INIT6 and INIT7 hold on correct code, and are broken by what is not orthogonal, or not uniformly so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties import find
from symtests.properties.base import Domain, Tier
from symtests.properties.initialization.orthogonal import _coordinate
from tests.mutants.base import Correct
from tests.mutants.orthogonal_faults import (
    OrthogonalByGainOfRelu,
    OrthogonalByPermutation,
    OrthogonalInHalfPrecision,
    OrthogonalThatIsNormal,
    OrthogonalWithTheSignsOfQR,
)
from tests.properties.trying import found_and_shown, outcomes, run_script, violation_of


@pytest.mark.parametrize("implementation", [NumbaKernels, NumpyPlain])
@pytest.mark.parametrize(("dtype", "tier"), [("float64", "small"), ("float32", "wide")])
def test_correct_starts_are_orthogonal(implementation: type[Any], dtype: str, tier: Tier) -> None:
    assert outcomes(find("INIT6"), implementation(), dtype, tier, examples=12)["held"] == 12


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_correct_starts_prefer_no_direction(dtype: str) -> None:
    assert outcomes(find("INIT7"), NumpyPlain(), dtype, "wide", examples=8)["held"] == 8


@pytest.mark.parametrize("mutant", [OrthogonalThatIsNormal, OrthogonalByGainOfRelu, OrthogonalInHalfPrecision])
def test_what_is_not_orthogonal_is_found_and_shown_by_a_small_network(mutant: type[Correct]) -> None:
    assert "the product of " in found_and_shown(find("INIT6"), mutant(), Correct()).sentence


@pytest.mark.parametrize(
    ("mutant", "said"), [(OrthogonalWithTheSignsOfQR, "the mean of W"), (OrthogonalByPermutation, "of W")]
)
def test_a_preferred_direction_is_found_and_shown(mutant: type[Correct], said: str) -> None:
    case, violation = violation_of(find("INIT7"), mutant(), tier="wide")
    assert said in violation.sentence
    run_script(violation, case, Correct())
    with pytest.raises(AssertionError):
        run_script(violation, case, mutant())


@pytest.mark.parametrize("dimension", [2, 3, 5, 8])
def test_a_coordinate_of_a_sphere_has_a_beta_distribution(dimension: int) -> None:
    """(1 + x) / 2 is Beta((d - 1) / 2, (d - 1) / 2)."""
    grid, below = _coordinate(dimension)
    half = (dimension - 1) / 2
    np.testing.assert_allclose(below, stats.beta.cdf((1 + grid) / 2, half, half), atol=1e-6)


def test_without_an_orthogonal_start_nothing_is_asked() -> None:
    for prop in ("INIT6", "INIT7"):
        with pytest.raises(Unsupported):
            find(prop).cases(Domain("float64", Capabilities(starts=("normal",))), "wide")
