"""LIN1 and LIN2: without hidden layers, zero is no obstacle, and the loss is convex."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.model.losses import losses_that
from symtests.oracle.losses import coefficients
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier, Violation
from symtests.properties.drawing.strategies import cases, networks, seeds, small_numbers, wide_parameters
from symtests.properties.judging.answers import OWN_ROUNDOFF, Measured, mean_is_exact, measure
from symtests.properties.judging.judging import PROMISE, TRIVIAL, Telling, judge_equal, number, step_tolerance, together
from symtests.properties.judging.relations import on_grid
from symtests.properties.judging.telling import assertion, explained
from symtests.training import Training

__all__ = ["LIN1", "LIN2"]

_WITHOUT: Final = (0, 0)
_IEEE_ROUNDOFF: Final = {"float32": 2.0**-24, "float64": 2.0**-53}


# LIN1: the delta rule at zero.


def _from_zero(domain: Domain, tier: Tier, hidden_layers: tuple[int, int] = _WITHOUT) -> st.SearchStrategy[Case]:
    """Draw cases with all parameters zero, of which at least one output has an error."""

    def at_zero(case: Case) -> Case:
        y, training = case.batch.y.copy(), Training("sgd", 0.5, int("sgd" in domain.capabilities.optimizers))
        if case.network.loss == "softmax_cross_entropy" and (y == 1 / y.shape[1]).all():
            y[0] = np.eye(y.shape[1])[0]  # targets that zero meets already
        zero = Parameters.zeros(case.network, case.parameters.dtype)
        return replace(case, parameters=zero, batch=replace(case.batch, y=y), training=training)

    return cases(domain, tier, networks(domain, tier, hidden_layers=hidden_layers)).map(at_zero)


def _as_wide_as_the_outputs(case: Case) -> bool:
    """Tell whether the first weight matrix has a column for each output."""
    return case.network.sizes[1] == case.network.sizes[-1]


def _delta_rule(case: Case) -> tuple[str, Array]:
    """Return out(0) in words, and X^T delta, followed by the sum of delta where there are biases."""
    loss, x, y = case.network.loss, case.batch.x.astype(np.float64), case.batch.y.astype(np.float64)
    out, slope = {
        "mse": ("0", 2.0),
        "bce": ("1/2", 1.0),
        "logistic_mse": ("1/2", 2.0 / 4),  # logistic'(0) = 1/4
        "softmax_cross_entropy": (f"1/{y.shape[1]}", 1.0),
        "huber": ("0", 1.0),
    }[loss]
    output = {"0": 0.0, "1/2": 0.5}.get(out, 1 / y.shape[1])
    error = np.clip(output - y, -1.0, 1.0) if loss == "huber" else output - y
    delta = slope * coefficients(loss, case.batch) * error
    if not case.network.bias:
        return out, (x.T @ delta).ravel()
    return out, np.concatenate([(x.T @ delta).ravel(), delta.sum(axis=0)])


def _judge_from_zero(implementation: Checked, case: Case) -> Judgement:
    measured, (out, right) = measure(implementation, case), _delta_rule(case)
    where = slice(0, right.size)  # of the first layer, which is the only one where the property holds
    if not right.any():
        return TRIVIAL
    bits = case.network.loss == "mse" and _is_exact(implementation, case)
    own = (len(case.batch) + 4) * OWN_ROUNDOFF * measured.expected.gradient_tolerance / implementation.unit_roundoff
    bound = None if bits else (measured.tolerance + own)[where]
    gradient = measured.answer.gradient

    def tell(k: int) -> Telling:
        name, largest = gradient.name_of(k), 0.0 if bound is None else float(bound[k])
        return Telling(
            f"all parameters are 0, so every output is {out}, and the delta rule, inputs times errors, makes the "
            f"gradient of {name} {number(gradient.dtype.type(right[k]))}, but it is {number(gradient.vector[k])}"
            f"{explained(largest)}",
            f"gradient of {name}",
            (f"g = gradient(parameters)[{k}]", assertion("g", repr(float(right[k])), largest)),
        )

    found, form = gradient.vector[where], measured.expected.form
    judged = judge_equal(found, right, tell, bound=bound, promise=PROMISE, tolerance="exact" if bits else form)
    if judged.outcome == "violated" or not case.training.steps:
        return judged
    return together(judged, _judge_step(measured, right, bits))


def _is_exact(implementation: Checked, case: Case) -> bool:
    """Tell whether every operation is exact: few bits, and factors that are powers of two, in IEEE arithmetic."""
    scale = implementation.capabilities.loss_scale.get(case.network.loss, 1.0)
    dyadic = all(bool((array * 16 == np.rint(array * 16)).all()) for array in (case.batch.x, case.batch.y))
    is_ieee = implementation.unit_roundoff == _IEEE_ROUNDOFF[implementation.dtype]
    return is_ieee and dyadic and np.abs(case.batch.x).max() <= 1 and np.frexp(scale)[0] == 0.5 and mean_is_exact(case)


def _judge_step(measured: Measured, right: Array, bits: bool) -> Judgement:
    """Judge one plain step from zero, which adds -eta times the gradient to nothing."""
    case, implementation = measured.case, measured.implementation
    rate, where = case.training.learning_rate, slice(0, right.size)
    after = implementation.train(case.network, case.parameters, case.batch, case.training)
    bound = None if bits else step_tolerance(implementation, case, measured.expected)[where]
    scaled = rate / implementation.capabilities.scale_in_training(case.network.loss)

    def tell(k: int) -> Telling:
        name, largest = after.name_of(k), 0.0 if bound is None else float(bound[k])
        return Telling(
            f"all parameters are 0, so a step of learning rate {rate:g} leads {name} to "
            f"{number(after.dtype.type(-rate * right[k]))}, but it is {number(after.vector[k])}{explained(largest)}",
            f"{name} after one step",
            (
                f"step = Training('sgd', {scaled!r}, 1)",
                "after = implementation.train(network, parameters.copy(), batch, step)",
                f"theta = np.asarray(getattr(after, 'vector', after))[{k}]",
                assertion("theta", repr(float(-rate * right[k])), largest),
            ),
        )

    form = measured.expected.form
    return judge_equal(
        after.vector[where], -rate * right, tell, bound=bound, promise=PROMISE, tolerance="exact" if bits else form
    )


# LIN2: the loss is convex.


def _with_another(
    domain: Domain, tier: Tier, losses: Sequence[str], hidden_layers: tuple[int, int] = _WITHOUT
) -> st.SearchStrategy[Case]:
    """Draw cases with a second point, `details["other"]`, such that the point midway is a number of the dtype."""

    @st.composite
    def case(draw: st.DrawFn) -> Case:
        plain = draw(drawn)
        network, dtype, factor = plain.network, plain.parameters.dtype, draw(factors)
        if tier == "small":
            other = [factor * value for value in draw(small_numbers(network.parameter_count))]
            if other == plain.parameters.vector.tolist():
                other[0] = -other[0]
            return replace(plain, details={"other": other})
        random = np.random.default_rng(draw(seeds()))
        vector = factor * on_grid(wide_parameters(network, random, 1.0, str(dtype)).vector, _GRID)
        here = Parameters(network, on_grid(plain.parameters.vector, _GRID))
        return replace(plain, parameters=here, details={"other": vector.tolist()})

    drawn = cases(domain, tier, networks(domain, tier, losses=losses, hidden_layers=hidden_layers))
    factors = st.sampled_from((1, 2, 4))  # a loss that is bounded shows it only where outputs are far off
    return case()


_CLEAR: Final = 16
"""How many times larger than what rounding explains a number is whose sign is asked."""
_GRID: Final = 2.0**-12
_CONVEX: Final = losses_that(lambda entry: entry.convex)


def _judge_convexity(implementation: Checked, case: Case) -> Judgement:
    a = case.parameters.vector.astype(np.float64)
    b = np.array(case.details["other"], np.float64)
    points = [
        replace(case, parameters=Parameters(case.network, v.astype(implementation.dtype))) for v in (a, b, (a + b) / 2)
    ]
    at_a, at_b = (measure(implementation, point) for point in points[:2])
    of_slopes = _judge_slopes(at_a, at_b, a - b)
    if of_slopes.outcome == "violated" or at_a.answer.loss is None:
        return of_slopes
    return together(of_slopes, _judge_midpoint(at_a, at_b, measure(implementation, points[2])))


def _judge_slopes(at_a: Measured, at_b: Measured, d: Array) -> Judgement:
    """Judge <grad L(a) - grad L(b), a - b> >= 0."""
    everything = np.arange(d.size)
    (slope_a, error_a), (slope_b, error_b) = at_a.sums(d, everything), at_b.sums(d, everything)
    right = float(d @ (at_a.expected.gradient.vector - at_b.expected.gradient.vector))
    found, bound = float(slope_a - slope_b), float(error_a + error_b)
    parts = np.abs(d * (at_a.vector - at_b.vector))
    told = Telling(
        f"from b to a the slope along a - b rises from {float(slope_b):.9g} to {float(slope_a):.9g}, that is by "
        f"{found:.9g}, but the loss is convex, so that it cannot fall{explained(bound)}",
        "<gradient at a - gradient at b, a - b>",
        (
            _other_point(at_a.case),
            "rise = (gradient(parameters).astype(float) - gradient(other).astype(float)) @ (parameters.vector - b)",
            f"assert rise >= {-bound!r}, rise",
        ),
    )
    return _at_least_zero(found, right, bound, float(parts.max()), told, at_a)


def _judge_midpoint(at_a: Measured, at_b: Measured, midway: Measured) -> Judgement:
    """Judge (L(a) + L(b)) / 2 - L((a + b) / 2) >= 0."""
    three, share = (at_a, at_b, midway), np.array((0.5, 0.5, -1.0))
    losses = [float(point.answer.loss or 0.0) for point in three]
    right = float(share @ [point.expected.loss for point in three])
    found, own = float(share @ losses), 4 * OWN_ROUNDOFF * float(np.abs(share) @ np.abs(losses))
    bound = float(np.abs(share) @ [point.loss_tolerance for point in three]) + own
    scale = float(at_a.implementation.capabilities.loss_scale.get(at_a.case.network.loss, 1.0))
    told = Telling(
        f"the loss is {number(losses[0])} at a, {number(losses[1])} at b and {number(losses[2])} midway, but it is "
        f"convex, so that midway it is no larger than the mean of both{explained(bound)}",
        "mean of both losses, less the loss midway",
        (
            _other_point(at_a.case),
            "midway = Parameters(network, ((parameters.vector + b) / 2).astype(parameters.dtype))",
            "points = (parameters, other, midway)",
            "at_a, at_b, at_m = (float(implementation.loss_and_gradient(network, p, batch)[0]) for p in points)",
            f"assert ((at_a + at_b) / 2 - at_m) / {scale!r} >= {-bound!r}, (at_a, at_b, at_m)",
        ),
    )
    return _at_least_zero(found, right, bound, max(map(abs, losses)), told, at_a)


def _other_point(case: Case) -> str:
    return f"b = np.array({case.details['other']!r}); other = Parameters(network, b.astype(parameters.dtype))"


def _at_least_zero(
    found: float, right: float, bound: float, largest: float, told: Telling, measured: Measured
) -> Judgement:
    """Judge whether a number is not negative, where the right one is far from 0, on either side.

    `largest` is the largest part of it: a relative fault in that which makes it negative is seen.
    """
    if not right:
        return TRIVIAL
    if abs(right) < _CLEAR * bound:
        return Judgement("too_wide")
    form = measured.expected.form
    if found < -bound:
        violation = Violation(told.sentence, told.quantity, 0.0, found, bound, told.script)
        return Judgement("violated", violation=violation, tolerance=form)
    detectable = (found + bound) / largest if largest else np.inf
    return Judgement("held", fraction=max(0.0, -found / bound), detectable=detectable, tolerance=form)


LIN1: Final = Property(
    id="LIN1",
    group="no_hidden_layer",
    title="without hidden layers, zero is a start like any other",
    statement="Where there is no hidden layer and all parameters are zero, the gradient of the weights is that of the "
    "delta rule, inputs times errors, which does not contain the weights; and a plain step moves them by it.",
    formula="θ = 0  ⇒  ∂W = xᵀδ, ∂b = Σᵢ δᵢ;  δᵢ = sᵢ (p(0) − yᵢ) / S for softmax, / (S m) for bce, p the "
    "probabilities; for mse twice that, with p(0) = 0; for logistic_mse 2 logistic′(0) = ½ of it",
    precondition="no hidden layer; all parameters are zero",
    exactness=Exactness.ROUNDING,
    catches="weights that are silently replaced where they are zero, outputs that are wrong at zero, a gradient that "
    "is multiplied with weights which are not on its right-hand side, targets or samples left out, a missing "
    "logistic′ of the output",
    source="B. Widrow, M. Hoff, Adaptive switching circuits (1960): the delta rule.",
    claims=("S12",),
    cases=_from_zero,
    judge=_judge_from_zero,
    promise=PROMISE,
    without_precondition=lambda domain: _from_zero(domain, "small", (1, 1)).filter(_as_wide_as_the_outputs),
)
LIN2: Final = Property(
    id="LIN2",
    group="no_hidden_layer",
    title="without hidden layers, the loss is convex",
    statement="Where there is no hidden layer, the slope of the loss along a line never falls, and midway between two "
    "points the loss is no larger than the mean of both: there is one minimum.",
    formula="⟨∇L(a) − ∇L(b), a − b⟩ ≥ 0,  L((a + b)/2) ≤ (L(a) + L(b))/2",
    precondition="no hidden layer; mse, bce or softmax cross-entropy of the linear outputs (a squared error of "
    "logistic outputs is not convex); what is asked for its sign is 16 times larger than what rounding explains",
    exactness=Exactness.ROUNDING,
    catches="a gradient of the wrong sign, a squared error of logistic outputs sold as cross-entropy, error signals "
    "multiplied by a slope that has cancelled, residuals that are clipped on one side",
    source="S. Boyd, L. Vandenberghe, Convex Optimization (2004): a differentiable function is convex if and only if "
    "its gradient is monotone; squares, softplus and log-sum-exp are convex.",
    claims=("S10",),
    cases=lambda domain, tier: _with_another(domain, tier, _CONVEX),
    judge=_judge_convexity,
    without_precondition=lambda domain: st.one_of(
        _with_another(domain, "small", ("logistic_mse",)), _with_another(domain, "small", _CONVEX, (1, 2))
    ),
)
