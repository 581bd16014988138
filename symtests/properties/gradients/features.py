"""GRAD4, GRAD5, GRAD7, EQV8: what features that are 0, 1, shifted or rescaled do to the gradient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.questions import ANY_DEPTH
from symtests.properties.drawing.strategies import cases, networks, seeds
from symtests.properties.judging.answers import mean_is_exact, measure, positions
from symtests.properties.judging.judging import PROMISE, REJECTED, Telling, Tolerance, judge_equal, number
from symtests.properties.judging.relations import Relation, Term, exactly, judge_relation, on_grid, same_answer
from symtests.properties.judging.telling import READ_GRADIENT, assertion, explained

__all__ = ["EQV8", "GRAD4", "GRAD5", "GRAD7"]

_MOST_INPUTS: Final[dict[Tier, int]] = {"small": 2, "wide": 33}
_SHIFTS: Final = (1.0, -1.0, 0.5, -0.5, 0.25, -0.75)
_WEIGHT_STEP: Final = 2.0**-12
_BIAS_STEP: Final = 2.0**-14
_INPUT_STEP: Final = 2.0**-10


def _drawn_cases(
    domain: Domain, tier: Tier, *, least_inputs: int = 1, bias: Sequence[bool] = (False, True)
) -> st.SearchStrategy[Case]:
    inputs = (least_inputs, _MOST_INPUTS[tier])
    return cases(domain, tier, networks(domain, tier, bias=bias, hidden_layers=ANY_DEPTH[tier], inputs=inputs))


# GRAD4: a feature that is 0. GRAD5: a feature that is 1.


def _with_constant_feature(
    domain: Domain, tier: Tier, constant: float, *, least_inputs: int = 1, bias: Sequence[bool] = (False, True)
) -> st.SearchStrategy[Case]:
    """Draw cases in which one feature, `details["feature"]`, has one value in all samples."""
    drawn = _drawn_cases(domain, tier, least_inputs=least_inputs, bias=bias)

    @st.composite
    def constant_feature(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        feature = draw(st.integers(0, case.network.sizes[0] - 1))
        x = case.batch.x.copy()
        x[:, feature] = constant
        return replace(case, batch=replace(case.batch, x=x), details={"feature": feature})

    return constant_feature()


def _judge_zero_feature(implementation: Checked, case: Case) -> Judgement:
    feature = case.details["feature"]
    gradient = implementation.loss_and_gradient(case.network, case.parameters, case.batch).gradient
    rows = gradient.weight(0)
    others = np.delete(rows, feature, axis=0)

    def tell(k: int) -> Telling:
        name = f"W1[{feature},{k}]"
        return Telling(
            f"feature {feature} is {number(case.batch.x[0, feature])} in every sample and cannot matter, but the "
            f"gradient of {name} is {number(rows[feature, k])}",
            f"gradient of {name}",
            (READ_GRADIENT, f"assert g.weight(0)[{feature}, {k}] == 0, g.weight(0)[{feature}]"),
        )

    nothing_learnt = not (others.any() or gradient.bias(0).any())
    return judge_equal(rows[feature], np.zeros_like(rows[feature]), tell, trivial=nothing_learnt)


def _judge_constant_feature(implementation: Checked, case: Case) -> Judgement:
    feature, measured = case.details["feature"], measure(implementation, case)
    gradient = measured.answer.gradient
    weight, bias = positions(case.network, 0)
    row, of_bias = gradient.weight(0)[feature], gradient.bias(0)
    # Two numbers have one sum; three have several, by the order of adding, and nothing says that both take the same.
    one_sum = len(case.batch) <= 2 and mean_is_exact(case) and not measured.answer.recovered
    bits = implementation.capabilities.index_independent and one_sum
    bound = None if bits else measured.own_tolerance[weight[feature]] + measured.own_tolerance[bias]

    def tell(k: int) -> Telling:
        name, largest = f"W1[{feature},{k}]", 0.0 if bound is None else float(bound[k])
        return Telling(
            f"feature {feature} is {number(case.batch.x[0, feature])} in every sample, as the input of a bias is 1, "
            f"but the gradients of b1[{k}] and {name} differ: {number(of_bias[k])} and {number(row[k])}"
            f"{explained(largest)}",
            f"gradient of b1[{k}]",
            (READ_GRADIENT, assertion(f"g.bias(0)[{k}]", f"g.weight(0)[{feature}, {k}]", largest)),
        )

    form: Tolerance = "exact" if bound is None else measured.expected.form
    return judge_equal(of_bias, row, tell, bound=bound, promise=PROMISE, tolerance=form)


# GRAD7: features shifted, and the biases against them.


def _with_shift(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    """Draw cases with a shift of each feature, `details["shift"]`; what is added and multiplied stays exact."""

    @st.composite
    def shifted(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        count = case.network.sizes[0]
        if tier == "small":
            shift = draw(st.lists(st.sampled_from(_SHIFTS), min_size=count, max_size=count))
            return replace(case, details={"shift": shift})
        shift = np.random.default_rng(draw(seeds())).choice(_SHIFTS, count).tolist()
        parameters = case.parameters.copy()
        parameters.weight(0)[...] = on_grid(parameters.weight(0), _WEIGHT_STEP)
        parameters.bias(0)[...] = on_grid(parameters.bias(0), _BIAS_STEP)
        batch = replace(case.batch, x=on_grid(case.batch.x, _INPUT_STEP))
        return replace(case, parameters=parameters, batch=batch, details={"shift": shift})

    drawn = _drawn_cases(domain, tier, bias=(True,))
    return shifted()


def _judge_shift(implementation: Checked, case: Case) -> Judgement:
    shift, dtype = np.array(case.details["shift"]), case.batch.x.dtype
    weight, bias = positions(case.network, 0)
    first = case.parameters.astype(np.float64)
    x = exactly(case.batch.x.astype(np.float64) + shift, dtype)
    moved = exactly(first.bias(0) - shift @ first.weight(0), dtype)
    if x is None or moved is None:
        return REJECTED
    parameters = case.parameters.copy()
    parameters.bias(0)[...] = moved
    other = replace(case, parameters=parameters, batch=replace(case.batch, x=x))
    same = same_answer(case)
    factors, where = np.zeros_like(same.coefficients), same.where.copy()
    factors[weight] = shift[:, np.newaxis]
    where[weight] = bias
    relation = Relation(
        other,
        (same, Term(case, factors, where, 0.0)),
        f"every sample is shifted by ({_listed(shift)}), and b1 by what W1 makes of that",
        (
            "before = ask(parameters)",
            f"shift = np.array({shift.tolist()!r}, parameters.dtype)",
            "parameters.bias(0)[...] -= shift @ parameters.weight(0)",
            "batch = Batch(batch.x + shift, batch.y, batch.sample_weights)",
            "found = ask(parameters)",
        ),
    )
    return judge_relation(implementation, relation)


def _listed(values: Array) -> str:
    shown = ", ".join(f"{value:g}" for value in values[:3])
    return shown if len(values) <= 3 else f"{shown}, ..."


# EQV8: features rescaled, and the weights against them.


def _with_factors(domain: Domain, tier: Tier, *, powers_of_two: bool = True) -> st.SearchStrategy[Case]:
    """Draw cases with a factor for each feature, `details["factors"]`."""
    factors = (2.0, 0.5, 4.0, 0.25, 8.0) if powers_of_two else (3.3, 0.7)
    drawn = _drawn_cases(domain, tier)

    @st.composite
    def rescaled(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        count = case.network.sizes[0]
        if tier == "small":
            chosen = draw(st.lists(st.sampled_from(factors), min_size=count, max_size=count))
        else:
            chosen = np.random.default_rng(draw(seeds())).choice(factors, count).tolist()
        return replace(case, details={"factors": chosen})

    return rescaled()


def _judge_factors(implementation: Checked, case: Case) -> Judgement:
    factors, dtype = np.array(case.details["factors"]), case.batch.x.dtype
    weight, _ = positions(case.network, 0)
    parameters = case.parameters.copy()
    parameters.weight(0)[...] = parameters.weight(0) / factors[:, np.newaxis].astype(dtype)
    other = replace(case, parameters=parameters, batch=replace(case.batch, x=case.batch.x * factors.astype(dtype)))
    same = same_answer(case)
    same.coefficients[weight] = factors[:, np.newaxis]
    relation = Relation(
        other,
        (same,),
        f"the features are multiplied by ({_listed(factors)}) and the rows of W1 divided by the same",
        (
            "before = ask(parameters)",
            f"factors = np.array({factors.tolist()!r}, parameters.dtype)",
            "parameters.weight(0)[...] /= factors[:, np.newaxis]",
            "batch = Batch(batch.x * factors, batch.y, batch.sample_weights)",
            "found = ask(parameters)",
        ),
        relevant=weight.ravel(),
    )
    # A gradient that is recovered from a step has been rounded with the parameters, which were scaled otherwise.
    return judge_relation(implementation, relation, bits=implementation.offers("loss_and_gradient"))


GRAD4 = Property(
    id="GRAD4",
    group="gradient",
    title="a feature that is 0 gets no gradient",
    statement="Where a feature is 0 in every sample, its row of the gradient of the first layer is exactly 0.",
    formula="xᵢₖ = 0 for all i  ⇒  (∂W₁)ₖ = 0, a row of ∂W₁",
    precondition="the feature is 0 in every sample",
    exactness=Exactness.BITWISE_ALWAYS,
    catches="features indexed wrongly, rows shifted by one, a penalty on the weights that nobody asked for",
    source="Follows from ∂W₁ = xᵀ δ₁.",
    cases=lambda domain, tier: _with_constant_feature(domain, tier, 0.0, least_inputs=2),
    judge=_judge_zero_feature,
    promise=PROMISE,
    without_precondition=lambda domain: _with_constant_feature(domain, "small", 1.0, least_inputs=2),
)
GRAD5 = Property(
    id="GRAD5",
    group="gradient",
    title="a bias is the weight of a feature that is 1",
    statement="Where a feature is 1 in every sample, its row of the gradient of the first layer is the gradient of the "
    "bias.",
    formula="xᵢₖ = 1 for all i  ⇒  (∂W₁)ₖ = ∂b₁, a row of ∂W₁",
    precondition="the feature is 1 in every sample; bits are asked for where at most two samples leave one order of "
    "adding",
    exactness=Exactness.BITWISE,
    catches="a bias gradient averaged twice, summed along the wrong axis, left at 0 or taken from one sample",
    source="Follows from ∂W₁ = xᵀ δ₁ and ∂b₁ = 1ᵀ δ₁.",
    cases=lambda domain, tier: _with_constant_feature(domain, tier, 1.0, bias=(True,)),
    judge=_judge_constant_feature,
    promise=PROMISE,
    without_precondition=lambda domain: _with_constant_feature(domain, "small", 0.5, bias=(True,)),
)
GRAD7 = Property(
    id="GRAD7",
    group="gradient",
    title="shifted features, shifted bias",
    statement="Where every sample is shifted and the first bias takes the shift back, the gradient of the first "
    "weights grows by the shift times the gradient of the bias; all else stays.",
    formula="x′ = x + 1sᵀ, b₁′ = b₁ − sᵀW₁  ⇒  ∂W₁′ = ∂W₁ + s ∂b₁, L′ = L",
    precondition="the first layer has a bias; no pre-activation within rounding of a kink",
    exactness=Exactness.ROUNDING,
    catches="the bias left out of the forward pass or of the gradient, inputs normalised or clipped on the quiet, the "
    "gradient of another batch",
    source="Follows from ∂W₁ = xᵀ δ₁ and ∂b₁ = 1ᵀ δ₁, δ₁ being the same.",
    cases=_with_shift,
    judge=_judge_shift,
    promise=PROMISE,
)
EQV8 = Property(
    id="EQV8",
    group="equivariance",
    title="rescaled features, rescaled gradient",
    statement="Where features are multiplied by powers of two and their weights divided by the same, their rows of the "
    "gradient are multiplied by them; all else stays.",
    formula="xₖ → 2ᵖ xₖ, (W₁)ₖ → 2⁻ᵖ (W₁)ₖ  ⇒  (∂W₁)ₖ → 2ᵖ (∂W₁)ₖ, a row of ∂W₁, L′ = L",
    precondition="the factors are powers of two; no product underflows",
    exactness=Exactness.BITWISE_ALWAYS,
    catches="inputs normalised or clipped on the quiet, a penalty on the weights, clipped gradients",
    source="Products with powers of two are exact: N. Higham, Accuracy and Stability of Numerical Algorithms (2002), "
    "chapter 2.",
    cases=_with_factors,
    judge=_judge_factors,
    promise=PROMISE,
    without_precondition=lambda domain: _with_factors(domain, "small", powers_of_two=False),
)
