"""OPT1, OPT4, OPT5: what trainings have in common, bit for bit, whatever the numbers are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.implementations.base import Unsupported
from symtests.implementations.subject import Subject
from symtests.network import OPTIMIZERS
from symtests.properties.answers import positions
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.judging import PROMISE, REJECTED, expectation
from symtests.properties.questions import ANY_DEPTH, hidden_if_possible
from symtests.properties.strategies import SIMPLEST_ACTIVATIONS, cases, networks, seeds
from symtests.properties.training_path import PLAIN, optimizer_trainings
from symtests.properties.twin_trainings import Twins, judge_twins
from symtests.properties.units import index_groups
from symtests.training import Training

__all__ = ["OPT1", "OPT4", "OPT5"]

_MOST_STEPS: Final[dict[Tier, int]] = {"small": 4, "wide": 4}


def _trained(domain: Domain, tier: Tier, drawn: st.SearchStrategy[Case]) -> st.SearchStrategy[Case]:
    training = optimizer_trainings(domain, steps=(1, _MOST_STEPS[tier]))
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
    return _trained(domain, tier, tied())


def _judge_tied_rows(subject: Subject, case: Case) -> Judgement:
    first, *others = case.details["features"]
    weight, _ = positions(case.network, 0)
    there = weight[others].ravel()
    words = " and ".join(map(str, (first, *others)[:2])) + (" and others" if len(others) > 1 else "")
    why = f"features {words} of the only sample are equal, and so are their weights"
    twins = Twins(case, case, np.tile(weight[first], len(others)), there, np.ones(len(there)), why)
    return judge_twins(subject, twins, bits=subject.capabilities.index_independent)


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
    return _trained(domain, tier, turned())


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
    return _trained(domain, tier, permuted())


def _opt4_cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    if set(domain.capabilities.losses) == {"softmax_cross_entropy"}:
        return _turned(domain, tier)
    return _turned(domain, tier) | _permuted(domain, tier)


def _judge_opt4(subject: Subject, case: Case) -> Judgement:
    twins = _permuted_twins(case) if "order" in case.details else _turned_twins(case)
    return judge_twins(subject, twins, bits=subject.capabilities.index_independent)


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


# OPT5: optimizers that are another, and gradients of another scale.

_ADAPTIVE: Final = tuple(name for name in OPTIMIZERS if name not in PLAIN)
_LIMITS: Final[tuple[tuple[str, dict[str, Any], dict[str, Any]], ...]] = (
    ("momentum", {"momentum": 0.0}, {"optimizer": "sgd"}),
    ("nesterov", {"momentum": 0.0}, {"optimizer": "sgd"}),
    ("adamw", {"weight_decay": 0.0}, {"optimizer": "adam"}),
    ("rmsprop", {"square_decay": 0.0}, {"optimizer": "adam", "mean_decay": 0.0}),
)
"""An optimizer with a setting, and what is the same."""


def _limits(domain: Domain, tier: Tier) -> list[st.SearchStrategy[Case]]:
    """Return a strategy of cases with another training that is the same, `details["other"]`; none where none is."""
    has = set(domain.capabilities.optimizers)
    limits = [limit for limit in _LIMITS if {limit[0], limit[2]["optimizer"]} <= has]
    if not limits:
        return []
    drawn = cases(domain, tier, hidden_if_possible(domain, tier))
    trainings = [optimizer_trainings(domain, (name,), steps=(1, _MOST_STEPS[tier])) for name, _, _ in limits]

    @st.composite
    def with_other(draw: st.DrawFn) -> Case:
        which = draw(st.integers(0, len(limits) - 1))
        _, setting, other = limits[which]
        training = replace(draw(trainings[which]), **setting)
        return replace(draw(drawn), training=training, details={"other": other})

    return [with_other()]


def _scaled(
    domain: Domain, tier: Tier, optimizers: Sequence[str], epsilons: Sequence[float], *, with_settings: bool = True
) -> list[st.SearchStrategy[Case]]:
    """Return a strategy of cases with a factor of inputs and targets, `details["factor"]`; none where none is.

    Without biases, and with homogeneous units, it is a factor of the outputs as well, and its square one of gradients.
    """
    can = domain.capabilities
    names = [name for name in optimizers if name in can.optimizers]
    if "mse" not in can.losses or False not in can.bias or not names:
        return []
    homogeneous = [name for name in ("identity", "leaky_relu") if name in can.activations]
    drawn = networks(
        domain, tier, activations=homogeneous or SIMPLEST_ACTIVATIONS, losses=("mse",), bias=(False,),
        hidden_layers=ANY_DEPTH[tier] if homogeneous else (0, 0),
    )  # fmt: skip
    training = optimizer_trainings(domain, names, steps=(1, _MOST_STEPS[tier]), epsilons=epsilons, weight_decays=(0.5,))

    def with_factor(case: Case, chosen: Training, factor: float) -> Case:
        return replace(case, training=chosen, details={"factor": factor, "with_settings": with_settings})

    factors = st.sampled_from((2.0, 0.5, 4.0, 0.25))
    return [st.builds(with_factor, cases(domain, tier, drawn), training, factors)]


def _opt5_cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    # Half precision loses the squares of small gradients: without epsilon it would divide by 0.
    epsilons = (0.5, 0.0) if domain.capabilities.roundoff(domain.dtype) <= 2.0**-24 else (0.5,)
    scaled = [*_scaled(domain, tier, _ADAPTIVE, epsilons), *_scaled(domain, tier, PLAIN, ())]
    found = [*scaled, *_limits(domain, tier)]
    if not found:
        raise Unsupported("the law needs mse without biases, or two optimizers that are the same in a limit")
    return st.one_of(found)


def _opt5_without_precondition(domain: Domain) -> st.SearchStrategy[Case]:
    found = _scaled(domain, "small", _ADAPTIVE, (0.5,), with_settings=False)
    found += _scaled(domain, "small", PLAIN, (), with_settings=False)
    if not found:
        raise Unsupported("the law needs mse without biases")
    return st.one_of(found)


def _judge_opt5(subject: Subject, case: Case) -> Judgement:
    if "other" in case.details:
        return judge_twins(subject, _limit_twins(case), bits=False)
    if case.training.optimizer not in PLAIN and case.training.epsilon == 0:
        expected = expectation(subject, case)
        certain = np.abs(expected.gradient.vector) > expected.gradient_tolerance
        if not certain.all():  # 0 / 0
            return REJECTED
    return judge_twins(subject, _scaled_twins(case), bits=False)


def _limit_twins(case: Case) -> Twins:
    other = replace(case.training, **case.details["other"])
    everything = np.arange(case.network.parameter_count)
    (why,) = (
        f"{name} with {' and '.join(f'{word} {value:g}' for word, value in setting.items())} is {other.optimizer}"
        for name, setting, _ in _LIMITS
        if name == case.training.optimizer
    )
    signs = np.ones(len(everything), case.parameters.dtype)
    return Twins(replace(case, training=other), case, everything, everything, signs, why)


def _scaled_twins(case: Case) -> Twins:
    factor, training = float(case.details["factor"]), case.training
    why = f"inputs and targets are multiplied by {factor:g}, all gradients with them by {factor**2:g}"
    if case.details["with_settings"] and training.optimizer in PLAIN:
        training = replace(training, learning_rate=training.learning_rate / factor**2)
        why += ", and the learning rate is divided by that"
    elif case.details["with_settings"]:
        training = replace(training, epsilon=training.epsilon * factor**2)
        why += " and epsilon as well" if training.epsilon else ", which cancels where epsilon is 0"
    everything, x, y = np.arange(case.network.parameter_count), case.batch.x, case.batch.y
    batch = Batch(x * x.dtype.type(factor), y * y.dtype.type(factor), case.batch.sample_weights)
    scaled = f"batch.x * batch.x.dtype.type({factor!r}), batch.y * batch.y.dtype.type({factor!r})"
    return Twins(
        case,
        replace(case, batch=batch, training=training),
        everything,
        everything,
        np.ones(len(everything), case.parameters.dtype),
        why,
        (f"batch = Batch({scaled}, batch.sample_weights)",),
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
OPT5: Final = Property(
    id="OPT5",
    group="optimizers",
    title="what leaves a training as it is",
    statement="Momentum 0 is plain descent, and adamw without weight decay is adam; where gradients are multiplied by "
    "a power of two, adaptive steps stay as they are if epsilon is 0 or multiplied with them, plain ones if the "
    "learning rate is divided by it.",
    formula="one step θ − η q(g):  q(g) = g for μ = 0;  q(αg) = q(g) for ε = 0 in adam, adamw, rmsprop, adagrad;  "
    "(η/α) q(αg) = η q(g) in the others,  α = 2ᵖ",
    precondition="gradients are scaled by scaling inputs and targets of mse without biases and with homogeneous units; "
    "with ε = 0 no gradient is 0; bits may differ where two rules are programmed differently, and then the first step "
    "in which they part is judged within rounding",
    exactness=Exactness.ROUNDING,
    catches="gradients clipped by their length, epsilon inside the root, weight decay added to the gradient, momentum "
    "that is not off when it is 0",
    source="D. Kingma, J. Ba, Adam: A Method for Stochastic Optimization (2015): the steps are invariant to the scale "
    "of the gradient",
    cases=_opt5_cases,
    judge=_judge_opt5,
    promise=PROMISE,
    without_precondition=_opt5_without_precondition,
)
