"""Small properties for the tests of the engine: cheap, and some of them ill-behaved on purpose."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties.base import (
    Case,
    Domain,
    Exactness,
    Judgement,
    Observation,
    Property,
    Tier,
    Violation,
)
from symtests.properties.drawing.strategies import cases, networks
from symtests.training import Training

RATE = 0.5
"""Learning rate of STEP, which no trivial question has: what misbehaves does so at this rate."""
BOUND = 1e-5

_STEP_SCRIPT = (
    f"after = implementation.train(network, parameters, batch, Training('sgd', {RATE}, 1)).vector",
    f"expected = parameters.vector - {RATE} * gradient(parameters)",
    "print(expected, after)",
    f"assert np.abs(after - expected).max() < {BOUND}",
)


def prop(property_id: str, judge: Callable[[Checked, Case], Judgement], **given: object) -> Property:
    """Return a property that tries networks with tanh and a squared error, unless something else is given."""
    return Property(
        **{  # type: ignore[arg-type]  # a test gives what it wants to
            "id": property_id,
            "group": "own",
            "title": f"{property_id.lower()} of the tests",
            "statement": f"What {property_id} says.",
            "formula": "theta' = theta - eta g",
            "precondition": "none",
            "exactness": Exactness.ROUNDING,
            "catches": "what the tests put in",
            "source": "the tests",
            "cases": tanh_cases,
            "judge": judge,
            **given,
        }
    )


def tanh_cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    """Draw cases of networks that any implementation of the tests can do."""
    return cases(domain, tier, networks(domain, tier, activations=("tanh",), losses=("mse",)), sample_weights=False)


def judge_step(implementation: Checked, case: Case) -> Judgement:
    """One plain step moves the parameters by the rate times the gradient."""
    gradient = implementation.loss_and_gradient(case.network, case.parameters, case.batch).gradient.vector
    after = implementation.train(case.network, case.parameters, case.batch, Training("sgd", RATE, 1)).vector
    expected = case.parameters.vector - RATE * gradient
    error = np.abs(after - expected)
    worst = int(error.argmax())
    if not error[worst]:
        return Judgement("held", bitwise=True)
    if error[worst] > BOUND:
        name = case.parameters.name_of(worst)
        numbers = float(expected[worst]), float(after[worst])
        sentence = f"one step moved {name} to {numbers[1]}, not to {numbers[0]}"
        violation = Violation(sentence, f"{name} after one step", *numbers, BOUND, _STEP_SCRIPT)
        return Judgement("violated", violation=violation)
    return Judgement("held", fraction=float(error[worst]) / BOUND, detectable=BOUND, tolerance="certified")


def judge_still(implementation: Checked, case: Case) -> Judgement:
    """No step moves nothing."""
    after = implementation.train(case.network, case.parameters, case.batch, Training("sgd", RATE / 2, 0))
    if np.array_equal(after.vector, case.parameters.vector):
        return Judgement("held", bitwise=True)
    return Judgement("violated", violation=Violation("no step moved the parameters"))


STEP = prop("STEP", judge_step, observe=lambda implementation, effort: [Observation("seen", {"effort": effort})])
STEP_AGAIN = prop("STEPAGAIN", judge_step)
STILL = prop("STILL", judge_still)


def judge_with_a_fault(implementation: Checked, case: Case) -> Judgement:
    raise KeyError("a key that a property has forgotten")


def judge_too_wide(implementation: Checked, case: Case) -> Judgement:
    return Judgement("held", detectable=1e-3, fraction=0.5, tolerance="certified")


def judge_rejected(implementation: Checked, case: Case) -> Judgement:
    assume(False)
    raise AssertionError("unreachable")


def judge_unsupported(implementation: Checked, case: Case) -> Judgement:
    raise Unsupported("it cannot do this case")


def no_cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    raise Unsupported("the property needs a network that it cannot have")


def faulty_cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    raise ZeroDivisionError("a strategy that cannot be built")


def two_cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    return st.booleans().map(lambda _: one_case(domain.dtype))


def no_case_at_all(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    return two_cases(domain, tier).filter(lambda case: False)


FAULTY = prop("FAULTY", judge_with_a_fault)
FAULTY_CASES = prop("FAULTYCASES", judge_still, cases=faulty_cases)
TRIVIAL = prop("TRIVIAL", lambda implementation, case: Judgement("trivial"))
TOO_WIDE = prop("TOOWIDE", judge_too_wide, promise=1e-6)
REJECTED = prop("REJECTED", judge_rejected, cases=two_cases)
NOT_DRAWN = prop("NOTDRAWN", judge_still, cases=no_case_at_all)
NO_CASES = prop("NOCASES", judge_still, cases=no_cases)
UNSUPPORTED = prop("UNSUPPORTED", judge_unsupported)
NEEDS_MORE = prop("NEEDSMORE", judge_still, needs=("predict", "stages"))


def one_case(dtype: str = "float64") -> Case:
    """Return a case with a 1-1-1 network."""
    network = Network((1, 1, 1), "tanh")
    parameters = Parameters(network, np.array([0.5, 0.25, 1.0, -0.5], dtype))
    return Case(network, parameters, Batch(np.array([[1.0]], dtype), np.array([[2.0]], dtype)))
