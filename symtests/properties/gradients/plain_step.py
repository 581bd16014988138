"""STEP1: a step is as long as its learning rate, tried with eleven of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.oracle import recovered_tolerance
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.questions import hidden_if_possible
from symtests.properties.drawing.strategies import cases, supported
from symtests.properties.judging.answers import near_a_kink
from symtests.properties.judging.detectable import seen_everywhere
from symtests.properties.judging.judging import PROMISE, REJECTED, TRIVIAL, Telling, expectation, judge_equal, together
from symtests.properties.judging.telling import assertion
from symtests.training import Training

__all__ = ["STEP1"]

_RATES: Final = tuple(2.0**-k for k in range(11))


def _with_one_step(domain: Domain, tier: Tier, steps: int = 1) -> st.SearchStrategy[Case]:
    supported("optimizers", ("sgd",), domain.capabilities.optimizers)
    drawn = cases(domain, tier, hidden_if_possible(domain, tier))
    return drawn.map(lambda case: replace(case, training=Training("sgd", _RATES[0], steps)))


def _judge_steps(implementation: Checked, case: Case) -> Judgement:
    expected = expectation(implementation, case)
    if near_a_kink(case, expected):
        return REJECTED
    right = expected.gradient.vector
    if not right.any():
        return TRIVIAL
    before = case.parameters.vector.astype(np.float64)
    recovered, bounds = [], []
    for rate in _RATES:
        training = replace(case.training, learning_rate=rate)
        after = implementation.train(case.network, case.parameters, case.batch, training)
        recovered.append((before - after.vector) / rate)
        bounds.append(recovered_tolerance(expected, case.parameters, rate, implementation.unit_roundoff))
    judgements = []
    for index, (found, bound) in enumerate(zip(recovered, bounds, strict=True)):
        tell = partial(_tell_of_step, implementation, case, index, right=right, recovered=recovered, bounds=bounds)
        judged = judge_equal(found, right, tell, bound=bound, tolerance=expected.form)
        judgements.append(replace(judged, detectable=0.0))
        if judged.outcome == "violated":
            return judged
    # An error that grows with the rate is largest at rate 1: that is where the promise is kept.
    detectable = seen_everywhere(case.network, right, bounds[0] + np.abs(recovered[0] - right))
    promised = detectable <= PROMISE
    return replace(together(*judgements), outcome="held" if promised else "too_wide", detectable=detectable)


def _tell_of_step(
    implementation: Checked,
    case: Case,
    index: int,
    k: int,
    right: Array,
    recovered: Sequence[Array],
    bounds: Sequence[Array],
) -> Telling:
    rate, name = _RATES[index], case.parameters.name_of(k)
    errors, slack = (np.array([numbers[k] for numbers in series]) for series in (recovered, bounds))
    errors -= right[k]
    sentence = (
        f"the gradient of {name} recovered from one plain step, (theta - theta') / rate, is {recovered[index][k]:.9g} "
        f"at learning rate {rate:g} and should be {right[k]:.9g} at every rate; {_growth(errors, slack)}"
    )
    scale = implementation.capabilities.scale_in_training(case.network.loss)
    script = (
        f"rate = {rate!r}",
        f'training = Training("sgd", rate / {scale!r}, {case.training.steps})',
        "after = implementation.train(network, parameters.copy(), batch, training)",
        'after = np.asarray(getattr(after, "vector", after), float)',
        f"recovered = (parameters.vector[{k}] - after[{k}]) / rate",
        assertion("recovered", repr(float(right[k])), float(slack[index])),
    )
    return Telling(sentence, f"gradient of {name} at learning rate {rate:g}", script)


def _growth(errors: Array, slack: Array) -> str:
    """Say how the error depends on the learning rate, as far as rounding lets it be seen."""
    rates = np.array(_RATES)
    told = ", ".join(f"{errors[k]:.3g} at {rates[k]:g}" for k in range(3))
    if (np.abs(errors - rates * errors[0]) <= slack + rates * slack[0]).all():
        return (
            f"the error grows in proportion to the learning rate ({told}): the backward pass reads parameters that the "
            "same step has already changed"
        )
    if (np.abs(errors - errors[0]) <= slack + slack[0]).all():
        return f"the error is the same at every learning rate ({errors[0]:.3g}): the gradient itself is wrong"
    if abs(errors[-1]) <= slack[-1]:
        return f"the error vanishes with the learning rate ({told}), where no check at a small rate sees it"
    return f"the error depends on the learning rate ({told})"


STEP1 = Property(
    id="STEP1",
    group="gradient",
    title="a step is as long as its learning rate",
    statement="The gradient recovered from one plain step does not depend on the learning rate, and is the gradient.",
    formula="(θ − θ′)/η = ∇L(θ) for η = 1, ½, … 2⁻¹⁰",
    precondition="one step of plain gradient descent; no pre-activation of a relu or leaky_relu is so near 0 that "
    "rounding may decide its sign",
    exactness=Exactness.ROUNDING,
    catches="output weights updated before the error signals of the hidden units are computed from them, which a check "
    "of the gradient at a small learning rate cannot see; a learning rate used twice; hidden clipping or decay",
    source="D. Rumelhart, G. Hinton, R. Williams, Learning Internal Representations by Error Propagation (1986): all "
    "error signals come from the weights before the step.",
    claims=("S9",),
    cases=_with_one_step,
    judge=_judge_steps,
    promise=PROMISE,
    without_precondition=lambda domain: _with_one_step(domain, "small", 2),
)
