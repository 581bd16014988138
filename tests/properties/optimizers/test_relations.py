"""OPT1, OPT4 and OPT5 hold on correct code, and are broken by what they promise to catch."""

from typing import Any

import pytest

from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import DTYPES
from symtests.properties.base import Domain, Tier
from symtests.properties.optimizers.limits import OPT5
from symtests.properties.optimizers.relations import OPT1, OPT4
from tests.mutants import optimizer_faults as faults
from tests.mutants.base import Correct
from tests.mutants.training_faults import MemoryOfTheNeighbour, NoisySteps
from tests.properties.trying import found_and_shown, outcomes, violation_of

PROPERTIES = pytest.mark.parametrize("prop", [OPT1, OPT4, OPT5], ids=lambda prop: prop.id)


class SumsFromTheEnd(Correct):
    """Adds up in descending order every second time that it multiplies: correct, but never twice to the same bits."""

    capabilities = Capabilities(dtypes=DTYPES)
    turn = 0

    def product(self, a, b):
        self.turn += 1
        order = slice(None, None, -1 if self.turn % 2 else 1)
        return super().product(a[:, order], b[order])


@PROPERTIES
@pytest.mark.parametrize("implementation", [Correct, NumpyPlain, NumbaKernels])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "wide"), ("float64", "small")])
def test_correct_code_has_the_property(prop: Any, implementation: type[Any], dtype: str, tier: Tier) -> None:
    counts = outcomes(prop, implementation(), dtype, tier, 20)
    assert counts["held"] >= 15
    if implementation is not NumpyPlain:
        assert counts["bitwise"] >= counts["held"]


@PROPERTIES
def test_bits_are_not_asked_of_those_who_do_not_claim_them(prop: Any) -> None:
    counts = outcomes(prop, SumsFromTheEnd(), "float32", "wide", 20)
    assert counts["held"] >= 15
    if prop is not OPT1:  # whose gradients are single products: it holds bit for bit here too
        assert counts["bitwise"] < counts["held"]


@pytest.mark.parametrize(
    ("prop", "mutant"),
    [
        (OPT1, MemoryOfTheNeighbour),
        (OPT1, NoisySteps),
        (OPT4, MemoryOfTheNeighbour),
        (OPT4, NoisySteps),
        (OPT4, faults.GradientShifted),
        (OPT4, faults.ClippedFromAbove),
        (OPT5, faults.GradientClipped),
        (OPT5, faults.ClippedFromAbove),
        (OPT5, faults.EpsilonInsideRoot),
        (OPT5, faults.WeightDecayAsPenalty),
        (OPT5, faults.WeightDecayInSgd),
        (OPT5, faults.MomentumNeverOff),
        (OPT5, faults.WeightDecayNeverOff),
    ],
)
def test_a_fault_is_found_and_shown_by_a_small_network(prop: Any, mutant: type[Correct]) -> None:
    found_and_shown(prop, mutant(), Correct())


@PROPERTIES
def test_a_fault_is_found_where_bits_are_not_claimed(prop: Any) -> None:
    class Noisy(NoisySteps):
        capabilities = Capabilities(dtypes=DTYPES)

    class Clipped(faults.GradientClipped):
        capabilities = Capabilities(dtypes=DTYPES)

    violation = found_and_shown(prop, Clipped() if prop is OPT5 else Noisy(), Correct())
    assert abs(violation.found - violation.expected) > violation.bound > 0


def test_the_sentence_says_what_should_be_equal() -> None:
    case, violation = violation_of(OPT1, MemoryOfTheNeighbour(), shrink=True)
    assert case.network.sizes[0] == 2
    assert violation.sentence.startswith(
        "features 0 and 1 of the only sample are equal, and so are their weights, but "
    )
    _, violation = violation_of(OPT5, faults.MomentumNeverOff(), shrink=True)
    assert " with momentum 0 is sgd, but step " in violation.sentence
    assert f"{violation.found:g}, and should move it by {violation.expected:g}; rounding explains" in violation.sentence


def test_what_has_no_second_optimizer_and_no_squared_error_is_not_asked() -> None:
    domain = Domain("float64", Capabilities(losses=("bce",), optimizers=("sgd",)))
    with pytest.raises(Unsupported):
        OPT5.cases(domain, "small")
