"""OPT2: where the gradient is constant, every optimizer has a closed form.

A gradient that hardly depends on the parameters is that of a layer without hidden ones and with outputs far off:

    mse                                 dL/dw = 2 x (x w - y) / (N m):  x = 2^-10 .. and y = +-2^10, so that the
                                        gradient is of the size of 1, but x w is 2^-20 of y
    bce, softmax_cross_entropy          dL/dw = x (p - y) / N with p within exp(-16) of the wrong label

How much it still changes is not estimated: it is computed at every point that the implementation reaches, and counted
with the tolerance.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.long_trainings import long_trainings
from symtests.properties.drawing.strategies import cases, networks, seeds, supported
from symtests.properties.judging.answers import OWN_ROUNDOFF
from symtests.properties.judging.judging import PROMISE, REJECTED, expectation, together, train_if_it_converges
from symtests.properties.judging.optimizer_bounds import moves
from symtests.properties.judging.training_path import Path, follow, in_words, judge_movement, optimizer_trainings
from symtests.training import Training

__all__ = ["OPT2", "closed_form"]

_LOSSES: Final = ("mse", "bce", "softmax_cross_entropy")
_CONSTANT_AT_LENGTH: Final = ("bce", "softmax_cross_entropy", "mse")
"""Those whose gradient changes least over a long way first."""
_FAR: Final = 2.0**10
"""Targets of a squared error; its inputs are as small."""
_SATURATED: Final = 64.0
"""Size of the weights below a saturated output, divided among its inputs, which are from 1/2 to 1."""
_FAR_ENOUGH: Final = {1: 1024.0, 4: 1024.0, 10: 4096.0}
"""The same for long trainings, which move it by half as much at most, by `Domain.reach`."""
_INPUTS: Final = (1.0, 0.5, 0.75)
_OWN_ROUNDINGS: Final = 16
"""Of the closed forms themselves, besides one for each term of a sum."""
_MOST_STEPS: Final[dict[Tier, int]] = {"small": 4, "wide": 5}


def closed_form(training: Training, theta: Array, g: Array) -> Array:
    """Return theta after all steps of the training, where every gradient is g.

        sgd        theta - eta T g
        momentum   theta - eta g sum_k (1 - mu^k) / (1 - mu),           k = 1 .. T
        nesterov   theta - eta g sum_k (1 - mu^(k+1)) / (1 - mu)
        adam       theta - eta T g / (|g| + epsilon)
        adamw      d^T theta - eta (1 + d + .. + d^(T-1)) g / (|g| + epsilon),    d = 1 - eta weight_decay
        rmsprop    theta - eta sum_k g / (|g| sqrt(1 - b2^k) + epsilon)
        adagrad    theta - eta sum_k g / (|g| sqrt(k) + epsilon)

    Parameters
    ----------
    training
        Optimizer, settings and T, the number of steps; settings of decay above 0.
    theta, g
        Shape (n,).
    """
    rate, epsilon, mu = training.learning_rate, training.epsilon, training.momentum
    numbers = range(1, training.steps + 1)
    size = np.abs(g)
    total: Array
    match training.optimizer:
        case "sgd":
            total = training.steps * g
        case "momentum":
            total = math.fsum(_below_one(mu, k) / (1 - mu) for k in numbers) * g
        case "nesterov":
            total = math.fsum(_below_one(mu, k + 1) / (1 - mu) for k in numbers) * g
        case "adam" | "adamw":
            d = 1 - rate * training.weight_decay
            total = math.fsum(d ** (k - 1) for k in numbers) * g / (size + epsilon)
            return d**training.steps * theta - rate * total
        case "rmsprop":
            roots = [math.sqrt(_below_one(training.square_decay, k)) for k in numbers]
            total = np.sum([g / (size * root + epsilon) for root in roots], axis=0)
        case _:
            total = np.sum([g / (size * math.sqrt(k) + epsilon) for k in numbers], axis=0)
    return theta - rate * total


def _below_one(b: float, k: int) -> float:
    """Return 1 - b^k, to a few ulps also where b is near 1; b > 0."""
    return -math.expm1(k * math.log(b))


def _cases(domain: Domain, tier: Tier, *, constant: bool = True) -> st.SearchStrategy[Case]:
    """Draw cases with a constant gradient, or with one that is not."""
    loss = supported("losses", _LOSSES, domain.capabilities.losses)[0]
    if loss == "mse" and domain.capabilities.max_samples == 1 and False not in domain.capabilities.bias:
        raise Unsupported("the property needs a network without biases, or a batch of 2 samples")
    inputs, outputs = (1, 2 if tier == "small" else 130), (1, 2 if tier == "small" else 17)
    if loss == "softmax_cross_entropy":  # only two of its outputs have a gradient to speak of
        outputs = (2, 3)
    drawn = networks(domain, tier, losses=(loss,), hidden_layers=(0, 0), inputs=inputs, outputs=outputs)
    training = optimizer_trainings(domain, steps=(1 if constant else 2, _MOST_STEPS[tier]))

    @st.composite
    def case(draw: st.DrawFn) -> Case:
        network = draw(drawn)
        inputs, outputs = network.sizes[0], network.sizes[-1]
        pick = np.array if tier == "small" else np.random.default_rng(draw(seeds())).permutation
        x = pick([draw(st.sampled_from(_INPUTS)) if tier == "small" else _INPUTS[k % 3] for k in range(inputs)])
        signs = pick([draw(st.sampled_from((1.0, -1.0))) if tier == "small" else (-1.0) ** k for k in range(outputs)])
        parameters, batch = (_squared if network.loss == "mse" else _saturated)(network, x, signs)
        parameters, batch = parameters.astype(domain.dtype), batch.astype(domain.dtype)
        return Case(network, parameters, batch, draw(training), {"constant": True})

    def with_training(case: Case, chosen: Training) -> Case:
        return replace(case, training=chosen, details={"constant": False})

    if constant:
        return case()
    plain = cases(domain, "small", networks(domain, "small", losses=(loss,), hidden_layers=(0, 0)))
    return st.builds(with_training, plain, training)


def _squared(network: Network, x: Array, signs: Array) -> tuple[Parameters, Batch]:
    """Return small inputs and far targets; with biases a mirrored sample as well, so that their gradients are 0."""
    parameters = Parameters.zeros(network)
    parameters.weight(0)[...] = np.where(np.arange(parameters.weight(0).size) % 2, -0.5, 1.0).reshape(-1, len(signs))
    x, y = x[np.newaxis] / _FAR, signs[np.newaxis] * _FAR * len(signs)
    if not network.bias:
        return parameters, Batch(x, y)
    return parameters, Batch(np.concatenate([x, -x]), np.concatenate([y, -y]))


def _saturated(network: Network, x: Array, signs: Array) -> tuple[Parameters, Batch]:
    """Return weights that make each output sure of the wrong label; for a softmax, output 0 of a wrong class."""
    parameters = Parameters.zeros(network)
    size = _SATURATED / 2.0 ** np.ceil(np.log2(len(x)))  # exact in any arithmetic
    if network.loss == "bce":
        parameters.weight(0)[...] = signs * size
        return parameters, Batch(x[np.newaxis], (signs[np.newaxis] < 0).astype(np.float64))
    parameters.weight(0)[:, 0] = size
    return parameters, Batch(x[np.newaxis], np.eye(len(signs))[[-1]])


def _each_time(domain: Domain, tier: Tier) -> list[Case]:
    """Return trainings of several hundred steps of one parameter, in the small tier."""
    loss = next((name for name in _CONSTANT_AT_LENGTH if name in domain.capabilities.losses), None)
    if tier == "wide" or loss is None:
        return []
    outputs, bias = 2 if loss == "softmax_cross_entropy" else 1, False not in domain.capabilities.bias
    network = Network((1, outputs), (), loss, bias)
    if domain.capabilities.max_samples == 1 and loss == "mse" and bias:
        return []
    make = _squared if loss == "mse" else _saturated
    parameters, batch = make(network, np.ones(1), np.ones(outputs))
    if loss != "mse":
        parameters.vector[...] *= _FAR_ENOUGH[domain.reach] / _SATURATED
    parameters, batch = parameters.astype(domain.dtype), batch.astype(domain.dtype)
    details = {"constant": True, "long": True}
    return [Case(network, parameters, batch, training, details) for training in long_trainings(domain)]


def _judge_long(implementation: Checked, case: Case) -> Judgement:
    """Judge the end of a long training alone.

    On a way in one direction, the gradient at each step lies between those at both ends, and no parameter is larger
    than at one of them.
    """
    after = train_if_it_converges(implementation, case)
    if after is None:
        return REJECTED
    training, u = case.training, implementation.unit_roundoff
    before = case.parameters.vector.astype(np.float64)
    first = expectation(implementation, case)
    g = first.gradient.vector
    end = closed_form(training, before, g)
    last = expectation(
        implementation, replace(case, parameters=Parameters(case.network, end.astype(implementation.dtype)))
    )
    error = np.maximum(first.gradient_tolerance, last.gradient_tolerance) + np.abs(last.gradient.vector - g)
    error = error * (1 + u) + u * np.abs(g)
    largest = np.maximum(np.abs(before), np.abs(end))
    right = moves(training, [largest] * training.steps, [g] * training.steps, [error] * training.steps, u)
    path = Path(implementation, case, (case.parameters, after), (first,))
    return _judge_end(path, g, after, right.tolerance.sum(axis=0), training.steps)


def _judge(implementation: Checked, case: Case) -> Judgement:
    if case.details.get("long"):
        return _judge_long(implementation, case)
    path = follow(implementation, case)
    if path is None:
        return REJECTED
    g = path.expected[0].gradient.vector
    # Where the gradient is said to be constant, how far it still changes is counted with its errors.
    right = path.moves(g if case.details["constant"] else None)
    # What earlier steps were off by, adamw's decay of later ones makes smaller.
    reach = np.cumsum(right.tolerance, axis=0)
    judgements = [_judge_steps(path, steps, g, reach[steps - 1]) for steps in range(1, case.training.steps + 1)]
    return together(*judgements)


def _judge_steps(path: Path, steps: int, g: Array, bound: Array) -> Judgement:
    return _judge_end(path, g, path.thetas[steps], bound, steps)


def _judge_end(path: Path, g: Array, after: Parameters, bound: Array, steps: int) -> Judgement:
    """Judge where so many steps lead."""
    case, training = path.case, path.case.training.with_steps(steps)
    before = case.parameters.vector.astype(np.float64)
    wanted = closed_form(training, before, g) - before
    moved = after.vector.astype(np.float64) - before
    bound = bound + (steps + _OWN_ROUNDINGS) * OWN_ROUNDOFF * (np.abs(wanted) + np.abs(before))

    def say(k: int, name: str, right: str, wrong: str) -> str:
        return (
            f"{in_words(training)} with the constant gradient {g[k]:.6g} should move {name} by {right}, and "
            f"{'move' if steps > 1 else 'moves'} it by {wrong}"
        )

    return judge_movement(path, (0, steps), moved, wanted, bound, say, in_words(training))


OPT2: Final = Property(
    id="OPT2",
    group="optimizers",
    title="closed forms of a constant gradient",
    statement="Where the gradient is the same in every step, the parameters after T steps are those of the optimizer's "
    "closed form.",
    formula="θ(T) − θ(0) = −η g Σₖ fₖ, k = 1 … T;  fₖ = 1 (sgd), (1 − μᵏ)/(1 − μ) (momentum), (1 − μᵏ⁺¹)/(1 − μ) "
    "(nesterov), 1/(|g| + ε) (adam), 1/(|g| √(1 − β₂ᵏ) + ε) (rmsprop), 1/(|g| √k + ε) (adagrad)",
    precondition="the state is fresh; the gradient is constant, as that of one layer is whose outputs are far from "
    "their targets: how far it still changes is counted with the tolerance",
    exactness=Exactness.ROUNDING,
    catches="momentum of the wrong sign or dampened, nesterov without look-ahead, adam without one of its bias "
    "corrections or with steps counted from another number, an epsilon at another place, averages for sums; a counter "
    "of steps that overflows, a training that ends early",
    source="Geometric sums of the rules of Y. Nesterov (1983), D. Kingma and J. Ba, Adam (2015), J. Duchi, E. Hazan, "
    "Y. Singer (2011, AdaGrad), T. Tieleman and G. Hinton (2012, RMSProp), I. Loshchilov and F. Hutter (2019, AdamW)",
    cases=_cases,
    always=_each_time,
    judge=_judge,
    promise=PROMISE,
    without_precondition=lambda domain: _cases(domain, "small", constant=False),
)
