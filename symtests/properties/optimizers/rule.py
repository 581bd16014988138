"""OPT6: a training is its steps, and each of them does what the optimizer's rule says."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.model.optimizers import optimizers_that
from symtests.oracle.error_model import underflow_of
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.long_trainings import long_ways
from symtests.properties.drawing.questions import hidden_if_possible
from symtests.properties.drawing.strategies import cases
from symtests.properties.judging.judging import (
    PROMISE,
    REJECTED,
    TRIVIAL,
    Telling,
    judge_equal,
    number,
    together,
)
from symtests.properties.judging.telling import assertion
from symtests.properties.judging.training_path import Path, follow, is_steady, judge_movement, optimizer_trainings

__all__ = ["OPT6"]

_MOST_STEPS: Final[dict[Tier, int]] = {"small": 3, "wide": 2}
_TOLD: Final = 4
"""Gradients that a sentence names: the last ones."""
_WITH_STATE: Final = optimizers_that(lambda entry: entry.has_state)


def _cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    training = optimizer_trainings(domain, steps=(1, _MOST_STEPS[tier]))
    drawn = cases(domain, tier, hidden_if_possible(domain, tier))
    return st.builds(lambda case, chosen: replace(case, training=chosen), drawn, training)


def _each_time(domain: Domain, tier: Tier) -> list[Case]:
    """Return what no short training with moderate numbers shows; tried in the small tier alone."""
    return [] if tier == "wide" else long_ways(domain)


def _restarted_cases(domain: Domain) -> st.SearchStrategy[Case]:
    """Draw cases of which each step will be taken to be a first one, with a state as fresh."""
    training = optimizer_trainings(domain, _WITH_STATE, steps=(2, 3), weight_decays=(0.0,))
    return st.builds(
        lambda case, chosen: replace(case, training=chosen, details={"restarted": True}),
        cases(domain, "small", hidden_if_possible(domain, "small")), training,
    )  # fmt: skip


def _judge(implementation: Checked, case: Case) -> Judgement:
    at_rest = _judge_no_step(implementation, case)
    if at_rest.outcome == "violated":
        return at_rest
    path = follow(implementation, case)
    if path is None:
        return REJECTED
    right = path.moves()
    expected, tolerance = right.expected, right.tolerance
    if case.details.get("restarted"):
        alone = [
            replace(path, thetas=path.thetas[t : t + 2], expected=path.expected[t : t + 1]).moves()
            for t in range(len(path.expected))
        ]
        expected = np.concatenate([first.expected for first in alone])
        tolerance = np.concatenate([first.tolerance for first in alone])
    judgements = [at_rest]
    for step, (moved, wanted, bound) in enumerate(zip(path.moved, expected, tolerance, strict=True), 1):
        judgements.append(_judge_step(path, step, moved, wanted, bound))
        if judgements[-1].outcome == "violated":  # what follows from the first fault is not told
            if step > 1 and not is_steady(path):
                return together(*judgements[:2])
            return judgements[-1]
    return together(*judgements)


def _judge_no_step(implementation: Checked, case: Case) -> Judgement:
    """Judge a training of no step, which may be refused; what is read and written back may be rounded each time."""
    training, before = case.training.with_steps(0), case.parameters.vector
    try:
        after = implementation.train(case.network, case.parameters, case.batch, training).vector
    except Unsupported:
        return TRIVIAL
    u, exact = implementation.unit_roundoff, before.astype(np.float64)
    bound = 2 * (u * np.abs(exact) + np.where(exact != 0, underflow_of(u), 0.0))

    def tell(k: int) -> Telling:
        name, optimizer = case.parameters.name_of(k), training.optimizer
        return Telling(
            f"a training of no step of {optimizer} should leave {name} at {number(before[k])}, and ends at "
            f"{number(after[k])}",
            f"{name} after no step of {optimizer}",
            (
                "after = implementation.train(network, parameters.copy(), batch, training.with_steps(0))",
                f'found = np.asarray(getattr(after, "vector", after), float)[{k}]  # {name}',
                assertion("found", repr(float(exact[k])), float(bound[k])),
            ),
        )

    return judge_equal(after, before, tell, bound=bound)


def _judge_step(path: Path, step: int, moved: Array, wanted: Array, bound: Array) -> Judgement:
    optimizer = path.case.training.optimizer

    def say(k: int, name: str, right: str, wrong: str) -> str:
        gradients = [f"{expected.gradient.vector[k]:.6g}" for expected in path.expected[:step]]
        earlier = [".."] * (step > _TOLD) + gradients[-_TOLD:]
        where = f"gradient is {gradients[0]}" if step == 1 else f"gradients have been {', '.join(earlier)}"
        return f"step {step} of {optimizer} should move {name} by {right}, where the {where}, and moves it by {wrong}"

    return judge_movement(path, (step - 1, step), moved, wanted, bound, say, f"step {step} of {optimizer}")


OPT6: Final = Property(
    id="OPT6",
    group="optimizers",
    title="each step does what the rule says",
    statement="A training of no step moves nothing, and each step of a training moves every parameter by what the rule "
    "of the optimizer makes of the gradients at the parameters before this step and before the earlier ones.",
    formula="θ(0) = θ;  θ(t) = θ(t − 1) − η q(∇L(θ(0)), …, ∇L(θ(t − 1))), with the q of the optimizer",
    precondition="the state is fresh; no pre-activation of a relu or leaky_relu is so near 0 that rounding may decide "
    "its sign",
    exactness=Exactness.ROUNDING,
    catches="layers updated before the error signals of others are computed, state that is lost or mixed up, biases "
    "that are forgotten or decay otherwise, steps counted by layer, the square of a mean for the mean of squares, a "
    "step more or less than was asked for, a state that is reset now and then, moments that rest where the gradient is "
    "0, a step left out where the loss is infinite",
    source="D. Rumelhart, G. Hinton, R. Williams, Learning Internal Representations by Error Propagation (1986), for "
    "plain steps and momentum; D. Kingma, J. Ba, Adam: A Method for Stochastic Optimization (2015), algorithm 1",
    cases=_cases,
    always=_each_time,
    judge=_judge,
    promise=PROMISE,
    without_precondition=_restarted_cases,
)
