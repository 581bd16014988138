"""LOSS1, LOSS2 and LOSS6 hold on correct code, and are broken by what they promise to catch."""

import pytest

from symtests.implementations.base import Capabilities, Unsupported
from symtests.implementations.numba_kernels import NumbaKernels
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties.base import Domain
from symtests.properties.losses.softmax import LOSS1, LOSS2, LOSS6
from tests.mutants.base import Correct
from tests.mutants.loss_faults import ClassesOffByOne, ExtraSlopeInBce, SoftmaxAsLogistic
from tests.properties.trying import found_and_shown, outcomes, violation_of

PROPERTIES = pytest.mark.parametrize("prop", [LOSS1, LOSS2, LOSS6], ids=lambda prop: prop.id)


@PROPERTIES
@pytest.mark.parametrize("implementation", [Correct, NumpyPlain, NumbaKernels])
@pytest.mark.parametrize(("dtype", "tier"), [("float32", "wide"), ("float64", "small")])
def test_correct_code_has_the_property(prop, implementation, dtype, tier):
    assert outcomes(prop, implementation(), dtype, tier, 15)["held"] >= 8


@pytest.mark.parametrize(
    ("prop", "mutant"),
    [
        (LOSS1, SoftmaxAsLogistic),
        (LOSS2, SoftmaxAsLogistic),
        (LOSS6, SoftmaxAsLogistic),
        (LOSS6, ClassesOffByOne),
        (LOSS6, ExtraSlopeInBce),
    ],
)
def test_a_fault_is_found_and_shown_by_a_small_network(prop, mutant):
    violation = found_and_shown(prop, mutant(), Correct())
    assert abs(violation.expected - violation.found) > violation.bound


class LossesOfAnotherScale(Correct):
    """Its bce is twice, and its softmax cross-entropy three times, what it is here; and both are right."""

    capabilities = Capabilities(loss_scale={"bce": 2.0, "softmax_cross_entropy": 3.0})

    def shares(self, batch):
        return super().shares(batch) * self.scale

    def loss_and_gradient(self, network, parameters, batch):
        self.scale = self.capabilities.loss_scale[network.loss]
        return super().loss_and_gradient(network, parameters, batch)


class LossesOfAnotherScaleWithAFault(ExtraSlopeInBce, LossesOfAnotherScale):
    """The same with an extra sigma'."""


def test_losses_may_have_other_scales():
    assert outcomes(LOSS6, LossesOfAnotherScale(), "float64", "small", 15)["held"] >= 8
    assert violation_of(LOSS6, LossesOfAnotherScaleWithAFault())[1].quantity.startswith("gradient of")


def test_both_losses_are_needed():
    with pytest.raises(Unsupported, match="softmax_cross_entropy"):
        LOSS6.cases(Domain("float64", Capabilities(losses=("bce",))), "small")


def test_the_sentence_gives_the_sum_that_is_not_zero():
    case, violation = violation_of(LOSS1, SoftmaxAsLogistic(), shrink=True)
    assert (case.network.sizes, len(case.batch)) == ((1, 2), 1)
    assert f"they add up to {violation.found - violation.expected:.9g}" in violation.sentence
