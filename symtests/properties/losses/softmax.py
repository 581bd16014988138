"""LOSS1, LOSS2, LOSS6: a softmax cancels, does not see a shift, and of two outputs is a logistic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.implementations.checked import Checked
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.questions import ANY_DEPTH
from symtests.properties.drawing.strategies import cases, networks, supported
from symtests.properties.judging.answers import measure, positions
from symtests.properties.judging.judging import PROMISE, REJECTED, Telling, judge_equal
from symtests.properties.judging.relations import Relation, exactly, judge_relation, on_grid, same_answer
from symtests.properties.judging.telling import READ_GRADIENT, assertion, explained

__all__ = ["LOSS1", "LOSS2", "LOSS6"]

_SOFTMAX: Final = "softmax_cross_entropy"
_BIAS_STEP: Final = 2.0**-12
_BRIDLE: Final = (
    "J. Bridle, Probabilistic interpretation of feedforward classification network outputs, with relationships to "
    "statistical pattern recognition (1990): the softmax"
)


def _cases_of(
    domain: Domain,
    tier: Tier,
    loss: str,
    *,
    bias: Sequence[bool] = (False, True),
    outputs: tuple[int, int] | None = None,
) -> st.SearchStrategy[Case]:
    drawn = networks(domain, tier, losses=(loss,), bias=bias, hidden_layers=ANY_DEPTH[tier], outputs=outputs)
    return cases(domain, tier, drawn)


# LOSS1: what a softmax gives to one output it takes from the others.


def _judge_zero_sums(implementation: Checked, case: Case) -> Judgement:
    measured = measure(implementation, case)
    last = case.network.layer_count - 1
    weight, bias = positions(case.network, last)
    where = np.vstack([weight, bias]) if case.network.bias else weight
    rises = measured.vector[where] >= 0
    found, found_error = measured.sums(rises.astype(np.float64), where)
    expected, expected_error = measured.sums(np.where(rises, 0.0, -1.0), where)
    bound = found_error + expected_error

    def tell(row: int) -> Telling:
        name = f"W{last + 1}[{row},:]" if row < len(weight) else f"b{last + 1}"
        place = f"g.weight({last})[{row}]" if row < len(weight) else f"g.bias({last})"
        largest, total = float(bound[row]), float(found[row] - expected[row])
        return Telling(
            f"the outputs go through a softmax, so the gradients of {name} cancel, but they add up to {total:.9g}: "
            f"those above 0 to {found[row]:.9g}, those below to {-expected[row]:.9g}{explained(largest)}",
            f"gradients of {name} above 0, against those below",
            (READ_GRADIENT, assertion(f"{place}.astype(float).sum()", "0.0", largest)),
        )

    return judge_equal(found, expected, tell, bound=bound, promise=PROMISE, tolerance=measured.expected.form)


# LOSS2: a softmax does not see a shift of all outputs.


def _with_shift(domain: Domain, tier: Tier, loss: str = _SOFTMAX) -> st.SearchStrategy[Case]:
    """Draw cases with a shift of all outputs, `details["shift"]`, that can be added to their biases exactly."""
    shifts = st.sampled_from((1.0, -1.0, 0.5, 2.0, -4.0))

    def shifted(case: Case, shift: float) -> Case:
        parameters = case.parameters.copy()
        if tier == "wide":
            last = parameters.bias(case.network.layer_count - 1)
            last[...] = on_grid(last, _BIAS_STEP)
        return replace(case, parameters=parameters, details={"shift": shift})

    return st.builds(shifted, _cases_of(domain, tier, loss, bias=(True,)), shifts)


def _judge_shift(implementation: Checked, case: Case) -> Judgement:
    shift, last = case.details["shift"], case.network.layer_count - 1
    moved = exactly(case.parameters.bias(last).astype(np.float64) + shift, case.parameters.dtype)
    if moved is None:
        return REJECTED
    parameters = case.parameters.copy()
    parameters.bias(last)[...] = moved
    relation = Relation(
        replace(case, parameters=parameters),
        (same_answer(case),),
        f"all biases of the outputs are raised by {shift:g}, which a softmax does not see",
        ("before = ask(parameters)", f"parameters.bias({last})[...] += {shift!r}", "found = ask(parameters)"),
    )
    return judge_relation(implementation, relation)


# LOSS6: a softmax of two outputs, one of them 0, is a logistic of the other.


def _with_one_output(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    supported("losses", (_SOFTMAX,), domain.capabilities.losses)
    return _cases_of(domain, tier, "bce", outputs=(1, 1))


def _judge_two_outputs(implementation: Checked, case: Case) -> Judgement:
    one, last = case.network, case.network.layer_count - 1
    two = Network((*one.sizes[:-1], 2), one.activations, _SOFTMAX, one.bias)
    parameters = Parameters.zeros(two, case.parameters.dtype)
    hidden = slice(0, one.weight_slice(last).start)
    parameters.vector[hidden] = case.parameters.vector[hidden]
    parameters.weight(last)[:, 1] = case.parameters.weight(last)[:, 0]
    parameters.bias(last)[1:] = case.parameters.bias(last)
    y = np.column_stack([1 - case.batch.y, case.batch.y])
    where, coefficients = np.arange(two.parameter_count), np.ones(two.parameter_count)
    for mine, its in zip(positions(one, last), positions(two, last), strict=True):
        where[its.ravel()] = np.repeat(mine.ravel(), 2)
        coefficients[its[..., ::2]] = -1
    relation = Relation(
        replace(case, network=two, parameters=parameters, batch=replace(case.batch, y=y)),
        (replace(same_answer(case), coefficients=coefficients, where=where),),
        "in place of a logistic output z there are two that go through a softmax, 0 and z",
        _lines_of_two_outputs(two),
    )
    return judge_relation(implementation, relation)


def _lines_of_two_outputs(two: Network) -> tuple[str, ...]:
    biases = ", [*one.biases[:-1], np.append(0, one.biases[-1])]" if two.bias else ", []"
    return (
        "before, one = ask(parameters), parameters",
        f"network = Network({two.sizes!r}, {list(two.activations)!r}, {two.loss!r}, bias={two.bias!r})",
        "outgoing = np.column_stack([0 * one.weights[-1], one.weights[-1]])",
        f"parameters = Parameters.from_layers(network, [*one.weights[:-1], outgoing]{biases}, one.dtype)",
        "batch = Batch(batch.x, np.column_stack([1 - batch.y, batch.y]), batch.sample_weights)",
        "found = ask(parameters)",
    )


LOSS1 = Property(
    id="LOSS1",
    group="loss",
    title="the gradients of a softmax cancel",
    statement="Under softmax cross-entropy the gradients of the weights from one unit to all outputs add up to 0, and "
    "so do those of the output biases.",
    formula="Σₖ (∂W_L)ⱼₖ = 0 for every j,  Σₖ ∂cₖ = 0",
    precondition="softmax cross-entropy; the targets of each sample add up to 1",
    exactness=Exactness.ROUNDING,
    catches="a softmax treated as logistic outputs, a softmax over the wrong axis, an output left out",
    source=_BRIDLE,
    cases=lambda domain, tier: _cases_of(domain, tier, _SOFTMAX),
    judge=_judge_zero_sums,
    promise=PROMISE,
    without_precondition=lambda domain: _cases_of(domain, "small", "bce", outputs=(2, 2)),
)
LOSS2 = Property(
    id="LOSS2",
    group="loss",
    title="a softmax does not see a shift",
    statement="Under softmax cross-entropy, raising all output biases by one number changes neither the loss nor the "
    "gradient.",
    formula="z′ = z + t  ⇒  L′ = L, ∇L′ = ∇L",
    precondition="softmax cross-entropy; the targets of each sample add up to 1; the outputs have biases",
    exactness=Exactness.ROUNDING,
    catches="a softmax treated as logistic outputs, outputs clipped, a constant inside the logarithm, a sum that is "
    "not taken over all outputs",
    source=_BRIDLE,
    cases=_with_shift,
    judge=_judge_shift,
    promise=PROMISE,
    without_precondition=lambda domain: _with_shift(domain, "small", "mse"),
)
LOSS6 = Property(
    id="LOSS6",
    group="loss",
    title="two outputs of a softmax are one logistic output",
    statement="Softmax cross-entropy with the outputs 0 and z is binary cross-entropy with the output z: loss and "
    "gradient agree, and the gradient of the output 0 is the negative of that of z.",
    formula="softmax_cross_entropy((0, z), (1 − y, y)) = bce(z, y)",
    precondition="one output; the first output of the softmax has weights 0",
    exactness=Exactness.ROUNDING,
    catches="bce with an extra σ′, targets off by one class, a softmax treated as logistic outputs, a mean over "
    "outputs in one loss and not in the other",
    source="Follows from softmax((0, z))₂ = logistic(z).",
    cases=_with_one_output,
    judge=_judge_two_outputs,
    promise=PROMISE,
)
