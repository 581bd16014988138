"""OPT1 and OPT4: what trainings have in common, bit for bit, whatever the numbers are."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.implementations.checked import Checked
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.questions import ANY_DEPTH
from symtests.properties.drawing.strategies import cases, networks, seeds
from symtests.properties.drawing.units import index_groups
from symtests.properties.judging.answers import positions
from symtests.properties.judging.judging import PROMISE
from symtests.properties.judging.training_path import optimizer_trainings
from symtests.properties.judging.twin_trainings import Twins, judge_twins

__all__ = ["OPT1", "OPT4"]

_MOST_STEPS: Final = 4


def _trained(domain: Domain, drawn: st.SearchStrategy[Case]) -> st.SearchStrategy[Case]:
    training = optimizer_trainings(domain, steps=(1, _MOST_STEPS))
    return st.builds(lambda case, chosen: replace(case, training=chosen), drawn, training)


# OPT1: parameters with equal gradients.


def _tied_rows(domain: Domain, tier: Tier, *, equal_features: bool = True) -> st.SearchStrategy[Case]:
    """Draw one sample with equal features, `details["features"]`, and equal weights behind them.

    dL/dW_1[k] = x_k delta_1 is a single product: no order of a sum can make two of them differ.
    """

    @st.composite
    def tied(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        first, *others = draw(index_groups(case.network.sizes[0], tier))
        parameters, x = case.parameters.copy(), case.batch.x.copy()
        parameters.weight(0)[others] = parameters.weight(0)[first]
        x[:, others] = x[:, [first]] if equal_features else x[:, [first]] / 2
        batch = Batch(x, case.batch.y, case.batch.sample_weights)
        return replace(case, parameters=parameters, batch=batch, details={"features": [first, *others]})

    inputs = (2, 2 if tier == "small" else 33)
    drawn = cases(domain, tier, networks(domain, tier, inputs=inputs, hidden_layers=ANY_DEPTH[tier]), samples=(1, 1))
    return _trained(domain, tied())


def _judge_tied_rows(implementation: Checked, case: Case) -> Judgement:
    first, *others = case.details["features"]
    weight, _ = positions(case.network, 0)
    there = weight[others].ravel()
    words = " and ".join(map(str, (first, *others)[:2])) + (" and others" if len(others) > 1 else "")
    why = f"features {words} of the only sample are equal, and so are their weights"
    twins = Twins(case, case, np.tile(weight[first], len(others)), there, np.ones(len(there)), why)
    return judge_twins(implementation, twins, bits=implementation.capabilities.index_independent)


# OPT4: every parameter by itself, either sign alike.


def _turned(domain: Domain, tier: Tier, *, with_features: bool = True) -> st.SearchStrategy[Case]:
    """Draw some features, `details["features"]`, that will be negated with their weights.

    Their products stay the same, and their gradients are negated, exactly.
    """

    @st.composite
    def turned(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        inputs = case.network.sizes[0]
        if tier == "small":
            features = sorted(draw(st.sets(st.integers(0, inputs - 1), min_size=1)))
        else:
            random = np.random.default_rng(draw(seeds()))
            features = sorted({0, *np.flatnonzero(random.random(inputs) < 0.5).tolist()})
        return replace(case, details={"features": features, "with_features": with_features})

    drawn = cases(domain, tier, networks(domain, tier, hidden_layers=ANY_DEPTH[tier]))
    return _trained(domain, turned())


def _permuted(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    """Draw an order of the outputs of a network without hidden layers, `details["order"]`.

    Their losses are added up after their gradients part: nothing else depends on the order.
    """

    @st.composite
    def permuted(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        order = list(range(case.network.sizes[-1]))[::-1]
        if tier == "wide":
            order = np.random.default_rng(draw(seeds())).permutation(order).tolist()
        return replace(case, details={"order": order})

    of_each_output = [name for name in ("mse", "bce", "logistic_mse") if name in domain.capabilities.losses]
    outputs = (2, 2 if tier == "small" else 33)
    drawn = cases(domain, tier, networks(domain, tier, losses=of_each_output, hidden_layers=(0, 0), outputs=outputs))
    return _trained(domain, permuted())


def _opt4_cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    if set(domain.capabilities.losses) == {"softmax_cross_entropy"}:
        return _turned(domain, tier)
    return _turned(domain, tier) | _permuted(domain, tier)


def _judge_opt4(implementation: Checked, case: Case) -> Judgement:
    twins = _permuted_twins(case) if "order" in case.details else _turned_twins(case)
    return judge_twins(implementation, twins, bits=implementation.capabilities.index_independent)


def _turned_twins(case: Case) -> Twins:
    features: list[int] = case.details["features"]
    parameters, x = case.parameters.copy(), case.batch.x.copy()
    parameters.weight(0)[features] *= -1
    lines, words = [f"parameters.weight(0)[{features!r}] *= -1"], "weights"
    if case.details["with_features"]:
        x[:, features] *= -1
        lines.append("x = batch.x.copy()")
        lines.append(f"x[:, {features!r}] *= -1")
        lines.append("batch = Batch(x, batch.y, batch.sample_weights)")
        words = "features and their weights"
    everything, signs = np.arange(case.network.parameter_count), np.ones(case.network.parameter_count)
    signs[positions(case.network, 0)[0][features]] = -1
    few = ", ".join(map(str, features[:3])) + (", .." if len(features) > 3 else "")
    return Twins(
        case,
        replace(case, parameters=parameters, batch=replace(case.batch, x=x)),
        everything,
        everything,
        signs.astype(case.parameters.dtype),
        f"{words} are negated (feature {few}), which negates gradients of these weights and changes no other",
        tuple(lines),
    )


def _permuted_twins(case: Case) -> Twins:
    order: list[int] = case.details["order"]
    weight, bias = positions(case.network, 0)
    there = np.concatenate([weight.ravel(), bias])
    here = np.concatenate([weight[:, order].ravel(), bias[order] if bias.size else bias])
    parameters = case.parameters.copy()
    parameters.vector[there] = case.parameters.vector[here]
    return Twins(
        case,
        replace(case, parameters=parameters, batch=replace(case.batch, y=case.batch.y[:, order])),
        here,
        there,
        np.ones(len(here), case.parameters.dtype),
        "the outputs are put in another order, with their weights and targets",
        (
            f"parameters.vector[{there.tolist()!r}] = parameters.vector[{here.tolist()!r}]",
            f"batch = Batch(batch.x, batch.y[:, {order!r}].copy(), batch.sample_weights)",
        ),
    )


OPT1: Final = Property(
    id="OPT1",
    group="optimizers",
    title="every optimizer keeps ties",
    statement="Parameters with equal values, equal gradients and equal state stay equal, whatever the optimizer.",
    formula="θᵢ = θⱼ, ∂θᵢ = ∂θⱼ at every step  ⇒  θᵢ(t) = θⱼ(t) for every t",
    precondition="equal features of a single sample and equal weights behind them, whose gradients are single products "
    "and so equal in any arithmetic; the state is fresh; the optimizers are sgd, momentum, nesterov, adam, adamw, "
    "rmsprop and adagrad. (L-BFGS, which is not among them, would keep ties as well: it combines whole vectors.)",
    exactness=Exactness.BITWISE,
    catches="state of one parameter used for another, noise in the update, remainder loops that compute something else",
    source="Every rule works on each parameter by itself: D. Kingma, J. Ba, Adam: A Method for Stochastic Optimization "
    "(2015), algorithm 1, where all operations on vectors are element-wise",
    claims=("S3", "S13"),
    cases=_tied_rows,
    judge=_judge_tied_rows,
    promise=PROMISE,
    without_precondition=lambda domain: _tied_rows(domain, "small", equal_features=False),
)
OPT4: Final = Property(
    id="OPT4",
    group="optimizers",
    title="every parameter by itself, either sign alike",
    statement="Where gradients are negated or change places, with their parameters, every training goes the same way: "
    "its parameters are negated or change places.",
    formula="(xₖ, (W₁)ₖ) → (−xₖ, −(W₁)ₖ)  ⇒  (W₁)ₖ(t) → −(W₁)ₖ(t);  outputs in another order  ⇒  their weights in the "
    "same order",
    precondition="features and their weights are negated together, at any depth; or outputs of a network without "
    "hidden layers change places with their weights and targets, for any loss but softmax_cross_entropy; rounding is "
    "to nearest",
    exactness=Exactness.BITWISE,
    catches="an update that depends on the sign or on the place of a parameter: state mixed up between neighbours, "
    "clipping at one side, a constant added to the gradient, absolute values",
    source="Each rule is odd in the gradient, and works on each parameter by itself: D. Kingma, J. Ba, Adam: A Method "
    "for Stochastic Optimization (2015), algorithm 1",
    cases=_opt4_cases,
    judge=_judge_opt4,
    promise=PROMISE,
    without_precondition=lambda domain: _turned(domain, "small", with_features=False),
)
