"""OPT3 and STEP2: what has no gradient does not move, but by the weight decay of adamw."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.model.groups import Positions
from symtests.network import OPTIMIZERS, Network
from symtests.oracle import loss_and_gradient
from symtests.oracle.error_model import underflow_of
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.questions import ANY_DEPTH
from symtests.properties.drawing.strategies import cases, networks, seeds
from symtests.properties.judging.answers import OWN_ROUNDOFF, positions
from symtests.properties.judging.judging import (
    PROMISE,
    REJECTED,
    TRIVIAL,
    Telling,
    judge_equal,
    number,
    train_if_it_converges,
)
from symtests.properties.judging.telling import assertion, explained
from symtests.properties.judging.training_path import (
    follow,
    in_words,
    optimizer_trainings,
    script_of_steps,
)
from symtests.training import Training

__all__ = ["OPT3", "STEP2"]

_MOST_STEPS: Final = 4
_LOSCHILOV: Final = "I. Loshchilov, F. Hutter, Decoupled Weight Decay Regularization (2019)"


def _trained(drawn: st.SearchStrategy[Case], training: st.SearchStrategy[Training]) -> st.SearchStrategy[Case]:
    return st.builds(lambda case, chosen: replace(case, training=chosen), drawn, training)


def _judge_decayed(implementation: Checked, case: Case, where: Positions, why: str) -> Judgement:
    """Judge whether each step has multiplied these parameters by 1 - rate decay, and by nothing where that is 1."""
    after = train_if_it_converges(implementation, case)
    if after is None:
        return REJECTED
    training, before = case.training, case.parameters.vector[where]
    decay = training.learning_rate * training.weight_decay
    if not decay:
        tell = partial(_tell_of_movement, implementation, case, after, where, why)
        return judge_equal(after.vector[where], before, tell, trivial=False)
    factor = (1 - decay) ** training.steps
    start = before.astype(np.float64)
    expected, found = (factor - 1) * start, after.vector[where].astype(np.float64) - start
    bound = _decay_tolerance(start, decay, training.steps, implementation.unit_roundoff)

    def tell_of_decay(k: int) -> Telling:
        index, (old, new) = int(where[k]), (before[k], after.vector[where[k]])
        name, steps = after.name_of(index), in_words(training)
        return Telling(
            f"{why}, so {steps} should multiply {name} by {factor:.9g}, (1 - learning rate * weight decay) to the "
            f"power {training.steps}, but it goes from {number(old)} to {number(new)}{explained(float(bound[k]))}",
            f"{name} after {steps}",
            (
                *script_of_steps(implementation, case),
                f"moved = (after({training.steps}) - after(0))[{index}]  # {name}",
                assertion("moved", repr(float(expected[k])), float(bound[k])),
            ),
        )

    return judge_equal(found, expected, tell_of_decay, bound=bound, promise=PROMISE)


def _decay_tolerance(theta: Array, decay: float, steps: int, u: float) -> Array:
    """Return how far rounding may lead parameters that `steps` times are multiplied by 1 - decay.

    A step is theta (1 - decay), or theta - decay theta: decay, the factor, the product and the difference are rounded,
    by u |theta| (3 + 6 decay) at most; what earlier steps were off by, later ones make smaller.
    """
    each = np.where(theta != 0, u * np.abs(theta) * (3 + 6 * decay) + underflow_of(u), 0.0)
    whole: Array = steps * each * (1 + OWN_ROUNDOFF / u)
    return whole


def _tell_of_movement(
    implementation: Checked, case: Case, after: Parameters, where: Positions, why: str, k: int
) -> Telling:
    index, steps = int(where[k]), in_words(case.training)
    name = after.name_of(index)
    values = number(case.parameters.vector[index]), number(after.vector[index])
    return Telling(
        f"{why}, but {steps} moved {name} from {values[0]} to {values[1]}",
        f"{name} after {steps}",
        (
            *script_of_steps(implementation, case),
            f"moved = (after({case.training.steps}) - after(0))[{index}]  # {name}",
            "assert moved == 0, moved",
        ),
    )


# OPT3: decay alone, and no rate.


def _silent_features(domain: Domain, tier: Tier, *, silent: bool = True) -> st.SearchStrategy[Case]:
    """Draw batches in which some features, `details["features"]`, are 0: the gradient of their weights is exactly 0."""

    @st.composite
    def with_silence(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        inputs = case.network.sizes[0]
        if tier == "small":
            features = [draw(st.integers(0, inputs - 1))]
        else:
            random = np.random.default_rng(draw(seeds()))
            features = sorted({inputs - 1, *np.flatnonzero(random.random(inputs) < 0.5).tolist()})
        x = case.batch.x.copy()
        if silent:
            x[:, features] = 0.0
        batch = Batch(x, case.batch.y, case.batch.sample_weights)
        return replace(case, batch=batch, details={"features": features})

    drawn = cases(domain, tier, networks(domain, tier, hidden_layers=ANY_DEPTH[tier]))
    # half of the cases with adamw, where there is one: it alone decays
    with_decay = [name for name in ("adamw",) if name in domain.capabilities.optimizers]
    training = [optimizer_trainings(domain, names, steps=(1, _MOST_STEPS), weight_decays=(0.5, 1.0, 0.1))
                for names in (with_decay, OPTIMIZERS) if names]  # fmt: skip
    return _trained(with_silence(), st.one_of(training))


def _without_rate(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    drawn = cases(domain, tier, networks(domain, tier, hidden_layers=ANY_DEPTH[tier]))
    return _trained(drawn, optimizer_trainings(domain, steps=(1, _MOST_STEPS), rates=(0.0,)))


def _without_steps(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    drawn = cases(domain, tier, networks(domain, tier, hidden_layers=ANY_DEPTH[tier]))
    return _trained(drawn, optimizer_trainings(domain, steps=(0, 0)))


def _judge_no_steps(implementation: Checked, case: Case) -> Judgement:
    before, after = case.parameters, implementation.train(case.network, case.parameters, case.batch, case.training)

    def tell(k: int) -> Telling:
        name = before.name_of(k)
        return Telling(
            f"no step of {case.training.optimizer} is asked for, but {name} goes from {number(before.vector[k])} to "
            f"{number(after.vector[k])}",
            f"{name} after no step",
            (
                "after = implementation.train(network, parameters.copy(), batch, training)",
                f'after = np.asarray(getattr(after, "vector", after))[{k}]  # {name}',
                f"assert after == parameters.vector[{k}], after",
            ),
        )

    return judge_equal(after.vector, before.vector, tell, trivial=False)


def _judge_opt3(implementation: Checked, case: Case) -> Judgement:
    if case.training.steps == 0:
        return _judge_no_steps(implementation, case)
    if case.training.learning_rate == 0:
        if not loss_and_gradient(case.network, case.parameters, case.batch)[1].vector.any():
            return TRIVIAL
        everything = np.arange(case.network.parameter_count)
        return _judge_decayed(implementation, case, everything, "the learning rate is 0")
    features: list[int] = case.details["features"]
    where = positions(case.network, 0)[0][features].ravel()
    words = f"feature {features[0]} is" if len(features) == 1 else f"features {features[0]} and others are"
    why = f"{words} 0 in every sample, and so is the gradient of the weights behind"
    return _judge_decayed(implementation, case, where, why)


# STEP2: no gradient at all.


def _at_rest(domain: Domain, tier: Tier, *, right: bool = True) -> st.SearchStrategy[Case]:
    """Draw cases whose output weights are 0, so that the outputs are their biases; and targets that agree with these.

        mse   y = c;     bce, logistic_mse   y = 1/2, c = 0;     softmax_cross_entropy   y = (1/2, 1/2), c = 0

    No sum is rounded on the way, whatever the arithmetic: the error signals are exactly 0, and so is every gradient,
    but where logistic(0) or a softmax of equal outputs is off by an ulp.
    """
    has = set(domain.capabilities.losses) - set(domain.capabilities.class_targets)
    if not has:
        raise Unsupported("the property needs targets between two classes; all losses that it has take classes alone")
    of_each_output = tuple(name for name in ("mse", "bce", "logistic_mse") if name in has)
    losses, outputs = (of_each_output, None) if of_each_output else (("softmax_cross_entropy",), (2, 2))
    drawn = networks(domain, tier, losses=losses, hidden_layers=ANY_DEPTH[tier], outputs=outputs)
    training = optimizer_trainings(domain, steps=(1, _MOST_STEPS), weight_decays=(0.0,))

    def at_rest(case: Case) -> Case:
        network, last = case.network, case.network.layer_count - 1
        parameters, y = case.parameters.copy(), case.batch.y.copy()
        parameters.weight(last)[...] = 0.0
        if network.loss == "mse":
            y[...] = parameters.bias(last) if network.bias else 0.0
        else:
            parameters.bias(last)[...] = 0.0
            y[...] = 0.5
        if not right:
            y += _away(network)
        return replace(case, parameters=parameters, batch=replace(case.batch, y=y))

    return _trained(cases(domain, tier, drawn).map(at_rest), training)


def _away(network: Network) -> Array:
    """Return what leads targets away, within what the loss allows."""
    return np.array([0.5, -0.5]) if network.loss == "softmax_cross_entropy" else np.array([0.5])


def _judge_step2(implementation: Checked, case: Case) -> Judgement:
    everything = np.arange(case.network.parameter_count)
    judged = _judge_decayed(implementation, case, everything, "all outputs are their targets, and all gradients 0")
    if judged.outcome != "violated" or case.network.loss == "mse":
        return judged
    within = _judge_path_at_rest(implementation, case)
    return judged if within.outcome == "violated" else within


def _judge_path_at_rest(implementation: Checked, case: Case) -> Judgement:
    """Judge whether each step moves no parameter further than an elementary function that is off by a few ulps does.

    A logistic(0) or a softmax that is one ulp above 1/2 leaves an error signal of that ulp, which an optimizer that
    divides by the size of the gradient makes larger.
    """
    path = follow(implementation, case)
    if path is None:
        return REJECTED
    right = path.moves()
    return judge_equal(
        path.moved, right.expected, lambda _: Telling("it moves"), bound=right.tolerance, tolerance=path.form,
        trivial=False,
    )  # fmt: skip


OPT3: Final = Property(
    id="OPT3",
    group="optimizers",
    title="weight decay by itself",
    statement="Where a gradient has always been 0, a step of adamw multiplies the parameter by 1 − ηλ, and that of no "
    "other optimizer moves it; with a learning rate of 0, or in no steps, nothing moves.",
    formula="∂θₖ = 0 at every step  ⇒  θₖ(t) = (1 − ηλ)ᵗ θₖ(0), λ = 0 but in adamw;  η = 0  ⇒  θ(t) = θ(0)",
    precondition="the state is fresh; the gradients are those of weights behind features that are 0 in every sample",
    exactness=Exactness.ROUNDING,
    catches="weight decay that is added to the gradient and then normalised, that does not know the learning rate, or "
    "that other optimizers have as well; state that one parameter leaves to another; noise; a loop that takes one step "
    "too many",
    source=f"{_LOSCHILOV}, algorithm 2",
    cases=lambda domain, tier: (
        _silent_features(domain, tier) | _without_rate(domain, tier) | _without_steps(domain, tier)
    ),
    judge=_judge_opt3,
    promise=PROMISE,
    without_precondition=lambda domain: _silent_features(domain, "small", silent=False),
)
STEP2: Final = Property(
    id="STEP2",
    group="optimizers",
    title="no gradient, no movement",
    statement="Where the whole gradient is 0, no optimizer moves any parameter, however many steps it takes.",
    formula="∇L(θ) = 0  ⇒  θ(t) = θ(0) for every t",
    precondition="the state is fresh, there is no weight decay, and epsilon is not 0; the output weights are 0 and the "
    "targets are the output biases, so that every error signal is 0: exactly so with mse, and with another loss "
    "but for the rounding of an elementary function",
    exactness=Exactness.BITWISE,
    catches="0 / 0 in adaptive steps, weight decay that nobody asked for, state kept from an earlier training, noise, "
    "targets paired with other outputs",
    source="Follows from the rules of all optimizers: q(0, …, 0) = 0",
    cases=_at_rest,
    judge=_judge_step2,
    without_precondition=lambda domain: _at_rest(domain, "small", right=False),
)
