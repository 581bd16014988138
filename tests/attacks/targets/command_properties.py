"""A property for each attack of a command: a program that finds the gradient zero moves no parameter."""

from __future__ import annotations

from functools import cache, partial

import numpy as np

from symtests.implementations.checked import Checked
from symtests.properties.base import Case, Exactness, Judgement, Property, Violation
from tests.attacks.commands import LATER
from tests.attacks.targets.properties import cases
from tests.attacks.targets.question import training

NUMBERS = {name: number for number, name in enumerate(LATER)}


def __getattr__(name: str) -> Property:
    """Return the property that has the name of an attack: ``package.module:object`` finds it."""
    if name not in NUMBERS:
        raise AttributeError(name)
    return property_of(name)


@cache
def property_of(name: str) -> Property:
    return Property(
        id=name,
        group="attacks",
        title=name.replace("_", " "),
        statement="The parameters stay where they are.",
        formula="theta' = theta",
        precondition="the program finds the gradient zero",
        exactness=Exactness.BITWISE_ALWAYS,
        catches="what the attack hides",
        source="the tests",
        cases=cases,
        judge=partial(judge, number=NUMBERS[name]),
        tiers=("small",),
    )


def judge(implementation: Checked, case: Case, number: int) -> Judgement:
    after = implementation.train(case.network, case.parameters, case.batch, training(number)).vector
    if np.array_equal(after, case.parameters.vector):
        return Judgement("held", bitwise=True)
    return Judgement("violated", violation=Violation("the parameters have moved"))
