"""INIT1 holds on correct code, and is broken by what it promises to catch."""

from __future__ import annotations

from typing import Any

import pytest

from symtests.implementations.base import Capabilities
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties import find
from symtests.properties.base import Tier
from symtests.start_distributions import Drawn, StartDistribution
from tests.mutants.base import Correct
from tests.mutants.initialization_faults import ConstantJittered, RandomBiases, TinyBiases, ZerosThatAreTiny
from tests.properties.trying import found_and_shown, outcomes, violation_of

PROPERTY = find("INIT1")


@pytest.mark.parametrize("implementation", [NumbaKernels, NumpyPlain])
@pytest.mark.parametrize(("dtype", "tier"), [("float64", "small"), ("float32", "wide")])
def test_correct_code_is_not_accused(implementation: type[Any], dtype: str, tier: Tier) -> None:
    counts = outcomes(PROPERTY, implementation(), dtype, tier, examples=12)
    assert counts["held"] == counts["bitwise"] == 12


@pytest.mark.parametrize("mutant", [RandomBiases, TinyBiases, ZerosThatAreTiny, ConstantJittered])
def test_a_fault_is_found_and_shown_by_a_small_network(mutant: type[Correct]) -> None:
    assert "and should be " in found_and_shown(PROPERTY, mutant(), Correct()).sentence


def test_the_smallest_start_that_is_not_as_named_has_no_hidden_unit() -> None:
    case, violation = violation_of(PROPERTY, ZerosThatAreTiny(), shrink=True)
    assert case.network.sizes == (1, 1)
    assert violation.sentence.startswith("zeros with seeds 0 to 1: W1[0,0] is ")


def test_a_declared_property_may_name_another_value() -> None:
    class Ones(Correct):
        capabilities = Capabilities(
            starts=("zeros",),
            start_distributions={"default": StartDistribution(Drawn("normal"), Drawn("constant", 1.0))},
        )

        def initialize(self, network: Any, scheme: str, seed: int) -> Any:
            start = super().initialize(network, "zeros" if scheme == "zeros" else "normal", seed)
            for bias in start.biases if scheme == "default" else ():
                bias[...] = self.ones
            return start

        ones = 1.0

    class Halves(Ones):
        ones = 0.5

    assert outcomes(PROPERTY, Ones(), "float64", "small", examples=8)["held"] == 8
    assert "b1[0] is 0.5 and should be 1.0" in violation_of(PROPERTY, Halves())[1].sentence
