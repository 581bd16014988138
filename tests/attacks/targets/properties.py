"""A property for each attack of `table`: the answer to one question is the right one, bit for bit."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import numpy as np
from hypothesis import strategies as st

from symtests.implementations.checked import Checked
from symtests.implementations.checked_answers import checked_array
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier, Violation
from tests.attacks.targets.question import NETWORK, asked_about, seeds, training
from tests.attacks.targets.table import NUMBERS

BOUND = 1e-9


def __getattr__(name: str) -> Property:
    """Return the property that has the name of an attack: ``package.module:object`` finds it."""
    if name not in NUMBERS:
        raise AttributeError(name)
    return property_of(name)


@cache
def property_of(name: str) -> Property:
    number, operation = NUMBERS[name]
    return Property(
        id=name,
        group="attacks",
        title=name.replace("_", " "),
        statement="The answer is right.",
        formula="theta' = theta - eta g",
        precondition="none",
        exactness=Exactness.ROUNDING,
        catches="what the attack hides",
        source="the tests",
        cases=cases,
        judge=partial(judge, number=number, operation=operation),
        tiers=("small",),
    )


def one_case(dtype: str = "float64") -> Case:
    """Return the case that every attack is asked."""
    return Case(NETWORK, *asked_about(dtype))


def cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    return st.just(one_case(domain.dtype))


def judge(implementation: Checked, case: Case, number: int, operation: str) -> Judgement:
    """Ask for the attack, then for the operation with which it is carried out."""
    after = implementation.train(case.network, case.parameters, case.batch, training(number))
    expected = NumpyPlain().train(case.network, case.parameters, case.batch, training(number)).vector
    found: Any = after.vector
    if operation != "train":
        found, expected = asked(implementation, case, operation)
    if np.array_equal(found, expected):
        return Judgement("held", bitwise=True)
    with np.errstate(all="ignore"):
        errors = np.abs(np.asarray(found, float) - expected)
    worst = int(np.nan_to_num(errors, nan=np.inf).argmax())
    numbers = float(expected.flat[worst]), float(found.flat[worst])
    return Judgement(
        "violated", violation=Violation(f"{numbers[1]} is not {numbers[0]}", "the answer", *numbers, BOUND)
    )


def asked(implementation: Checked, case: Case, operation: str) -> tuple[Any, Any]:
    """Return what an operation answers, and what it should."""
    right = NumpyPlain()
    if operation == "loss_and_gradient":
        answer = implementation.loss_and_gradient(case.network, case.parameters, case.batch)
        loss, gradient = right.loss_and_gradient(case.network, case.parameters, case.batch)
        return np.append(answer.gradient.vector, answer.loss or np.nan), np.append(gradient.vector, loss)
    if operation == "predict":
        return implementation.predict(case.network, case.parameters, case.batch.x), right.predict(
            case.network, case.parameters, case.batch.x
        )
    if operation == "initialize":
        start = right.initialize(case.network, "normal", 1)
        return implementation.initialize(case.network, "normal", 1).vector, start.vector.astype(implementation.dtype)
    if operation == "train_many":
        ends = implementation.train_many(case.network, "normal", seeds(), case.batch, case.training)
        starts = [right.initialize(case.network, "normal", seed) for seed in seeds()]
        expected = [right.train(case.network, start, case.batch, case.training).vector for start in starts]
        return np.concatenate([end.vector for end in ends]), np.concatenate(expected)
    shown = implementation.stages(case.network, case.parameters, case.batch)
    try:
        arrays = [getattr(shown, name)[0] for name in ("pre_activations", "activations", "error_signals")]
    except Exception as error:
        raise Misbehaviour("wrong type", "stages returned no stages") from error
    shapes = ((2, 3), (2, 2), (2, 3))
    found = [checked_array("stages", implementation.dtype, *given, True) for given in zip(arrays, shapes, strict=True)]
    expected_stages = right.stages(case.network, case.parameters, case.batch)
    named = (expected_stages.pre_activations, expected_stages.activations, expected_stages.error_signals)
    return np.concatenate([a.ravel() for a in found]), np.concatenate([layers[0].ravel() for layers in named])
