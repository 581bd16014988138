"""GRAD1: the gradient is the derivative of the loss, compared with derivatives that need no backward pass."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.oracle import complex_step_gradient, complex_step_slope
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.beyond_limits import cases_beyond_limits
from symtests.properties.drawing.extremes import extreme_cases
from symtests.properties.drawing.questions import hidden_if_possible
from symtests.properties.drawing.samples_apart import sometimes_apart
from symtests.properties.drawing.strategies import cases
from symtests.properties.judging.answers import OWN_ROUNDOFF, Measured, measure, near_a_kink
from symtests.properties.judging.detectable import seen_everywhere
from symtests.properties.judging.judging import (
    REJECTED,
    Telling,
    judge_equal,
    number,
    together,
)
from symtests.properties.judging.stages import (
    LEAST_SIGNALS,
    features_of_samples,
    judge_chain,
    judge_gradient_of,
    shown_stages,
)
from symtests.properties.judging.telling import assertion, explained, in_float32

__all__ = ["GRAD1"]

_GRAD1_PROMISE: Final = {"float32": 1e-4, "float64": 1e-10}
"""Relative fault that is seen in the largest component of every weight matrix and every bias vector."""
_COMPONENT_BY_COMPONENT: Final = 64
"""Up to so many parameters, each component is compared with a derivative of its own."""
_COMPLEX_PRODUCT: Final = 3
"""Roundings of each part of a complex product, where a real product has one."""


def _cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    return sometimes_apart(domain, tier, cases(domain, tier, hidden_if_possible(domain, tier)))


def _each_time(domain: Domain, tier: Tier) -> list[Case]:
    return extreme_cases(domain) if tier == "small" else cases_beyond_limits(domain)


def _judge_gradient(implementation: Checked, case: Case) -> Judgement:
    measured = measure(implementation, case)
    if near_a_kink(case, measured.expected):
        return REJECTED
    of_components = _judge_components(measured)
    if of_components.outcome not in ("held", "too_wide"):
        return of_components
    others = _judge_direction(measured), _judge_loss(measured), _judge_outputs(measured)
    return together(*others, _sharpened(measured, of_components))


def _sharpened(measured: Measured, of_components: Judgement) -> Judgement:
    """Judge the components by the stages from which they come, where these are shown and the bounds are sharper."""
    own_features, _ = features_of_samples(measured.case.batch)
    if own_features.size * measured.case.network.sizes[1] < LEAST_SIGNALS:
        return of_components  # there is no telling from which pass the gradient comes
    shown = shown_stages(measured)
    if shown is None or not shown.is_of_the_gradient or judge_chain(shown).outcome != "held":
        return of_components
    judged = judge_gradient_of(shown)
    if judged.outcome != "held":
        return judged if judged.outcome == "violated" else of_components
    expected, found = shown.expected.gradient.vector, measured.vector
    hidden = shown.gradient_tolerance + np.abs(found - expected)
    detectable = seen_everywhere(measured.case.network, expected, hidden)
    if detectable >= of_components.detectable:
        return of_components
    promised = detectable <= _GRAD1_PROMISE[measured.implementation.dtype]
    return replace(judged, outcome="held" if promised else "too_wide", detectable=detectable)


def _judge_components(measured: Measured) -> Judgement:
    case, implementation = measured.case, measured.implementation
    right, bound = measured.expected.gradient.vector, measured.tolerance
    if right.size <= _COMPONENT_BY_COMPONENT:
        right = complex_step_gradient(case.network, case.parameters, case.batch).vector
        bound = bound + _own_rounding(measured)
    found = measured.answer.gradient

    def tell(k: int) -> Telling:
        name = found.name_of(k)
        sentence = (
            f"the gradient of {name} is {number(found.vector[k])}, but the loss changes with {name} at the rate "
            f"{number(found.dtype.type(right[k]))}{explained(bound[k])}"
            f"{in_float32(case.network, implementation.dtype, found.vector[k], right[k], bound[k])}"
        )
        script = (f"g = gradient(parameters)[{k}]", assertion("g", repr(float(right[k])), float(bound[k])))
        return Telling(sentence, f"gradient of {name}", script)

    judged = judge_equal(found.vector, right, tell, bound=bound, tolerance=measured.expected.form)
    if judged.outcome != "held":
        return judged
    hidden = bound + np.abs(found.vector - right)
    detectable = seen_everywhere(case.network, right, hidden)
    promised = detectable <= _GRAD1_PROMISE[implementation.dtype]
    return replace(judged, outcome="held" if promised else "too_wide", detectable=detectable)


def _own_rounding(measured: Measured) -> Array:
    """Return how far rounding leads a complex step: its products are those of the backward pass, in another order."""
    share = _COMPLEX_PRODUCT * OWN_ROUNDOFF / measured.implementation.unit_roundoff
    own: Array = share * measured.expected.gradient_tolerance
    return own


def _judge_direction(measured: Measured) -> Judgement:
    """Judge the slope along one direction, all components by 1 or -1: no backward pass has told what is expected."""
    case = measured.case
    count = case.network.parameter_count
    signs = np.random.default_rng(count).choice((1.0, -1.0), count)
    found, tolerance = measured.sums(signs, np.arange(count), of_right_ones=True)
    expected = complex_step_slope(case.network, case.parameters, case.batch, signs)
    bound = float(tolerance + _own_rounding(measured).sum())
    told = Telling(
        f"along a direction of components 1 and -1, the loss rises at the rate {number(expected)}, but the gradient "
        f"says {number(float(found))}{explained(bound)}",
        "slope along a direction",
        (
            f"d = np.random.default_rng({count}).choice((1.0, -1.0), {count})",
            "slope = gradient(parameters).astype(float) @ d",
            assertion("slope", repr(expected), bound),
        ),
    )
    form = measured.expected.form
    judged = judge_equal([float(found)], [expected], lambda _: told, bound=bound, tolerance=form, trivial=False)
    return replace(judged, detectable=0.0)  # what is seen in single components is told of these


def _judge_loss(measured: Measured) -> Judgement:
    """Judge the loss; what is not reported holds."""
    loss, expected, bound = measured.answer.loss, measured.expected.loss, measured.loss_tolerance
    if loss is None:
        return Judgement("held", bitwise=True)
    scale = float(measured.implementation.capabilities.loss_scale.get(measured.case.network.loss, 1.0))
    told = Telling(
        f"the loss is {number(loss)}, but should be {number(expected)}{explained(bound)}"
        f"{in_float32(measured.case.network, measured.implementation.dtype, loss, expected, bound)}",
        "loss",
        (
            f"loss = implementation.loss_and_gradient(network, parameters, batch)[0] / {scale!r}",
            assertion("loss", repr(expected), bound),
        ),
    )
    form = measured.expected.form
    judged = judge_equal([loss], [expected], lambda _: told, bound=bound, tolerance=form, trivial=False)
    return replace(judged, detectable=0.0)


def _judge_outputs(measured: Measured) -> Judgement:
    """Judge what is predicted for the same parameters and inputs; where nothing can be, it holds."""
    case, implementation, form = measured.case, measured.implementation, measured.expected.form
    if not implementation.offers("predict"):
        return Judgement("held", bitwise=True)
    right = measured.expected.stages.pre_activations[-1]
    bound = measured.expected.stage_tolerances.pre_activations[-1].ravel()
    found = implementation.predict(case.network, case.parameters, case.batch.x)

    def tell(k: int) -> Telling:
        sample, output = divmod(k, case.network.sizes[-1])
        value = float(right[sample, output])
        return Telling(
            f"output {output} for sample {sample} is {number(found[sample, output])}, but should be "
            f"{number(found.dtype.type(value))}{explained(float(bound[k]))}"
            f"{in_float32(case.network, implementation.dtype, found[sample, output], value, float(bound[k]))}",
            f"output {output} for sample {sample}",
            (
                f"z = implementation.predict(network, parameters, batch.x)[{sample}, {output}]",
                assertion("z", repr(value), float(bound[k])),
            ),
        )

    judged = judge_equal(found.ravel(), right.ravel(), tell, bound=bound, tolerance=form, trivial=False)
    return replace(judged, detectable=0.0)


GRAD1 = Property(
    id="GRAD1",
    group="gradient",
    title="the gradient is the derivative of the loss",
    statement="Every component of the gradient is the derivative of the loss, and the loss and the outputs are those "
    "that were asked for.",
    formula="∂L/∂θₖ = Im L(θ + ih eₖ) / h,  h = 10⁻³⁰",
    precondition="no pre-activation of a relu or leaky_relu is so near 0 that rounding may decide its sign",
    exactness=Exactness.ROUNDING,
    catches="every fault of a backward pass that shows in one step: a derivative that is missing or taken at the wrong "
    "argument, a matrix that is not transposed, a missing 1/N or factor 2, a bias forgotten, sums in a lower precision"
    "; what shows only where an activation is saturated or exactly at 0, where numbers are tiny or huge, where one "
    "activation stands above another, or beyond usual numbers of layers, units, inputs, outputs and samples",
    source="W. Squire, G. Trapp, Using complex variables to estimate derivatives of real functions (1998); the bounds "
    "follow N. Higham, Accuracy and Stability of Numerical Algorithms (2002), chapter 3.",
    claims=("S9",),
    cases=_cases,
    always=_each_time,
    judge=_judge_gradient,
    promise=max(_GRAD1_PROMISE.values()),
)
