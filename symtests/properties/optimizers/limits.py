"""OPT5: optimizers that are another one in a limit, and gradients of another scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.model.activations import activations_that
from symtests.model.optimizers import optimizers_that
from symtests.network import ACTIVATIONS
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.questions import ANY_DEPTH, hidden_if_possible
from symtests.properties.drawing.strategies import cases, networks
from symtests.properties.judging.judging import PROMISE, REJECTED, expectation
from symtests.properties.judging.training_path import PLAIN, optimizer_trainings
from symtests.properties.judging.twin_trainings import Twins, judge_twins
from symtests.training import Training

__all__ = ["OPT5"]

_MOST_STEPS: Final = 4
_ADAPTIVE: Final = optimizers_that(lambda entry: entry.adaptive)
_NEVER_FLAT: Final = activations_that(lambda entry: entry.homogeneous and all(k.below and k.above for k in entry.kinks))
"""Homogeneous, and with a slope everywhere."""
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
    trainings = [optimizer_trainings(domain, (name,), steps=(1, _MOST_STEPS)) for name, _, _ in limits]

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
    homogeneous = [name for name in _NEVER_FLAT if name in can.activations]
    drawn = networks(
        domain, tier, activations=homogeneous or ACTIVATIONS, losses=("mse",), bias=(False,),
        hidden_layers=ANY_DEPTH[tier] if homogeneous else (0, 0),
    )  # fmt: skip
    training = optimizer_trainings(domain, names, steps=(1, _MOST_STEPS), epsilons=epsilons, weight_decays=(0.5,))

    def with_factor(case: Case, chosen: Training, factor: float) -> Case:
        return replace(case, training=chosen, details={"factor": factor, "with_settings": with_settings})

    factors = st.sampled_from((2.0, 0.5, 4.0, 0.25))
    return [st.builds(with_factor, cases(domain, tier, drawn), training, factors)]


def _opt5_cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    # Half precision loses the squares of small gradients: without epsilon it would divide by 0.
    fine = domain.capabilities.roundoff(domain.dtype) <= 2.0**-24 and not domain.capabilities.positive_epsilon
    epsilons = (0.5, 0.0) if fine else (0.5,)
    scaled = [*_scaled(domain, tier, _ADAPTIVE, epsilons), *_scaled(domain, tier, PLAIN, ())]
    found = [*scaled, *_limits(domain, tier)]
    if not found:
        raise Unsupported("the property needs mse without biases, or two optimizers that are the same in a limit")
    return st.one_of(found)


def _opt5_without_precondition(domain: Domain) -> st.SearchStrategy[Case]:
    found = _scaled(domain, "small", _ADAPTIVE, (0.5,), with_settings=False)
    found += _scaled(domain, "small", PLAIN, (), with_settings=False)
    if not found:
        raise Unsupported("the property needs mse without biases")
    return st.one_of(found)


def _judge_opt5(implementation: Checked, case: Case) -> Judgement:
    if "other" in case.details:
        return judge_twins(implementation, _limit_twins(case), bits=False)
    if case.training.optimizer not in PLAIN and case.training.epsilon == 0:
        expected = expectation(implementation, case)
        certain = np.abs(expected.gradient.vector) > expected.gradient_tolerance
        if not certain.all():  # 0 / 0
            return REJECTED
    return judge_twins(implementation, _scaled_twins(case), bits=False)


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
