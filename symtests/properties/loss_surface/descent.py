"""DESC1: a step that is small enough lowers the loss, by as much as its slope promises."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.oracle import hessian_vector_product, loss_and_gradient
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.strategies import cases, networks, supported
from symtests.properties.judging.answers import OWN_ROUNDOFF, Measured, measure, near_a_kink
from symtests.properties.judging.judging import REJECTED, TRIVIAL, Telling, judge_equal, number, step_tolerance
from symtests.properties.judging.segment import crosses_a_kink, third_derivative_bound
from symtests.properties.judging.telling import explained
from symtests.properties.judging.training_path import script_of_steps
from symtests.training import Training

__all__ = ["DESC1"]

_MARGIN: Final = 15 / 16
"""Of |g|^2, what rate times curvature may be: the rest is for the rounding of the step."""
_LARGEST_RATE: Final = 64.0
_SMALLEST_RATE: Final = 2.0**-30
_TOO_LARGE: Final = 256.0
"""How many times larger than it should be the rate is where the precondition is dropped."""
_HALF: Final = 0.5
"""Share of the decrease that rounding may hide."""


def _bend(case: Case, direction: Array) -> float:
    """Return |d^2 L(theta + t d) / dt^2| at t = 0."""
    return abs(float(direction @ hessian_vector_product(case.network, case.parameters, case.batch, direction)))


def _change_of_bend(case: Case, direction: Array, length: float) -> float:
    """Return a bound of what it changes by for |t| <= length; infinite where a kink is crossed."""
    along = Parameters(case.network, direction)
    if crosses_a_kink(case, along, length):
        return np.inf
    return length * third_derivative_bound(case, along, length)


def _small_rate(case: Case) -> float:
    """Return a power of two with rate <= 15/16 / Lambda, where Lambda |g|^2 bounds the curvature of the segment."""
    gradient = loss_and_gradient(case.network, case.parameters, case.batch)[1].vector
    bend, most, rate = _bend(case, gradient), _MARGIN * float(gradient @ gradient), _LARGEST_RATE
    while rate > _SMALLEST_RATE:
        if rate * bend <= most and rate * (bend + _change_of_bend(case, gradient, rate)) <= most:
            break
        rate /= 2
    return rate


def _cases(domain: Domain, tier: Tier, factor: float = 1.0) -> st.SearchStrategy[Case]:
    supported("optimizers", ("sgd",), domain.capabilities.optimizers)

    def with_rate(case: Case) -> Case:
        training = Training("sgd", _small_rate(case) * factor, 1)
        return replace(case, training=training, details={"small_enough": factor == 1})

    # Bounds of a third derivative grow with every layer, and rates shrink with them.
    return cases(domain, tier, networks(domain, tier, hidden_layers=(0, 2))).map(with_rate)


def _judge(implementation: Checked, case: Case) -> Judgement:
    """Judge the decrease of the loss that the implementation reports, or of the right one if it reports none.

    With the step d = -rate g + e, where e is rounding, and the curvature M of the segment from theta to theta + d:

        L(theta + d) - L(theta) <= <g, d> + M/2 <= -rate |g|^2 + <|g|, |e|> + M/2 <= -rate |g|^2 / 2

    if M <= rate |g|^2 - 2 <|g|, |e|>. That is asked of a step whose e is no more than rounding explains: where it
    does not hold, rounding is too large beside the step. A step with another e is no step of a correct implementation.
    """
    before = measure(implementation, case)
    expected, rate = before.expected, case.training.learning_rate
    if near_a_kink(case, expected):
        return REJECTED
    gradient = expected.gradient.vector
    square = float(gradient @ gradient)
    if not square:
        return TRIVIAL
    after = implementation.train(case.network, case.parameters, case.batch, case.training)
    rounding = step_tolerance(implementation, case, expected)
    moved = after.vector.astype(np.float64) - case.parameters.vector.astype(np.float64)
    is_step = bool((np.abs(moved + rate * gradient) <= rounding).all())
    if is_step and case.details["small_enough"]:
        spare = rate * square - 2 * float(np.abs(gradient) @ rounding)
        if not _bend(case, moved) + _change_of_bend(case, moved, 1.0) <= spare:
            return Judgement("too_wide", tolerance=expected.form)
    return _judge_losses(before, measure(implementation, replace(case, parameters=after)), rate / 2 * square)


def _judge_losses(before: Measured, then: Measured, wanted: float) -> Judgement:
    """Judge whether the loss has fallen by `wanted` or more."""
    case = before.case
    reports = before.answer.loss is not None and then.answer.loss is not None
    (first, first_error), (second, second_error) = _loss(before, reports), _loss(then, reports)
    fallen = first - second
    bound = first_error + second_error + 8 * OWN_ROUNDOFF * (abs(first) + abs(second) + wanted)
    losses = f"{first:.9g} to {second:.9g}"

    def tell(_: int) -> Telling:
        return Telling(
            f"a plain step with learning rate {number(case.training.learning_rate)}, no more than the curvature of the "
            f"loss along it allows, should lower the loss by (learning rate / 2) |gradient|^2 = {wanted:.9g} or more, "
            f"but the loss goes from {losses}{explained(bound)}",
            "decrease of the loss in one step",
            (
                *script_of_steps(before.implementation, case),
                *_script_of_loss(before, reports),
                "fallen = loss(parameters.vector) - loss(after(1))",
                f"assert fallen >= {wanted - bound!r}, fallen",
            ),
        )

    form = before.expected.form
    judged = judge_equal([min(fallen, wanted)], [wanted], tell, bound=bound, promise=_HALF, tolerance=form)
    return replace(judged, bitwise=False)  # an inequality


def _loss(measured: Measured, reports: bool) -> tuple[float, float]:
    """Return the loss that the implementation reports, or the right one, with its tolerance."""
    if reports and measured.answer.loss is not None:
        return measured.answer.loss, measured.loss_tolerance
    expected = measured.expected
    return expected.loss, expected.loss_tolerance * OWN_ROUNDOFF / measured.implementation.unit_roundoff


def _script_of_loss(measured: Measured, reports: bool) -> tuple[str, ...]:
    if not reports:
        return (
            "from symtests.oracle import loss as right_loss",
            "",
            "",
            "def loss(at):",
            "    return right_loss(network, Parameters(network, at), batch)",
            "",
            "",
        )
    scale = float(measured.implementation.capabilities.loss_scale.get(measured.case.network.loss, 1.0))
    divided = "" if scale == 1 else f" / {scale!r}"
    return (
        "def loss(at):",
        "    at = Parameters(network, at.astype(parameters.dtype))",
        f"    return float(implementation.loss_and_gradient(network, at, batch)[0]){divided}",
        "",
        "",
    )


DESC1: Final = Property(
    id="DESC1",
    group="optimizers",
    title="a small step lowers the loss",
    statement="One plain step with a learning rate below 1/Λ, where Λ bounds the curvature of the loss along the step, "
    "lowers the loss by at least half of what its slope promises.",
    formula="|dᵀ∇²L(θ − td)d| ≤ Λ|d|² for d = ∇L(θ), 0 ≤ t ≤ η, and η ≤ 1/Λ  ⇒  L(θ − ηd) ≤ L(θ) − (η/2)|d|²",
    precondition="one step of plain gradient descent with η ≤ 1/Λ, Λ from the second derivative along the step and a "
    "bound of the third; no pre-activation of a relu or leaky_relu changes its sign on the way",
    exactness=Exactness.ROUNDING,
    catches="a gradient that points up or aside, a layer whose step has the other sign, a learning rate multiplied by "
    "the size of the batch, a loss that is not the one that is trained on",
    source="Taylor's theorem with its remainder of second order; Y. Nesterov, Introductory Lectures on Convex "
    "Optimization (2004), chapter 1, for functions with a Lipschitz gradient",
    claims=("S9",),
    cases=_cases,
    judge=_judge,
    promise=_HALF,
    without_precondition=lambda domain: _cases(domain, "small", _TOO_LARGE),
)
