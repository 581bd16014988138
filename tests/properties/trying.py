"""How the tests of the laws try a law on an implementation."""

import random
import textwrap
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, find, given, seed, settings

from symtests.implementations.subject import Subject
from symtests.properties.base import Breach, Case, Domain, Property, Tier

_HEALTH = list(HealthCheck)


def outcomes(law: Property, implementation: object, dtype: str, tier: Tier, examples: int = 30) -> Counter[str]:
    """Return how often each outcome occurred among some cases; fail on a breach."""
    subject, counts = Subject(implementation, dtype), Counter[str]()

    @settings(max_examples=examples, database=None, suppress_health_check=_HEALTH, phases=[Phase.generate])
    @seed(0)
    @given(law.cases(Domain.of(subject), tier))
    def try_case(case: Case) -> None:
        judgement = law.judge(subject, case)
        assert judgement.breach is None, judgement.breach
        counts[judgement.outcome] += 1
        counts["bitwise"] += judgement.bitwise

    try_case()
    return counts


def breach_of(law: Property, implementation: object, dtype: str = "float64", tier: Tier = "small",
              *, without_precondition: bool = False, shrink: bool = False) -> tuple[Case, Breach]:  # fmt: skip
    """Return a case that breaks the law, and how: the first found, or the smallest; NoSuchExample if none is."""
    subject = Subject(implementation, dtype)
    if without_precondition:
        assert law.without_precondition is not None
        strategy = law.without_precondition(Domain.of(subject)).map(_unhurried)
    else:
        strategy = law.cases(Domain.of(subject), tier)
    phases = [Phase.generate, *([Phase.shrink] if shrink else [])]
    case = find(
        strategy, lambda case: law.judge(subject, case).outcome == "breached",
        settings=settings(max_examples=100, database=None, suppress_health_check=_HEALTH, phases=phases),
        random=random.Random(0),
    )  # fmt: skip
    breach = law.judge(subject, case).breach
    assert breach is not None
    return case, breach


def _unhurried(case: Case) -> Case:
    """Return the case with an hour for what it may spend seconds on: a busy machine must not fail a test."""
    return replace(case, details={**case.details, "seconds": 3600.0}) if "seconds" in case.details else case


def run_script(breach: Breach, case: Case, implementation: object) -> None:
    """Run the lines that show a breach, with the names that they may use."""
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
    exec(textwrap.dedent(head) + "\n" + "\n".join(breach.script), names)


def found_and_shown(law: Property, implementation: object, correct: object, *, samples: int = 2) -> Breach:
    """Return how a law is broken in the small tier, having run its script: it fails, and passes on correct code."""
    case, breach = breach_of(law, implementation)
    assert case.hidden_units <= 3
    assert len(case.batch) <= samples
    run_script(breach, case, correct)
    with pytest.raises(AssertionError):
        run_script(breach, case, implementation)
    return breach


def needs_its_precondition(law: Property, correct: object) -> None:
    """Assert that correct code breaks the law without its precondition, and that the script shows it."""
    case, breach = breach_of(law, correct, without_precondition=True)
    assert case.hidden_units <= 3
    with pytest.raises(AssertionError):
        run_script(breach, case, correct)
