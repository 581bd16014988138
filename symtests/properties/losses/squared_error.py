"""LOSS5, LOSS7: a squared error is of degree 2 in outputs and targets, and nothing where they agree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.coarse_arithmetic import leaves_half
from symtests.properties.drawing.questions import ANY_DEPTH
from symtests.properties.drawing.strategies import cases, networks
from symtests.properties.judging.answers import Measured, measure, positions
from symtests.properties.judging.judging import PROMISE, REJECTED, TRIVIAL, Telling, expectation, judge_equal, number
from symtests.properties.judging.relations import Relation, judge_relation, same_answer
from symtests.properties.judging.telling import assertion, explained

__all__ = ["LOSS5", "LOSS7"]


def _cases_of(domain: Domain, tier: Tier, loss: str) -> st.SearchStrategy[Case]:
    return cases(domain, tier, networks(domain, tier, losses=(loss,), hidden_layers=ANY_DEPTH[tier]))


# LOSS5: a squared error is of degree 2.


def _with_factor(domain: Domain, tier: Tier, loss: str = "mse") -> st.SearchStrategy[Case]:
    """Draw cases with a factor of outputs and targets, `details["factor"]`; one that keeps targets in [0, 1]."""
    factors = st.sampled_from((2.0, 0.5, 4.0, 0.25, 8.0) if loss == "mse" else (0.5, 0.25))
    return st.builds(
        lambda case, factor: replace(case, details={"factor": factor}), _cases_of(domain, tier, loss), factors
    )


def _judge_factor(implementation: Checked, case: Case) -> Judgement:
    factor, last = float(case.details["factor"]), case.network.layer_count - 1
    if leaves_half(expectation(implementation, case), implementation.unit_roundoff, max(factor**2, 1.0)):
        return REJECTED
    weight, bias = positions(case.network, last)
    output = np.concatenate([weight.ravel(), bias])
    parameters = case.parameters.copy()
    parameters.vector[output] *= factor
    same = same_answer(case)
    coefficients = np.full_like(same.coefficients, factor**2)
    coefficients[output] = factor
    y = case.batch.y * case.batch.y.dtype.type(factor)
    scaled_bias = [f"parameters.bias({last})[...] *= {factor!r}"] * case.network.bias
    relation = Relation(
        replace(case, parameters=parameters, batch=replace(case.batch, y=y)),
        (replace(same, coefficients=coefficients, of_loss=factor**2),),
        f"outputs and targets are multiplied by {factor:g}, which multiplies a squared error by {factor**2:g}",
        (
            "before = ask(parameters)",
            f"parameters.weight({last})[...] *= {factor!r}",
            *scaled_bias,
            f"batch = Batch(batch.x, batch.y * batch.y.dtype.type({factor!r}), batch.sample_weights)",
            "found = ask(parameters)",
        ),
    )
    # A gradient that is recovered from a step has been rounded with the parameters, which were scaled otherwise.
    return judge_relation(implementation, relation, bits=implementation.offers("loss_and_gradient"))


# LOSS7: where the outputs are right there is nothing to learn.


def _with_offset(domain: Domain, tier: Tier, offset: float) -> st.SearchStrategy[Case]:
    """Draw cases whose targets will be the outputs plus `details["offset"]`."""
    return _cases_of(domain, tier, "mse").map(lambda case: replace(case, details={"offset": offset}))


def _judge_right_outputs(implementation: Checked, case: Case) -> Judgement:
    usual = measure(implementation, case).expected
    if not usual.gradient.vector.any():
        return TRIVIAL
    outputs, asks = usual.stages.pre_activations[-1].astype(implementation.dtype), implementation.offers("predict")
    if asks:
        outputs = implementation.predict(case.network, case.parameters, case.batch.x)
    y = outputs + outputs.dtype.type(case.details["offset"])
    measured = measure(implementation, replace(case, batch=replace(case.batch, y=y)))
    gradient, bound = measured.answer.gradient, None
    if not (asks and implementation.capabilities.index_independent):
        bound = measured.tolerance + _excused(measured)

    def tell(k: int) -> Telling:
        name, largest = gradient.name_of(k), 0.0 if bound is None else float(bound[k])
        whence = "implementation.predict(network, parameters, batch.x)" if asks else repr(outputs.tolist())
        return Telling(
            f"the targets are the outputs themselves{_plus(case.details['offset'])}, the first being "
            f"{number(y[0, 0])}, but the gradient of {name} is {number(gradient.vector[k])}{explained(largest)}",
            f"gradient of {name}",
            (
                f"outputs = np.array({whence}, parameters.dtype)",
                f"targets = outputs + outputs.dtype.type({case.details['offset']!r})",
                "batch = Batch(batch.x, targets, batch.sample_weights)",
                assertion(f"gradient(parameters)[{k}]", "0.0", largest),
            ),
        )

    zeros = np.zeros_like(gradient.vector)
    if bound is None:
        return judge_equal(gradient.vector, zeros, tell, trivial=False)
    judgement = judge_equal(gradient.vector, zeros, tell, bound=bound, tolerance=measured.expected.form, trivial=False)
    # What a fault is relative to is the gradient that other targets give.
    size = np.abs(usual.gradient.vector)
    seen = size > 0
    detectable = float(np.median(2 * bound[seen] / size[seen]))
    too_wide = judgement.outcome == "held" and detectable > PROMISE
    return replace(judgement, outcome="too_wide" if too_wide else judgement.outcome, detectable=detectable)


def _excused(measured: Measured) -> Array:
    """Return the right gradient's size where the targets are the right outputs to rounding: it is not quite 0 then."""
    expected = measured.expected
    apart = np.abs(expected.stages.pre_activations[-1] - measured.case.batch.y)
    is_rounding = bool((apart <= expected.stage_tolerances.pre_activations[-1]).all())
    size: Array = np.abs(expected.gradient.vector) * is_rounding
    return size


