"""NUM2: outputs in the thousands overflow nothing, and no loss is capped."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.oracle import predict
from symtests.oracle.losses import coefficients
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier, Violation
from symtests.properties.drawing.coarse_arithmetic import HALF
from symtests.properties.drawing.questions import ANY_DEPTH
from symtests.properties.drawing.strategies import cases, networks
from symtests.properties.judging.answers import OWN_ROUNDOFF, Measured, near_a_kink, positions
from symtests.properties.judging.judging import REJECTED, TRIVIAL, Telling, judge_equal, number, together, violated
from symtests.properties.judging.telling import explained

__all__ = ["NUM2"]

_LOSSES: Final = ("bce", "softmax_cross_entropy", "logistic_mse")
_SIZES: Final = (4096.0, 1024.0, 256.0)
_LARGE: Final = 128.0
"""From here on exp overflows in float32, and its reciprocal is below every bound at which a probability is clipped."""
_ROUNDED_UP: Final = 1 + 1e-6
"""Makes up for the rounding of outputs of up to 10^9, in float64, of which exponentials are taken."""
_LARGEST_HALF: Final = 65504.0


def _with_large_outputs(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    """Draw cases whose output layer is multiplied by a power of two, such that an output exceeds 4096 or less."""

    def enlarged(case: Case, size: float) -> Case:
        parameters, last = case.parameters.copy(), case.network.layer_count - 1
        largest = float(np.abs(predict(case.network, parameters, case.batch.x)).max())
        factor = 2.0 ** np.clip(np.ceil(np.log2(size / largest)), 0, 20) if largest else size
        for array in (parameters.weight(last), parameters.bias(last)):
            array *= array.dtype.type(factor)
        return replace(case, parameters=parameters)

    drawn = cases(domain, tier, networks(domain, tier, losses=_LOSSES, hidden_layers=ANY_DEPTH[tier]))
    return st.builds(enlarged, drawn, st.sampled_from(_SIZES))


def _judge(implementation: Checked, case: Case) -> Judgement:
    answer = implementation.loss_and_gradient(case.network, case.parameters, case.batch, finite=False)
    measured = Measured(implementation, case, answer)
    largest = float(np.abs(measured.expected.stages.pre_activations[-1]).max())
    if near_a_kink(case, measured.expected) or (implementation.unit_roundoff == HALF and _overflows_half(measured)):
        return REJECTED
    if largest < _LARGE:
        return TRIVIAL
    of_loss = _judge_loss(measured, largest)
    return of_loss if of_loss.outcome == "violated" else together(of_loss, _judge_gradient(measured, largest))


def _overflows_half(measured: Measured) -> bool:
    """Tell whether what is added up on the way to the outputs, or back, may exceed the largest float16 in all."""
    last, parameters = measured.case.network.layer_count - 1, measured.case.parameters
    weight, bias = (np.abs(array.astype(np.float64)) for array in (parameters.weight(last), parameters.bias(last)))
    forward = np.abs(measured.expected.stages.activations[last]) @ weight + bias.sum()
    hidden = (np.abs(array.astype(np.float64)).sum() for array in parameters.weights[:-1])
    back = len(forward) * weight.sum() * math.prod(max(1.0, float(size)) for size in hidden)
    return max(float(forward.sum()), back) > _LARGEST_HALF


def _loss_limits(measured: Measured) -> tuple[float, float]:
    """Return the least and the greatest loss of these outputs, whatever lies between the largest and the others."""
    loss, batch = measured.case.network.loss, measured.case.batch
    z, y = measured.expected.stages.pre_activations[-1], batch.y.astype(np.float64)
    if loss == "logistic_mse":
        return 0.0, 1.0
    if loss == "bce":  # max(z, 0) <= softplus(z) <= max(z, 0) + ln 2
        margins, width = np.maximum(z, 0) - y * z, np.log(2)
    else:  # max z <= logsumexp(z) <= max z + ln K
        margins, width = y * (z.max(axis=1, keepdims=True) - z), np.log(z.shape[1])
    margin = float((coefficients(loss, batch) * margins).sum())
    return margin, margin + float(width)


def _judge_loss(measured: Measured, largest: float) -> Judgement:
    """Judge whether the loss is finite, and lies between its margin and little more; what is not reported holds."""
    loss, (low, high), bound = measured.answer.loss, _loss_limits(measured), measured.loss_tolerance
    if loss is None:
        return Judgement("held", bitwise=True)
    form = measured.expected.form
    if low - bound <= loss <= high + bound:
        outside = max(low - loss, loss - high, 0.0)
        return Judgement("held", fraction=outside / bound if outside else 0.0, tolerance=form)
    scale = float(measured.implementation.capabilities.loss_scale.get(measured.case.network.loss, 1.0))
    script = (
        f"loss = implementation.loss_and_gradient(network, parameters, batch)[0] / {scale!r}",
        f"assert {low - bound!r} <= loss <= {high + bound!r}, loss",
    )
    sentence = (
        f"the outputs reach {largest:.6g}, so {measured.case.network.loss} lies between {low:.9g} and {high:.9g}, "
        f"but the loss is {number(loss)}{explained(bound)}"
    )
    nearest = low if loss < low else high
    return Judgement("violated", violation=Violation(sentence, "loss", nearest, loss, bound, script), tolerance=form)


def _signal_limits(measured: Measured) -> tuple[Array, Array]:
    """Return a middle and a reach of the error signals, each of shape (N, m): nothing needs to be evaluated for them.

    A logistic of z is 1 where z > 0 and 0 where not, to within exp(-|z|); and a softmax is 1 for the largest output
    and 0 for the others, to within the sum of exp(z - max z) over these.
    """
    loss, batch = measured.case.network.loss, measured.case.batch
    z, y, c = measured.expected.stages.pre_activations[-1], batch.y.astype(np.float64), coefficients(loss, batch)
    if loss == "softmax_cross_entropy":
        gaps = z.max(axis=1, keepdims=True) - z
        top = np.arange(z.shape[1]) == z.argmax(axis=1)[:, np.newaxis]
        others = _ROUNDED_UP * np.where(top, 0.0, np.exp(-gaps)).sum(axis=1, keepdims=True)
        return c * (top - y), c * np.minimum(others, 1.0) * np.ones_like(z)
    doubt = _ROUNDED_UP * np.exp(-np.abs(z))
    if loss == "bce":
        return c * ((z > 0) - y), c * doubt
    return np.zeros_like(z), 2 * c * doubt  # |logistic - y| <= 1 and logistic' <= exp(-|z|)


def _judge_gradient(measured: Measured, largest: float) -> Judgement:
    """Judge whether the gradient is finite, and that of the output layer what sure decisions make it."""
    case, gradient = measured.case, measured.answer.gradient
    bad = np.flatnonzero(~np.isfinite(gradient.vector))
    if bad.size:
        name, value = gradient.name_of(int(bad[0])), gradient.vector[bad[0]]
        script = (f"g = gradient(parameters)[{int(bad[0])}]", "assert np.isfinite(g), g")
        sentence = f"the outputs reach {largest:.6g}, and the gradient of {name} is {number(value)}"
        return violated(sentence, f"gradient of {name}", script, found=float(value))
    last, (middle, reach) = case.network.layer_count - 1, _signal_limits(measured)
    weight, bias = positions(case.network, last)
    where = np.concatenate([weight.ravel(), bias])
    below = measured.expected.stages.activations[last]
    centre = np.concatenate([(below.T @ middle).ravel(), middle.sum(axis=0)])[: where.size]
    reach = reach + (len(reach) + 4) * OWN_ROUNDOFF * (np.abs(middle) + reach)
    width = np.concatenate([(np.abs(below).T @ reach).ravel(), reach.sum(axis=0)])[: where.size]
    found, bound = measured.vector[where], measured.tolerance[where]
    nearest = np.clip(found, centre - width, centre + width)

    def tell(k: int) -> Telling:
        name = gradient.name_of(int(where[k]))
        return Telling(
            f"the outputs reach {largest:.6g} and leave little doubt, so the gradient of {name} lies between "
            f"{centre[k] - width[k]:.9g} and {centre[k] + width[k]:.9g}, but it is "
            f"{number(gradient.vector[where[k]])}{explained(bound[k])}",
            f"gradient of {name}",
            (
                f"g = float(gradient(parameters)[{int(where[k])}])",
                f"low, high = {float(centre[k] - width[k] - bound[k])!r}, {float(centre[k] + width[k] + bound[k])!r}",
                "assert low <= g <= high, g",
            ),
        )

    form = measured.expected.form
    judged = judge_equal(found, nearest, tell, bound=bound, tolerance=form, trivial=False)
    seen = centre != 0  # what hides a fault there is rounding and doubt
    hidden = float(np.median((bound + 2 * width)[seen] / np.abs(centre[seen]))) if seen.any() else 0.0
    return replace(judged, detectable=hidden, bitwise=False)


NUM2: Final = Property(
    id="NUM2",
    group="numerics",
    title="large outputs overflow nothing",
    statement="Where outputs are in the thousands, the loss is finite and lies between the margin, by which the output "
    "that was wanted falls short of the largest, and little more; and the error signals are what sure decisions make "
    "them: no larger than 1, and not 0 where a sure decision is wrong.",
    formula="max(z, 0) − yz ≤ bce ≤ max(z, 0) − yz + ln 2;  max z − ⟨y, z⟩ ≤ softmax_cross_entropy ≤ max z − ⟨y, z⟩ + "
    "ln m;  |logistic(z) − [z > 0]| ≤ exp(−|z|),  |softmax(z)ₖ − [zₖ = max z]| ≤ Σⱼ exp(zⱼ − max z), zⱼ < max z",
    precondition="bce, softmax cross-entropy or squared error of logistic outputs; some output exceeds 128; no "
    "pre-activation of a relu or leaky_relu is so near 0 that rounding may decide its sign",
    exactness=Exactness.ROUNDING,
    catches="a softmax without its largest output subtracted, exp(z) / (1 + exp(z)), the logarithm of a probability "
    "that has become 0, probabilities that are clipped so that the loss is capped and its gradient vanishes",
    source="P. Blanchard, D. Higham, N. Higham, Accurately computing the log-sum-exp and softmax functions (2021): "
    "the shift by the largest output, and max z ≤ logsumexp(z) ≤ max z + ln K.",
    cases=_with_large_outputs,
    judge=_judge,
)
