"""How the tests of the properties try a property on an implementation."""

import random
import textwrap
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, find, given, seed, settings

from symtests.implementations.checked import Checked
from symtests.properties.base import Case, Domain, Property, Tier, Violation

_HEALTH = list(HealthCheck)


def outcomes(prop: Property, implementation: object, dtype: str, tier: Tier, examples: int = 30) -> Counter[str]:
    """Return how often each outcome occurred among some cases; fail on a violation."""
    checked, counts = Checked(implementation, dtype), Counter[str]()

    @settings(max_examples=examples, database=None, suppress_health_check=_HEALTH, phases=[Phase.generate])
    @seed(0)
    @given(prop.cases(Domain.of(checked), tier))
    def try_case(case: Case) -> None:
        judgement = prop.judge(checked, case)
        assert judgement.violation is None, judgement.violation
        counts[judgement.outcome] += 1
        counts["bitwise"] += judgement.bitwise

    try_case()
    return counts


def violation_of(prop: Property, implementation: object, dtype: str = "float64", tier: Tier = "small",
              *, without_precondition: bool = False, shrink: bool = False) -> tuple[Case, Violation]:  # fmt: skip
    """Return a case that breaks the property, and how: the first found, or the smallest; NoSuchExample if none is."""
    checked = Checked(implementation, dtype)
    if without_precondition:
        assert prop.without_precondition is not None
        strategy = prop.without_precondition(Domain.of(checked)).map(_unhurried)
    else:
        strategy = prop.cases(Domain.of(checked), tier)
    phases = [Phase.generate, *([Phase.shrink] if shrink else [])]
    case = find(
        strategy, lambda case: prop.judge(checked, case).outcome == "violated",
        settings=settings(max_examples=100, database=None, suppress_health_check=_HEALTH, phases=phases),
        random=random.Random(0),
    )  # fmt: skip
    violation = prop.judge(checked, case).violation
    assert violation is not None
    return case, violation


def _unhurried(case: Case) -> Case:
    """Return the case with an hour for what it may spend seconds on: a busy machine must not fail a test."""
    return replace(case, details={**case.details, "seconds": 3600.0}) if "seconds" in case.details else case


def run_script(violation: Violation, case: Case, implementation: object) -> None:
    """Run the lines that show a violation, with the names that they may use."""
    head = """
        import numpy as np
        from symtests import Batch, Network, Parameters, Training

        def gradient(at):
            at = Parameters(network, np.array(getattr(at, "vector", at)))
            if callable(getattr(implementation, "loss_and_gradient", None)):
                answer = implementation.loss_and_gradient(network, at, batch)[1]
                return getattr(answer, "vector", answer)
            answer = implementation.train(network, at, batch, Training("sgd", 1.0, 1))
            return at.vector - getattr(answer, "vector", answer)
    """
    names = {
        "implementation": implementation, "network": case.network, "parameters": case.parameters.copy(),
        "batch": case.batch, "training": case.training,
    }  # fmt: skip
    exec(textwrap.dedent(head) + "\n" + "\n".join(violation.script), names)


def found_and_shown(prop: Property, implementation: object, correct: object, *, samples: int = 2) -> Violation:
    """Return a violation in the small tier, having run its script: it fails, and passes on correct code."""
    case, violation = violation_of(prop, implementation)
    assert case.hidden_units <= 3
    assert len(case.batch) <= samples
    run_script(violation, case, correct)
    with pytest.raises(AssertionError):
        run_script(violation, case, implementation)
    return violation


def needs_its_precondition(prop: Property, correct: object) -> None:
    """Assert that correct code breaks the property without its precondition, and that the script shows it."""
    case, violation = violation_of(prop, correct, without_precondition=True)
    assert case.hidden_units <= 3
    with pytest.raises(AssertionError):
        run_script(violation, case, correct)
