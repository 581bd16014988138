"""LOSS3, LOSS4, LOSS8: the loss of a batch is the weighted mean over its samples, whatever their order."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.questions import ANY_DEPTH, samples_of
from symtests.properties.drawing.strategies import cases, networks, seeds
from symtests.properties.judging.judging import PROMISE, Telling, expectation, judge_equal, step_tolerance, together
from symtests.properties.judging.relations import Relation, judge_relation, same_answer
from symtests.properties.judging.telling import assertion, explained
from symtests.training import Training

__all__ = ["LOSS3", "LOSS4", "LOSS8"]

_MOST_SAMPLES: Final[dict[Tier, int]] = {"small": 2, "wide": 9}
_COPIES: Final[dict[Tier, tuple[int, ...]]] = {"small": (2, 3), "wide": (2, 3, 16)}
"""How often each sample may be there: with 16 copies batches are so large that work may be shared out otherwise."""
_STEP: Final = Training("sgd", 1.0, 1)
_SOURCE: Final = "The definition of the loss: L = Σᵢ sᵢ Lᵢ / Σᵢ sᵢ."
_Rows = npt.NDArray[np.intp]


def _cases_of(domain: Domain, tier: Tier, *, sample_weights: bool = True) -> st.SearchStrategy[Case]:
    drawn = networks(domain, tier, hidden_layers=ANY_DEPTH[tier])
    return cases(domain, tier, drawn, samples=(2, _MOST_SAMPLES[tier]), sample_weights=sample_weights)


# LOSS3: the mean over samples.


def _sometimes_with_zeros(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    """Draw cases in some of which all inputs of the first sample are 0, as those of padding are."""

    def without_inputs(case: Case) -> Case:
        x = case.batch.x.copy()
        x[0] = 0
        return replace(case, batch=replace(case.batch, x=x))

    zeros = st.sampled_from((False, False, True))
    return st.builds(lambda case, zero: without_inputs(case) if zero else case, _cases_of(domain, tier), zeros)


def _judge_mean(implementation: Checked, case: Case) -> Judgement:
    weights = case.batch.sample_weights
    shares = np.ones(len(case.batch)) if weights is None else weights.astype(np.float64)
    shares /= shares.sum()
    terms = []
    for sample, share in enumerate(shares):
        alone = same_answer(replace(case, batch=samples_of(case.batch, slice(sample, sample + 1))))
        terms.append(replace(alone, coefficients=share * alone.coefficients, of_loss=float(share)))
    relation = Relation(
        case,
        tuple(terms),
        f"the answer to a batch of {len(case.batch)} samples is not the mean of the answers to each sample alone",
        (
            "found = ask(parameters)",
            "whole, before, weights = batch, 0.0, batch.sample_weights",
            "shares = np.ones(len(whole)) if weights is None else weights.astype(float)",
            "for i, share in enumerate(shares / shares.sum()):",
            "    weight = None if weights is None else weights[i:i + 1]",
            "    batch = Batch(whole.x[i:i + 1], whole.y[i:i + 1], weight)",
            "    before = before + share * ask(parameters)",
        ),
    )
    return judge_relation(implementation, relation)


# LOSS4: order and copies. LOSS8: weights and copies.


def _judge_rows(implementation: Checked, case: Case, other: Case, why: str, line: str) -> Judgement:
    """Judge whether another batch has the same loss and gradient, and whether one plain step on it is the same.

    `line` is the line of a script that makes the other batch.
    """
    script = ("before = ask(parameters)", line, "found = ask(parameters)")
    of_gradient = judge_relation(implementation, Relation(other, (same_answer(case),), why, script))
    if not implementation.offers("loss_and_gradient") or "sgd" not in implementation.capabilities.optimizers:
        return of_gradient  # recovered from that very step, or there is no such step
    return together(of_gradient, _judge_step(implementation, case, other, why, line))


def _judge_step(implementation: Checked, case: Case, other: Case, why: str, line: str) -> Judgement:
    case, other = replace(case, training=_STEP), replace(other, training=_STEP)
    start = case.parameters.vector.astype(np.float64)
    steps, bound, form = [], np.zeros_like(start), expectation(implementation, case).form
    for question in (case, other):
        after = implementation.train(question.network, question.parameters, question.batch, question.training)
        steps.append(after.vector - start)
        bound += step_tolerance(implementation, question, expectation(implementation, question))
    rate = 1.0 / implementation.capabilities.scale_in_training(case.network.loss)

    def tell(k: int) -> Telling:
        name, largest = case.parameters.name_of(k), float(bound[k])
        return Telling(
            f"{why}: one step of sgd with learning rate 1 should move {name} by {steps[0][k]:.9g} as before, and moves "
            f"it by {steps[1][k]:.9g}{explained(largest)}",
            f"{name} after one step",
            (
                f"step = Training('sgd', {rate!r}, 1)",
                "before = implementation.train(network, parameters.copy(), batch, step)",
                line,
                "found = implementation.train(network, parameters.copy(), batch, step)",
                'before, found = (np.asarray(getattr(theta, "vector", theta)) for theta in (before, found))',
                assertion(f"found[{k}]", f"before[{k}]", largest),
            ),
        )

    return judge_equal(steps[1], steps[0], tell, bound=bound, promise=PROMISE, tolerance=form)


def _with_order(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    """Draw cases with the rows of another batch: every sample as often as any other, `details["rows"]`."""
    most = domain.capabilities.max_samples

    @st.composite
    def with_order(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        count = len(case.batch)
        possible = [k for k in _COPIES[tier] if most is None or k * count <= most] or [1]
        copies = possible[0] if domain.capabilities.few_shapes else draw(st.sampled_from(possible))
        rows = np.tile(np.arange(count)[::-1], copies)
        if tier == "wide":
            rows = np.random.default_rng(draw(seeds())).permutation(rows)
        return replace(case, details={"rows": rows.tolist()})

    drawn = _cases_of(domain, tier)
    return with_order()


def _judge_order(implementation: Checked, case: Case) -> Judgement:
    rows = np.array(case.details["rows"])
    copies = len(rows) // len(case.batch)
    times = "once" if copies == 1 else f"{copies} times"
    return _judge_rows(
        implementation,
        case,
        replace(case, batch=samples_of(case.batch, rows)),
        f"each of the {len(case.batch)} samples is there {times} and in another order, which leaves their mean",
        _line(rows, "None if batch.sample_weights is None else batch.sample_weights[rows]"),
    )


def _line(rows: _Rows, weights: str) -> str:
    return f"rows = {rows.tolist()!r}; batch = Batch(batch.x[rows], batch.y[rows], {weights})"


def _with_weights(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    """Draw cases in which samples have whole weights, not all the same: some 0, but not all."""
    if not domain.capabilities.sample_weights:
        raise Unsupported("the property needs sample weights; it has none")
    most = domain.capabilities.max_samples
    draw_weight = st.sampled_from((2.0, 0.0, 1.0, 3.0))

    @st.composite
    def with_weights(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        weights = [draw(draw_weight) for _ in range(len(case.batch))]
        if len(set(weights)) == 1:
            weights[0] = 1.0 if weights[0] != 1 else 0.0
        if most is not None and sum(weights) > most:
            weights = [0.0, *(1.0 for _ in weights[1:])]
        if domain.capabilities.few_shapes:  # one sum for each number of samples
            weights = [(2.0, 0.0, 3.0, 1.0)[sample % 4] for sample in range(len(weights))]
        return replace(case, batch=replace(case.batch, sample_weights=np.array(weights, domain.dtype)))

    drawn = _cases_of(domain, tier, sample_weights=False)
    return with_weights()


def _judge_weights(implementation: Checked, case: Case) -> Judgement:
    weights = case.batch.sample_weights
    assert weights is not None  # by `_with_weights`
    rows = np.repeat(np.arange(len(case.batch)), weights.astype(int))
    shown = ", ".join(f"{weight:g}" for weight in weights[:4]) + (", ..." if len(weights) > 4 else "")
    return _judge_rows(
        implementation,
        case,
        replace(case, batch=replace(samples_of(case.batch, rows), sample_weights=None)),
        f"in place of the weights ({shown}) each sample is there as often as its weight says",
        _line(rows, "None"),
    )


LOSS3 = Property(
    id="LOSS3",
    group="loss",
    title="a batch is the mean of its samples",
    statement="Loss and gradient of a batch are the means of those of its samples, weighted by their weights.",
    formula="L(batch) = Σᵢ sᵢ L(sample i) / Σᵢ sᵢ,  ∇L likewise",
    precondition="at least two samples",
    exactness=Exactness.ROUNDING,
    catches="1/N missing or applied twice, a bias gradient averaged twice, a sample left out, sums in too coarse an "
    "arithmetic",
    source=_SOURCE,
    cases=_sometimes_with_zeros,
    judge=_judge_mean,
    promise=PROMISE,
)
LOSS4 = Property(
    id="LOSS4",
    group="loss",
    title="order and copies of samples do not matter",
    statement="A batch that holds every sample k times, in another order, has the same loss, gradient and plain step.",
    formula="L(k copies of each sample, in any order) = L(batch),  ∇L likewise",
    precondition="at least two samples",
    exactness=Exactness.ROUNDING,
    catches="updates after each sample within a batch, 1/N missing, samples left out, state that is carried from "
    "sample to sample",
    source=_SOURCE,
    cases=_with_order,
    judge=_judge_order,
    promise=PROMISE,
)
LOSS8 = Property(
    id="LOSS8",
    group="loss",
    title="a weight counts copies",
    statement="A sample of weight 0 may as well be left out, and one of weight k is as good as k copies.",
    formula="L(samples xᵢ with weights kᵢ) = L(kᵢ copies of each xᵢ),  ∇L likewise",
    precondition="whole weights, not all 0",
    exactness=Exactness.ROUNDING,
    catches="sample weights ignored, or a mean over N in place of the sum of weights",
    source=_SOURCE,
    claims=("S16",),
    cases=_with_weights,
    judge=_judge_weights,
    promise=PROMISE,
)