def _plus(offset: float) -> str:
    return f" plus {offset:g}" if offset else ""


LOSS5 = Property(
    id="LOSS5",
    group="loss",
    title="a squared error is of degree 2",
    statement="Multiplying outputs and targets by a power of two multiplies a mean squared error and the gradients of "
    "hidden layers by its square, and the gradients of the output layer by it.",
    formula="(W_L, c, y) → s (W_L, c, y)  ⇒  L → s²L, (∂W_L, ∂c) → s (∂W_L, ∂c), (∂Wₗ, ∂bₗ) → s² (∂Wₗ, ∂bₗ) for l < "
    "L,  s = 2ᵖ",
    precondition="mse; s is a power of two; no product underflows or overflows",
    exactness=Exactness.BITWISE_ALWAYS,
    catches="gradients or residuals clipped on the quiet, a Huber loss sold as squared error, an epsilon that is added",
    source="Products with powers of two are exact: N. Higham, Accuracy and Stability of Numerical Algorithms (2002), "
    "chapter 2.",
    cases=_with_factor,
    judge=_judge_factor,
    promise=PROMISE,
    without_precondition=lambda domain: _with_factor(domain, "small", "bce"),
)
LOSS7 = Property(
    id="LOSS7",
    group="loss",
    title="right outputs, no gradient",
    statement="Where the targets are the outputs themselves, the gradient of a mean squared error is 0.",
    formula="y = z_L(x)  ⇒  ∇L = 0",
    precondition="mse; the targets are what the implementation predicts for these inputs",
    exactness=Exactness.BITWISE,
    catches="targets paired with other samples or outputs, a forward pass in training that is not that of prediction "
    "(dropout left on), a penalty on the weights, outputs clipped",
    source="Follows from δ_L = 2 (z_L − y) / (N m).",
    cases=lambda domain, tier: _with_offset(domain, tier, 0.0),
    judge=_judge_right_outputs,
    promise=PROMISE,
    without_precondition=lambda domain: _with_offset(domain, "small", 0.5),
)
