"""Numbers that are wrong, and consistent: the property that says so tells it, and no other tells it again."""

import pytest

from symtests.float_json import Array
from symtests.implementations.base import Capabilities
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties import find
from symtests.training import Training
from tests.evidence.roundings import OrderByUnit
from tests.mutants.base import Correct
from tests.properties.trying import outcomes, violation_of

CONSISTENT = ("GRAD3", "GRAD5", "GRAD7", "EQV1", "EQV8", "LOSS4")


class ThousandTimesTooFar(OrderByUnit):
    """Moves a thousand times further than it should, and reports no gradient: what is recovered has been rounded."""

    capabilities = Capabilities(dtypes=("float32",), losses=("bce", "softmax_cross_entropy"))
    loss_and_gradient = predict = stages = None  # type: ignore[assignment]  # an implementation need not have them

    def step_gradient(self, network: Network, theta: Parameters, batch, training: Training) -> Array:
        right = Correct.gradient(self, network, batch, Correct.stages(self, network, theta, batch)).vector
        return right * right.dtype.type(1000)


@pytest.mark.parametrize("prop", CONSISTENT)
def test_no_other_property_tells_it_again(prop: str) -> None:
    counts = outcomes(find(prop), ThousandTimesTooFar(), "float32", "wide", 40)
    assert counts["held"] > 20
    assert counts["bitwise"] < counts["held"], "its own rounding shows"


def test_that_the_numbers_are_wrong_is_told() -> None:
    _, violation = violation_of(find("GRAD1"), ThousandTimesTooFar(), "float32")
    assert "the loss changes with" in violation.sentence
