"""LIN3: without hidden layers, plain descent on squared errors leads from every start to the same least loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.oracle.error_model import ErrorModel
from symtests.oracle.passes import loss as loss_of
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.least_squares import (
    NOTHING,
    long_training,
    singular_values,
    small_inputs,
    wide_inputs,
    with_bias_input,
)
from symtests.properties.drawing.strategies import cases, networks, seeds, small_numbers, supported, wide_parameters
from symtests.properties.judging.answers import OWN_ROUNDOFF
from symtests.properties.judging.judging import PROMISE, TRIVIAL, Telling, judge_equal, number, together
from symtests.properties.judging.telling import assertion, explained
from symtests.training import Training

__all__ = ["LIN3"]

_MOST_DRIFT: Final = 0.05
_DROPPED_STEPS: Final = 200


def _problems(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    """Draw cases with long trainings and a second start, `details["other"]`."""
    supported("optimizers", ("sgd",), domain.capabilities.optimizers)

    @st.composite
    def problem(draw: st.DrawFn) -> Case:
        plain = draw(drawn)
        network, vector = plain.network, plain.parameters.vector
        (inputs, outputs), samples, bias = network.sizes, len(plain.batch), network.bias
        if tier == "small":
            numbers = draw(st.sampled_from(small_inputs(samples, inputs, bias)))
            x, other = np.array(numbers).reshape(samples, inputs), draw(small_numbers(vector.size))
            if other == vector.tolist():
                other[0] = -other[0]
        else:
            random = np.random.default_rng(draw(seeds()))
            x = wide_inputs(samples, inputs, bias, random)
            other = wide_parameters(network, random, 1.0, domain.dtype).vector.tolist()
        x = x.astype(domain.dtype)
        training = long_training(with_bias_input(x, bias), outputs, domain.capabilities.roundoff(domain.dtype))
        return replace(plain, batch=replace(plain.batch, x=x), training=training, details={"other": other})

    nets = networks(domain, tier, losses=("mse",), hidden_layers=(0, 0))
    drawn = cases(domain, tier, nets, sample_weights=False)
    return problem()


def _with_hidden_layers(domain: Domain) -> st.SearchStrategy[Case]:
    """Draw cases of the small tier with hidden layers and a long training of small steps."""
    supported("optimizers", ("sgd",), domain.capabilities.optimizers)

    def trained(case: Case, factor: float) -> Case:
        other = (factor * case.parameters.vector).tolist()
        return replace(case, training=Training("sgd", 0.125, _DROPPED_STEPS), details={"other": other})

    drawn = cases(domain, "small", networks(domain, "small", losses=("mse",)), sample_weights=False)
    return st.builds(trained, drawn, st.sampled_from((-1.0, 0.5)))


# Where descent leads, and how far rounding leads it from there.


@dataclass(frozen=True, eq=False)
class _Descent:
    """A descent from one start: W(t + 1) = W(t) - eta c X^T (X W(t) - Y), c = 2 / (N m), X with the constant input.

    Parameters
    ----------
    name
        What to call the start.
    start, limit
        The parameter vectors, shape (n,), float64.
    reach
        How far from the limit the last step may end, shape (n,).
    loss_reach
        How far above the least loss.
    """

    name: str
    start: Array
    limit: Array
    reach: Array
    loss_reach: float


def _descent(implementation: Checked, case: Case, name: str, start: Array) -> _Descent | None:
    """Return where the training of a case leads from this start; None if the bound is too wide to be one.

    The difference D from the limit X^+ Y + (I - X^+ X) W_0 contracts by rho = max|1 - eta c s^2| < 1 in each step, s
    being the singular values of X that are not 0, and rounding adds E(t) to it. For each output, in the 2-norm,

        |D(T)| <= rho^T |D(0)| + eta |X| |e_delta| / (1 - rho) + sum_t [eta gamma_(N+8) |X|_F |delta(t)| + u |W(t)|]

    The error e_delta of the error signals gets into W as X^T e_delta, which contracts; what the products X^T delta and
    the updates lose may lie where nothing contracts, so that it adds up over all T steps if X has a null space, and to
    1 / (1 - rho) of it if not. |W(t)| <= |limit| + |D(0)|, and |z - y| <= |r| + |x_i| |D(t)| with the residual r of the
    limit. All that is computed differs from what is exact by less than one part in ten while |D| stays far below |W|.
    """
    x, y = with_bias_input(case.batch.x, case.network.bias), case.batch.y.astype(np.float64)
    model, (samples, outputs), fan_in = ErrorModel("certified", implementation.unit_roundoff), y.shape, x.shape[1]
    rate, steps, c = case.training.learning_rate, case.training.steps, 2 / y.size
    values, before = singular_values(x), start.reshape(fan_in, outputs)
    limit = before + np.linalg.pinv(x, rcond=NOTHING) @ (y - x @ before)
    rho = float(np.abs(1 - rate * c * values**2).max())
    lasting = 1 / (1 - rho)
    turns = float(steps) if len(values) < fan_in else min(float(steps), lasting)
    lengths, away = np.linalg.norm(x, axis=1, keepdims=True), np.linalg.norm(before - limit, axis=0)
    size, residual = np.linalg.norm(limit, axis=0) + away, np.abs(x @ limit - y)
    error_z = model.roundings(fan_in + 2) * lengths * size
    error_delta = c * (error_z + model.roundings(6) * (residual + lengths * away + error_z))
    all_deltas = c * (turns * residual + lasting * lengths * away) + turns * error_delta
    contracting = rate * values[0] * lasting * np.linalg.norm(error_delta, axis=0)
    products = rate * model.roundings(samples + 8) * np.linalg.norm(x) * np.linalg.norm(all_deltas, axis=0)
    updates = turns * (implementation.unit_roundoff * size + model.underflows(samples + fan_in))
    own = 16 * fan_in * OWN_ROUNDOFF * (values[0] / values[-1]) * size
    reach = 1.1 * (rho**steps * away + contracting + products + updates + own)
    if not (reach <= _MOST_DRIFT * size).all():
        return None
    loss_reach = float(values[0] ** 2 * (reach**2).sum() / y.size + 64 * OWN_ROUNDOFF * (residual**2 + y**2).mean())
    return _Descent(name, start, limit.ravel(), np.tile(reach, fan_in), loss_reach)


def _judge(implementation: Checked, case: Case) -> Judgement:
    starts = {
        "the first start": case.parameters.vector.astype(np.float64),
        "another start": np.array(case.details["other"], np.float64),
        "zero": np.zeros(case.network.parameter_count),
    }
    if case.network.hidden_sizes:
        return _judge_hidden(implementation, case, starts)
    judgements = []
    for name, start in starts.items():
        descent = _descent(implementation, case, name, start)
        if descent is None:
            return Judgement("too_wide")
        judgements.append(_judge_limit(implementation, case, descent))
        if judgements[-1].outcome == "violated":
            return judgements[-1]
    return together(*judgements)


def _ended(implementation: Checked, case: Case, start: Array) -> Parameters:
    here = Parameters(case.network, start.astype(implementation.dtype))
    return implementation.train(case.network, here, case.batch, case.training)


def _judge_limit(implementation: Checked, case: Case, descent: _Descent) -> Judgement:
    after = _ended(implementation, case, descent.start)

    def tell(k: int) -> Telling:
        name, largest = after.name_of(k), float(descent.reach[k])
        return Telling(
            f"from {descent.name}, {_steps(case)} lead {name} to {number(after.vector[k])}, but of all parameters with "
            f"the least loss, those nearest to the start have {number(after.dtype.type(descent.limit[k]))}"
            f"{explained(largest)}",
            f"{name} after {case.training.steps} steps",
            (
                *_training_script(implementation, case, descent.start),
                f"x = batch.x.astype(float){_BIAS_IN_SCRIPT if case.network.bias else ''}",
                "before, after = (v.astype(float).reshape(x.shape[1], -1) for v in (start, after))",
                "limit = (before + np.linalg.pinv(x, rcond=1e-9) @ (batch.y - x @ before)).ravel()",
                assertion(f"after.ravel()[{k}]", f"limit[{k}]", largest),
            ),
        )

    of_limit = judge_equal(after.vector, descent.limit, tell, bound=descent.reach, promise=PROMISE)
    if of_limit.outcome == "violated":
        return of_limit
    least = loss_of(case.network, Parameters(case.network, descent.limit), case.batch)
    reached = loss_of(case.network, after.astype(np.float64), case.batch)
    told = Telling(
        f"from {descent.name}, {_steps(case)} reach the loss {reached:.9g}, but the least is {least:.9g}"
        f"{explained(descent.loss_reach)}",
        "loss after the training",
    )
    of_loss = judge_equal([reached], [least], lambda _: told, bound=descent.loss_reach, trivial=False)
    return together(of_limit, replace(of_loss, detectable=0.0))


_BIAS_IN_SCRIPT: Final = "; x = np.hstack([x, np.ones((len(x), 1))])"


def _steps(case: Case) -> str:
    return f"{case.training.steps} steps of learning rate {case.training.learning_rate:g}"


def _training_script(implementation: Checked, case: Case, start: Array) -> tuple[str, ...]:
    rate = case.training.learning_rate / implementation.capabilities.scale_in_training(case.network.loss)
    return (
        f"start = np.array({start.tolist()!r}, parameters.dtype)",
        f"training = Training('sgd', {rate!r}, {case.training.steps})",
        "after = implementation.train(network, Parameters(network, start.copy()), batch, training)",
        "after = np.asarray(getattr(after, 'vector', after))",
    )


def _judge_hidden(implementation: Checked, case: Case, starts: Mapping[str, Array]) -> Judgement:
    """Judge the losses alone, to a thousandth of the larger: with hidden layers there is no such limit."""
    (first, start), *others = starts.items()
    ends = [_ended(implementation, case, begun).astype(np.float64) for begun in starts.values()]
    expected, *found = (loss_of(case.network, end, case.batch) for end in ends)
    bounds = PROMISE * np.maximum(found, expected)

    def tell(k: int) -> Telling:
        name, other = others[k]
        return Telling(
            f"from {first}, {_steps(case)} reach the loss {expected:.9g}, but from {name} {found[k]:.9g}",
            "loss after the training",
            (
                *_training_script(implementation, case, start),
                "one = after.astype(float)",
                *_training_script(implementation, case, other),
                "from symtests.oracle import loss",
                "one, other = (loss(network, Parameters(network, v), batch) for v in (one, after.astype(float)))",
                assertion("one", "other", float(bounds[k])),
            ),
        )

    judged = judge_equal(found, np.full(len(found), expected), tell, bound=bounds)
    return judged if judged.outcome == "violated" else TRIVIAL


LIN3: Final = Property(
    id="LIN3",
    group="no_hidden_layer",
    title="without hidden layers, every start leads to the least loss",
    statement="Where there is no hidden layer and the loss is the squared error, plain gradient descent leads from "
    "every start to the least loss: to those parameters, of all that have it, that are nearest to the start.",
    formula="W(t) → X⁺Y + (I − X⁺X) W(0) as t → ∞, X with a column of ones where there are biases; L(t) → min L",
    precondition="no hidden layer; mse without sample weights; plain gradient descent with η < 2/λ, λ the largest "
    "curvature; of the eigenvalues of the Gram matrix that are not 0, none exceeds another by more than 4 times, so "
    "that at most two hundred steps forget the start but for rounding",
    exactness=Exactness.ROUNDING,
    catches="a decay that nobody asked for, a learning rate that fades or a training that stops before it is done, a "
    "start that is replaced, momentum kept where there should be none, steps that are lost or clipped",
    source="The gradient lies in the row space of X, where descent contracts, and leaves the rest as it was: "
    "G. Golub, C. Van Loan, Matrix Computations (2013), on the least-squares solution of least norm.",
    claims=("S10",),
    cases=_problems,
    judge=_judge,
    promise=PROMISE,
    without_precondition=_with_hidden_layers,
)
