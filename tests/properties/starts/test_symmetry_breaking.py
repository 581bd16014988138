"""The properties of symmetry breaking hold on correct code, and are broken by what they promise to catch."""

from typing import Any

import pytest

from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties import find
from symtests.properties.base import Domain, Tier
from tests.mutants.base import Correct
from tests.mutants.data_faults import GradientAveragedOverUnits
from tests.mutants.start_faults import (
    AnotherStartEachTime,
    SameNumbersForEveryInput,
    SameNumbersForEveryUnit,
    SameSeedForEveryLayer,
    SeedIgnored,
    ZeroSoldAsRandom,
)
from tests.mutants.training_faults import WeightsInFewBits
from tests.properties.trying import found_and_shown, outcomes, violation_of

PROPERTIES = ("BRK1", "BRK2", "BRK3")


@pytest.mark.parametrize("prop", PROPERTIES)
@pytest.mark.parametrize(
    ("implementation", "dtype", "tier"),
    [
        (Correct, "float64", "small"),
        (NumpyPlain, "float32", "wide"),
        (NumbaKernels, "float32", "wide"),
    ],
)
def test_correct_code_has_the_property(prop: str, implementation: type[Any], dtype: str, tier: Tier) -> None:
    assert outcomes(find(prop), implementation(), dtype, tier)["held"] >= 15


@pytest.mark.parametrize(
    ("prop", "mutant", "said"),
    [
        ("BRK1", SameNumbersForEveryUnit, "gives units 0 and 1 of layer 1 the same weights"),
        ("BRK1", SameNumbersForEveryInput, "gives rows 0 and 1 of W1 the same weights"),
        ("BRK1", SameSeedForEveryLayer, "gives layers 1 and 2 the same weights"),
        ("BRK1", ZeroSoldAsRandom, "gives units 0 and 1 of layer 1 the same weights"),
        ("BRK1", SeedIgnored, "gives the same weights"),
        ("BRK1", AnotherStartEachTime, "gives another start each time"),
        ("BRK2", GradientAveragedOverUnits, "are both"),
        ("BRK3", WeightsInFewBits, "made them equal"),
    ],
)
def test_a_fault_is_found_and_shown_by_a_small_network(prop: str, mutant: type[Correct], said: str) -> None:
    assert said in found_and_shown(find(prop), mutant(), Correct()).sentence


def test_the_smallest_start_that_is_not_random_has_two_units() -> None:
    case, _ = violation_of(find("BRK1"), SameNumbersForEveryUnit(), shrink=True)
    assert case.network.sizes == (2, 2, 1)


def test_an_implementation_may_know_only_some_starts() -> None:
    class Glorot(Correct):
        def initialize(self, network: Network, scheme: str, seed: int) -> Parameters:
            if not scheme.startswith("glorot"):
                raise Unsupported(f"it has no start {scheme!r}")
            return super().initialize(network, scheme, seed)

    with pytest.raises(Unsupported, match="no start"):
        outcomes(find("BRK1"), Glorot(), "float64", "small")


def test_a_random_start_is_asked_for_without_hidden_layers_too() -> None:
    class Linear(SameNumbersForEveryUnit):
        capabilities = Capabilities(max_hidden_layers=0)

    case, violation = violation_of(find("BRK1"), Linear())
    assert case.network.hidden_sizes == ()
    assert "units 0 and 1 of layer 1" in violation.sentence


def test_the_gap_of_units_that_have_parted_is_wider_where_arithmetic_is_coarser() -> None:
    class Coarse(WeightsInFewBits):
        capabilities = Capabilities(dtypes=("float32",), unit_roundoff={"float32": 2.0**-8})

    assert outcomes(find("BRK3"), Coarse(), "float32", "small")["rejected"] == 0


def test_meeting_needs_linear_units() -> None:
    prop = find("BRK3")
    assert prop.without_precondition is not None
    for capabilities in (Capabilities(activations=("tanh",)), Capabilities(bias=(True,))):
        with pytest.raises(Unsupported):
            prop.without_precondition(Domain("float64", capabilities))


def test_random_starts_differ_in_every_scheme() -> None:
    prop, implementation = find("BRK1"), Checked(Correct(), "float32")
    assert outcomes(prop, implementation.implementation, "float32", "wide", examples=60)["held"] == 60
