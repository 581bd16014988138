"""SAD1: weights of zero are a saddle point of a network with one hidden layer.

At W = 0, b = 0, V = 0 and any output bias c, hidden units answer sigma(0) = 0, so that the outputs are c and their
error signals delta depend on c alone. To second order in the other parameters,

    L = L(c) + <W~, A V^T>,   A = sigma'(0) [X 1]^T delta,   W~ being W with b as its last row:

the Hessian off c is [[0, A], [A^T, 0]] for each unit. Its eigenvalues are the singular values of A with either sign.
And one of its products needs no limit: with W~ = 0, the gradient of W~ is A V^T exactly, for V of any size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.model.activations import ACTIVATION_TABLE, activations_that
from symtests.model.groups import Positions
from symtests.oracle.activations import derivative
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.strategies import cases, networks
from symtests.properties.judging.answers import OWN_ROUNDOFF, Measured, measure
from symtests.properties.judging.judging import PROMISE, Telling, judge_equal, number, together
from symtests.properties.judging.lower_loss import judge_lower
from symtests.properties.judging.telling import assertion, explained

__all__ = ["SAD1"]

_ZERO_AT_ZERO: Final = activations_that(lambda entry: entry.is_smooth and entry.zero_at_zero)
_OTHERS: Final = activations_that(lambda entry: entry.is_smooth and not entry.zero_at_zero)
_SIZES: Final = (2.0**-8, 2.0**-9, 2.0**-10)
_ROUNDING: Final = 1 + 1e-9


def _near_zero(domain: Domain, tier: Tier, activations: Sequence[str] = _ZERO_AT_ZERO) -> st.SearchStrategy[Case]:
    """Draw cases whose weights, but for the output bias, are a direction, and how far to go from zero along it."""
    drawn = cases(domain, tier, networks(domain, tier, activations=activations, hidden_layers=(1, 1)))
    return st.builds(lambda case, size: replace(case, details={"size": size}), drawn, st.sampled_from(_SIZES))


def _moved(case: Case, incoming: float, outgoing: float) -> Case:
    """Return the case with so many times its incoming and its outgoing weights; the output bias stays."""
    parameters = case.parameters.copy()
    parameters.weight(0)[...] *= incoming
    parameters.bias(0)[...] *= incoming
    parameters.weight(1)[...] *= outgoing
    return replace(case, parameters=parameters)


def _script(incoming: float, outgoing: float, name: str = "theta") -> tuple[str, ...]:
    return (
        f"{name} = parameters.copy()",
        f"{name}.weight(0)[...] *= {incoming!r}",
        f"{name}.bias(0)[...] *= {incoming!r}",
        f"{name}.weight(1)[...] *= {outgoing!r}",
    )


def _judge(implementation: Checked, case: Case) -> Judgement:
    size = case.details["size"]
    return together(
        _judge_incoming(measure(implementation, _moved(case, 0.0, size)), case),
        _judge_outgoing(
            measure(implementation, _moved(case, size, 0.0)), measure(implementation, _moved(case, -size, 0.0)), case
        ),
        _judge_saddle(implementation, case, size),
    )


def _with_bias_input(case: Case) -> Array:
    """Return [X 1] in float64, or X without biases."""
    x = case.batch.x.astype(np.float64)
    return np.column_stack([x, np.ones(len(x))]) if case.network.bias else x


def _slope_at_zero(case: Case) -> float:
    return float(derivative(case.network.activations[0], np.zeros(1))[0])


def _signals(measured: Measured) -> tuple[Array, Array]:
    """Return the output error signals, shape (N, m), and how far those of the oracle lie from the exact ones."""
    # Tolerances are for the arithmetic under check; the oracle's errors are smaller as its unit roundoff is.
    smaller = OWN_ROUNDOFF / measured.implementation.unit_roundoff
    expected = measured.expected
    return expected.stages.error_signals[-1], smaller * expected.stage_tolerances.error_signals[-1]


def _judge_incoming(measured: Measured, case: Case) -> Judgement:
    """Judge the gradient at W~ = 0 and V: of W~ it is A V^T, and of V exactly 0."""
    network, x = case.network, _with_bias_input(case)
    delta, error = _signals(measured)
    outgoing = measured.case.parameters.weight(1).astype(np.float64)
    slope = _slope_at_zero(case)
    expected = slope * x.T @ delta @ outgoing.T
    own = slope * np.abs(x).T @ (error + (sum(x.shape) + 8) * OWN_ROUNDOFF * np.abs(delta)) @ np.abs(outgoing).T
    where = np.arange(network.weight_slice(0).start, network.bias_slice(0).stop)
    why = "with incoming weights of 0, which the outgoing ones multiply"
    lines = _script(0.0, case.details["size"])
    return together(
        _judge_zeros(measured, network.weight_slice(1), "hidden units that answer 0", lines),
        _judge_values(measured, where, expected.ravel(), (own * _ROUNDING).ravel(), why, lines),
    )


def _judge_outgoing(ahead: Measured, behind: Measured, case: Case) -> Judgement:
    """Judge half the difference of the gradients at W~ and -W~, with V = 0: of V it is W~^T A, and of W~ it is 0.

    The error signals do not move. The even part of sigma cancels, and by Taylor's theorem what is left of the odd
    part is |(sigma(z) - sigma(-z)) / 2 - sigma'(0) z| <= max|sigma'''| |z|^3 / 6, of which twice is allowed.
    """
    network, x = case.network, _with_bias_input(case)
    delta, error = _signals(ahead)
    parameters = ahead.case.parameters.astype(np.float64)
    incoming = np.vstack([parameters.weight(0), *([parameters.bias(0)] if network.bias else [])])
    slope, third = _slope_at_zero(case), ACTIVATION_TABLE[network.activations[0]].bounds.third
    z, reach = x @ incoming, np.abs(x) @ np.abs(incoming)
    expected = slope * z.T @ delta
    roundings = (sum(x.shape) + 8) * OWN_ROUNDOFF
    own = slope * reach.T @ (error + roundings * np.abs(delta)) + third / 3 * (reach**3).T @ np.abs(delta)
    size = case.details["size"]
    where = np.arange(network.parameter_count)[network.weight_slice(1)]
    first = slice(network.weight_slice(0).start, network.bias_slice(0).stop)
    lines = _script(size, 0.0)
    return together(
        _judge_zeros(ahead, first, "outgoing weights of 0", lines),
        _judge_half_difference(ahead, behind, where, expected.ravel(), (own * _ROUNDING).ravel(), size),
    )


def _judge_zeros(measured: Measured, where: slice, why: str, lines: tuple[str, ...]) -> Judgement:
    gradient = measured.answer.gradient
    found = gradient.vector[where]

    def tell(k: int) -> Telling:
        index = where.start + k
        name = gradient.name_of(index)
        return Telling(
            f"behind {why}, the gradient of {name} is exactly 0, but {number(found[k])} was answered",
            f"gradient of {name}",
            (*lines, f"g = gradient(theta)[{index}]", "assert g == 0, g"),
        )

    return judge_equal(found, np.zeros_like(found), tell, trivial=not gradient.vector.any())


def _judge_values(
    measured: Measured, where: Positions, expected: Array, own: Array, why: str, lines: tuple[str, ...]
) -> Judgement:
    bound = measured.tolerance[where] + own
    found = measured.vector[where]

    def tell(k: int) -> Telling:
        name, largest = measured.answer.gradient.name_of(int(where[k])), float(bound[k])
        return Telling(
            f"{why}, the gradient of {name} is {expected[k]:.9g}, a product with the second derivatives at zero, but "
            f"{found[k]:.9g} was answered{explained(largest)}",
            f"gradient of {name}",
            (*lines, f"g = gradient(theta)[{int(where[k])}]", assertion("g", repr(float(expected[k])), largest)),
        )

    form = measured.expected.form
    return judge_equal(found, expected, tell, bound=bound, promise=PROMISE, tolerance=form)


def _judge_half_difference(
    ahead: Measured, behind: Measured, where: Positions, expected: Array, own: Array, size: float
) -> Judgement:
    found = (ahead.vector[where] - behind.vector[where]) / 2
    bound = (ahead.tolerance[where] + behind.tolerance[where]) / 2 + own + OWN_ROUNDOFF * 2 * np.abs(found)

    def tell(k: int) -> Telling:
        name, largest = ahead.answer.gradient.name_of(int(where[k])), float(bound[k])
        return Telling(
            f"with outgoing weights of 0, half the difference of the gradients of {name} at these incoming weights and "
            f"at their negatives is {expected[k]:.9g}, a product with the second derivatives at zero, but "
            f"{found[k]:.9g} was answered{explained(largest)}",
            f"half the difference of the gradients of {name}",
            (
                *_script(size, 0.0),
                *_script(-size, 0.0, "opposite"),
                f"found = [float(gradient(at)[{int(where[k])}]) for at in (theta, opposite)]",
                assertion("(found[0] - found[1]) / 2", repr(float(expected[k])), largest),
            ),
        )

    return judge_equal(found, expected, tell, bound=bound, promise=PROMISE, tolerance=ahead.expected.form)


def _judge_saddle(implementation: Checked, case: Case, size: float) -> Judgement:
    """Judge whether the loss falls on one side of zero and rises on the other: (W~, V) and (W~, -V)."""
    zero = _moved(case, 0.0, 0.0)
    step = 2.0 ** (np.log2(size) // 2)  # in f, the step counts squared
    at_zero = ("given = parameters", *_script(0.0, 0.0, "parameters"))
    judgements = []
    for sign, words in ((step, "the weights"), (-step, "the weights, the outgoing ones negated,")):
        script = (*at_zero, *(line.replace("parameters", "given") for line in _script(step, sign)))
        judgements.append(judge_lower(
            implementation, zero, _moved(case, step, sign), f"zero is a saddle point: at {step:g} times {words}", script
        ))  # fmt: skip
    return together(*judgements)


SAD1: Final = Property(
    id="SAD1",
    group="saddle",
    title="zero is a saddle point",
    statement="At zero weights, whatever the output bias, the second derivatives of the loss of a network with one "
    "hidden layer pair incoming with outgoing weights by one matrix A, and are 0 otherwise: unless A is 0, the loss "
    "falls along some directions and rises along others.",
    formula="∇²L = [[0, A], [Aᵀ, 0]] in (w, b) and v of each unit, A = σ′(0) [x 1]ᵀδ(c); eigenvalues: ± the singular "
    "values of A",
    precondition="one hidden layer; σ(0) = 0 and σ is smooth, as identity, tanh, silu and gelu",
    exactness=Exactness.ROUNDING,
    catches="small gradients set to 0 or rounded on a coarse grid, error signals not multiplied by the weights, σ′(0) "
    "or σ(0) wrong, small steps lost",
    source="Follows by differentiating twice. For linear networks: P. Baldi, K. Hornik, Neural networks and principal "
    "component analysis: learning from examples without local minima (1989)",
    claims=("S5", "S14"),
    cases=_near_zero,
    judge=_judge,
    promise=PROMISE,
    without_precondition=lambda domain: _near_zero(domain, "small", _OTHERS),
)
