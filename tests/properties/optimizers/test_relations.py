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
from tests.properties.trying import breach_of, found_and_shown, outcomes

LAWS = pytest.mark.parametrize("law", [OPT1, OPT4, OPT5], ids=lambda law: law.id)


class SumsFromTheEnd(Correct):
    """Adds up in descending order every second time that it multiplies: correct, but never twice to the same bits."""

    capabilities = Capabilities(dtypes=DTYPES)
    turn = 0

    def product(self, a, b):
        self.turn += 1
        order = slice(None, None, -1 if self.turn % 2 else 1)
        return super().product(a[:, order], b[order])


@LAWS
@pytest.mark.parametrize("implementation", [Correct, NumpyPlain, NumbaKernels])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "wide"), ("float64", "small")])
def test_correct_code_obeys(law: Any, implementation: type[Any], dtype: str, tier: Tier) -> None:
    counts = outcomes(law, implementation(), dtype, tier, 20)
    assert counts["held"] >= 15
    if implementation is not NumpyPlain:
        assert counts["bitwise"] >= counts["held"]


@LAWS
def test_bits_are_not_asked_of_those_who_do_not_claim_them(law: Any) -> None:
    counts = outcomes(law, SumsFromTheEnd(), "float32", "wide", 20)
    assert counts["held"] >= 15
    if law is not OPT1:  # whose gradients are single products: it holds bit for bit here too
        assert counts["bitwise"] < counts["held"]


@pytest.mark.parametrize(
    ("law", "mutant"),
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
def test_a_fault_is_found_and_shown_by_a_small_network(law: Any, mutant: type[Correct]) -> None:
    found_and_shown(law, mutant(), Correct())


@LAWS
def test_a_fault_is_found_where_bits_are_not_claimed(law: Any) -> None:
    class Noisy(NoisySteps):
        capabilities = Capabilities(dtypes=DTYPES)

    class Clipped(faults.GradientClipped):
        capabilities = Capabilities(dtypes=DTYPES)

    breach = found_and_shown(law, Clipped() if law is OPT5 else Noisy(), Correct())
    assert abs(breach.found - breach.expected) > breach.bound > 0


def test_the_sentence_says_what_should_be_equal() -> None:
    case, breach = breach_of(OPT1, MemoryOfTheNeighbour(), shrink=True)
    assert case.network.sizes[0] == 2
    assert breach.sentence.startswith("features 0 and 1 of the only sample are equal, and so are their weights, but ")
    _, breach = breach_of(OPT5, faults.MomentumNeverOff(), shrink=True)
    assert " with momentum 0 is sgd, but step " in breach.sentence
    assert f"{breach.found:g}, and should move it by {breach.expected:g}; rounding explains" in breach.sentence


def test_what_has_no_second_optimizer_and_no_squared_error_is_not_asked() -> None:
    domain = Domain("float64", Capabilities(losses=("bce",), optimizers=("sgd",)))
    with pytest.raises(Unsupported):
        OPT5.cases(domain, "small")
