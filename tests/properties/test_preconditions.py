"""Every precondition is needed: dropped, correct code violates the property; where none can be dropped, it says why."""

import pytest

from symtests.implementations.numba_kernels import NumbaKernels
from symtests.properties import PROPERTIES
from symtests.properties.base import Property
from tests.mutants.base import Correct
from tests.properties.trying import needs_its_precondition, violation_of

# Properties that hold wherever they can be asked: nothing can be dropped.
UNCONDITIONAL = {
    "GRAD1": "a gradient is the slope of the loss for every network; kinks are set aside",
    "GRAD7": "shifted features and a shifted bias cancel for every network; kinks are set aside",
    "GRAD8": "the chain rule of one hidden layer holds for every network with one; kinks are set aside",
    "GRAD9": "each stage follows from the one before it in every network",
    "LOSS3": "a mean over a batch is one for every loss",
    "LOSS4": "a mean does not depend on order or copies, for every loss",
    "LOSS6": "softmax of (0, z) is logistic of z for every z",
    "LOSS8": "a weighted mean is one for all weights",
    "NUM2": "a loss lies within its margin for all outputs",
    "NUM4": "no arguments may be changed, whatever they are",
    "NUM5": "no layout may matter, whatever it is",
    "BITS1": "asked of what claims it, and of nothing else",
}
CONDITIONAL = [prop for prop in PROPERTIES if prop.without_precondition is not None]


@pytest.mark.parametrize("prop", CONDITIONAL, ids=lambda prop: prop.id)
def test_without_its_precondition_correct_code_breaks_it(prop: Property) -> None:
    _, violation = violation_of(prop, NumbaKernels(), without_precondition=True)
    assert violation.sentence
    needs_its_precondition(prop, Correct())


def test_every_other_property_says_why_it_has_none() -> None:
    assert {prop.id for prop in PROPERTIES} - {prop.id for prop in CONDITIONAL} == set(UNCONDITIONAL)
