"""INIT5 holds on correct code, and is broken by numbers that depend on each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.initialization import initialize
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties import find
from tests.mutants.base import Correct
from tests.mutants.dependence_faults import (
    LastRowRepeated,
    LayersNearlyEqual,
    LayersOfOppositeSign,
    LayersTransposed,
    NeighbouringSeedsCorrelated,
    SecondLayerIgnoresTheSeed,
    SixtyFourNumbersOverAndOver,
    UnitsInOppositePairs,
    UnitsInRandomOppositePairs,
)
from tests.mutants.start_faults import SameSeedForEveryLayer, SeedIgnored, SeedsOverlap
from tests.properties.trying import outcomes, run_script, violation_of

PROPERTY = find("INIT5")
SEVERAL = (SecondLayerIgnoresTheSeed, SixtyFourNumbersOverAndOver, UnitsInRandomOppositePairs)
"""Faults that show in several kinds of pairs, any of which may be told."""


class BiasesOfTheFirstRow(Correct):
    """Draws the biases of a layer from the numbers of its first row, where both are drawn."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        start = super().initialize(network, scheme, seed)
        if scheme in ("uniform", "normal"):
            for weight, bias in zip(start.weights, start.biases, strict=True):
                bias[...] = weight[0]
        return start


class NegativeOfTheSeedBefore(Correct):
    """Takes the start of every second seed for that of the one before, with the opposite sign."""

    def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
        return Parameters(network, (-1) ** seed * initialize(network, scheme, seed // 2).vector)


@pytest.mark.parametrize("implementation", [NumbaKernels, NumpyPlain])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_correct_code_is_not_accused(implementation: type[Any], dtype: str) -> None:
    assert outcomes(PROPERTY, implementation(), dtype, "wide", examples=8)["held"] == 8


@pytest.mark.parametrize(
    ("mutant", "said"),
    [
        (UnitsInOppositePairs, "of opposite sign"),
        (UnitsInRandomOppositePairs, "in the start of seed"),
        (LastRowRepeated, "rows 0 and "),
        (LayersNearlyEqual, "row by row, are equal or nearly so"),
        (LayersOfOppositeSign, "row by row, are of opposite sign"),
        (LayersTransposed, "the rows of the one and the columns of the other, are equal"),
        (SecondLayerIgnoresTheSeed, "the starts of the seeds 0 and 1"),
        (NeighbouringSeedsCorrelated, "seeds"),
        (SixtyFourNumbersOverAndOver, "are equal or nearly so"),
        (SameSeedForEveryLayer, "are equal or nearly so"),
        (SeedIgnored, "the starts of the seeds"),
        (SeedsOverlap, "numbers 1 places apart in the starts of neighbouring seeds"),
        (BiasesOfTheFirstRow, "and b1"),
        (NegativeOfTheSeedBefore, "seeds"),
    ],
)
def test_a_fault_is_found_and_shown(mutant: type[Correct], said: str) -> None:
    case, violation = violation_of(PROPERTY, mutant(), tier="wide")
    if mutant not in SEVERAL:
        assert said in violation.sentence
    run_script(violation, case, Correct())
    with pytest.raises(AssertionError):
        run_script(violation, case, mutant())


def test_a_correlation_of_a_few_percent_between_neighbouring_seeds_is_seen() -> None:
    class Slightly(Correct):
        def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
            start, after = (initialize(network, scheme, each).vector for each in (seed, seed + 1))
            return Parameters(network, np.cos(0.05) * start + np.sin(0.05) * after)

    assert "neighbouring seeds" in violation_of(PROPERTY, Slightly(), tier="wide")[1].sentence
