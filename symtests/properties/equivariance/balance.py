"""EQV5 to EQV7: what homogeneous units keep in balance between their incoming and their outgoing weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.model.activations import activations_that
from symtests.model.groups import Positions
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.strategies import cases, networks, trainings
from symtests.properties.judging.answers import OWN_ROUNDOFF, Measured, measure, near_a_kink, positions
from symtests.properties.judging.judging import (
    PROMISE,
    REJECTED,
    Telling,
    judge_equal,
    number,
    step_tolerance,
    together,
)
from symtests.properties.judging.telling import READ_GRADIENT, assertion, explained

__all__ = ["EQV5", "EQV6", "EQV7"]

_HOMOGENEOUS: Final = activations_that(lambda entry: entry.homogeneous)
_OTHERS: Final = activations_that(lambda entry: not entry.homogeneous)
_DU: Final = (
    "S. Du, W. Hu, J. Lee, Algorithmic Regularization in Learning Deep Homogeneous Models: Layers are Automatically "
    "Balanced (2018)"
)


def _cases_of(
    domain: Domain, tier: Tier, activations: Sequence[str] = _HOMOGENEOUS, bias: Sequence[bool] = (False, True)
) -> st.SearchStrategy[Case]:
    return cases(domain, tier, networks(domain, tier, activations=activations, bias=bias))


def _ends(case: Case, layer: int) -> tuple[Positions, Positions]:
    """Return where the incoming weights (and biases) and the outgoing ones lie, a row for each unit of a layer."""
    (weight, bias), (out, _) = positions(case.network, layer), positions(case.network, layer + 1)
    return np.column_stack([weight.T, bias] if case.network.bias else [weight.T]), out


# EQV5: balance in the gradient.


def _judge_balance(implementation: Checked, case: Case) -> Judgement:
    measured = measure(implementation, case)
    if near_a_kink(case, measured.expected):
        return REJECTED
    return together(*(_judge_balance_of(measured, layer) for layer in range(len(case.network.hidden_sizes))))


def _judge_balance_of(measured: Measured, layer: int) -> Judgement:
    case = measured.case
    vector = case.parameters.vector.astype(np.float64)
    into, out = _ends(case, layer)
    found, found_error = measured.sums(vector[into], into)
    expected, expected_error = measured.sums(vector[out], out)
    bound = found_error + expected_error

    def tell(unit: int) -> Telling:
        largest = float(bound[unit])
        left = f"np.vdot(parameters.weight({layer})[:, {unit}], g.weight({layer})[:, {unit}])"
        if case.network.bias:
            left += f" + parameters.bias({layer})[{unit}] * g.bias({layer})[{unit}]"
        right = f"np.vdot(parameters.weight({layer + 1})[{unit}], g.weight({layer + 1})[{unit}])"
        return Telling(
            f"{_unit_in_words(case, layer, unit)} is homogeneous, so its incoming and its outgoing weights have one "
            f"product with their gradients, but there are two: {found[unit]:.9g} and {expected[unit]:.9g}"
            f"{explained(largest)}",
            f"<w, dw> of unit {unit} of layer {layer + 1}",
            (
                "parameters = parameters.astype(float)",
                "g = Parameters(network, gradient(parameters).astype(float))",
                assertion(left, right, largest),
            ),
        )

    return judge_equal(found, expected, tell, bound=bound, promise=PROMISE, tolerance=measured.expected.form)


def _unit_in_words(case: Case, layer: int, unit: int) -> str:
    return f"hidden unit {unit} of layer {layer + 1} ({case.network.activations[layer]})"


# EQV6: what a step does to the balance.


def _with_training(domain: Domain, tier: Tier, optimizers: Sequence[str], steps: int) -> st.SearchStrategy[Case]:
    # A step that is not small beside the parameters: little of it is lost in rounding them.
    rates = st.sampled_from((1.0, 2.0, 4.0, 8.0))
    return st.builds(
        lambda case, training, rate: replace(case, training=replace(training, learning_rate=rate)),
        _cases_of(domain, tier), trainings(domain, optimizers, steps=(steps, steps)), rates,
    )  # fmt: skip


def _judge_steps(implementation: Checked, case: Case) -> Judgement:
    """Judge every step of the training: Q changes by eta^2 times what the gradient before the step says."""
    judgements: list[Judgement] = []
    theta = case.parameters
    for steps in range(1, case.training.steps + 1):
        training = case.training.with_steps(steps)
        after = implementation.train(case.network, case.parameters, case.batch, training)
        here = replace(case, parameters=theta)
        measured = measure(implementation, here)
        if near_a_kink(here, measured.expected):
            return REJECTED
        layers = range(len(case.network.hidden_sizes))
        judgements.extend(_judge_step(measured, after, layer, steps) for layer in layers)
        theta = after
    return together(*judgements)


def _judge_step(measured: Measured, after: Parameters, layer: int, step: int) -> Judgement:
    """Judge |w'|^2 - |w|^2 - eta^2 |dw|^2 = |v'|^2 - |v|^2 - eta^2 |dv|^2 for each unit: both are -2 eta <w, dw>."""
    case = measured.case
    rate = case.training.learning_rate
    into, out = _ends(case, layer)
    moved = step_tolerance(measured.implementation, case, measured.expected, after)
    before, then = case.parameters.vector.astype(np.float64), after.vector.astype(np.float64)

    def side(where: Positions) -> tuple[Array, Array]:
        """Return the change of the sum of squares beyond eta^2 |g|^2, and how far rounding may lead it."""
        d, g, e = then[where] - before[where], measured.vector[where], measured.own_tolerance[where]
        # theta'^2 - theta^2 = (2 theta + d) d, without cancellation
        terms = (2 * before[where] + d) * d - rate**2 * g**2
        error = (2 * np.abs(before[where]) + 2 * np.abs(d) + moved[where]) * moved[where]
        error += rate**2 * (2 * np.abs(g) + e) * e
        size = (2 * np.abs(before[where]) + np.abs(d)) * np.abs(d) + rate**2 * g**2
        own = (where.shape[1] + 4) * OWN_ROUNDOFF * size.sum(axis=1)
        return terms.sum(axis=1), error.sum(axis=1) + own

    (found, found_error), (expected, expected_error) = side(into), side(out)
    bound = found_error + expected_error

    def tell(unit: int) -> Telling:
        incoming, outgoing = (float((rate**2 * measured.vector[where[unit]] ** 2).sum()) for where in (into, out))
        wanted = incoming - outgoing
        change = float(found[unit] + incoming - expected[unit] - outgoing)
        return Telling(
            f"in step {step} of {case.training.optimizer} with learning rate {rate:g}, Q = |w|^2 + b^2 - |v|^2 of "
            f"{_unit_in_words(case, layer, unit)} should change by {wanted:.9g}, eta^2 (|dw|^2 + db^2 - |dv|^2), and "
            f"changes by {change:.9g}{explained(float(bound[unit]))}",
            f"|w'|^2 - |w|^2 - eta^2 |dw|^2 of unit {unit} of layer {layer + 1}, against the same of v",
            _lines_of_step(case, step, into[unit], out[unit], float(bound[unit])),
        )

    return judge_equal(found, expected, tell, bound=bound, promise=PROMISE, tolerance=measured.expected.form)


def _lines_of_step(case: Case, step: int, into: Positions, out: Positions, bound: float) -> tuple[str, ...]:
    before = "parameters.vector"
    if step > 1:
        before = f"implementation.train(network, parameters.copy(), batch, training.with_steps({step - 1}))"
    return (
        f"before = {before}",
        f"after = implementation.train(network, parameters.copy(), batch, training.with_steps({step}))",
        'before, after = (np.asarray(getattr(theta, "vector", theta)) for theta in (before, after))',
        f"step = {case.training.learning_rate!r} * gradient(before).astype(float)",
        "before, after = before.astype(float), after.astype(float)",
        f"into, out = {into.tolist()!r}, {out.tolist()!r}",
        "change, wanted = after**2 - before**2, step**2",
        assertion("change[into].sum() - change[out].sum()", "wanted[into].sum() - wanted[out].sum()", bound),
    )


# EQV7: Euler's theorem.


def _judge_euler(implementation: Checked, case: Case) -> Judgement:
    measured = measure(implementation, case)
    if near_a_kink(case, measured.expected):
        return REJECTED
    stages = measured.expected.stages
    products = stages.pre_activations[-1] * stages.error_signals[-1]
    right = float(products.sum())
    own = _own_error(measured) + products.size * OWN_ROUNDOFF * float(np.abs(products).sum())
    vector = case.parameters.vector.astype(np.float64)
    sums = []
    for layer in range(case.network.layer_count):
        where = positions(case.network, layer)[0].reshape(1, -1)
        sums.append(measured.sums(vector[where], where))
    found = np.concatenate([value for value, _ in sums])
    bound = np.concatenate([error for _, error in sums]) + own

    def tell(layer: int) -> Telling:
        largest = float(bound[layer])
        return Telling(
            f"the product of W{layer + 1} with its gradient should be that of the outputs with their error signals, "
            f"{right:.9g}, and is {number(found[layer])}{explained(largest)}",
            f"<W{layer + 1}, dW{layer + 1}>",
            (
                READ_GRADIENT,
                assertion(
                    f"np.vdot(parameters.weight({layer}).astype(float), g.weight({layer}).astype(float))",
                    repr(right), largest,
                ),
            ),
        )  # fmt: skip

    expected = np.full_like(found, right)
    return judge_equal(found, expected, tell, bound=bound, promise=PROMISE, tolerance=measured.expected.form)


def _own_error(measured: Measured) -> float:
    """Return how far the oracle's own <z, delta> of the outputs may lie from the exact one."""
    stages, tolerances = measured.expected.stages, measured.expected.stage_tolerances
    z, delta = stages.pre_activations[-1], stages.error_signals[-1]
    e_z, e_delta = tolerances.pre_activations[-1], tolerances.error_signals[-1]
    # Tolerances are for the arithmetic under check; the oracle's errors are smaller as its unit roundoff is.
    smaller = OWN_ROUNDOFF / measured.implementation.unit_roundoff
    return smaller * float((np.abs(z) * e_delta + e_z * (np.abs(delta) + e_delta)).sum())


EQV5 = Property(
    id="EQV5",
    group="equivariance",
    title="balance of a homogeneous unit",
    statement="The incoming weights and the bias of a homogeneous unit have the same product with their gradients as "
    "its outgoing weights have with theirs.",
    formula="σ(z) = z σ′(z)  ⇒  ⟨wⱼ, ∂wⱼ⟩ + bⱼ ∂bⱼ = ⟨vⱼ, ∂vⱼ⟩",
    precondition="a homogeneous σ, as identity, relu and leaky_relu; no pre-activation within rounding of the kink",
    exactness=Exactness.ROUNDING,
    catches="σ′ missing or wrong, a slope of leaky_relu that differs between the two passes, V transposed, a bias "
    "gradient of another scale, a penalty on the weights",
    source=f"{_DU}, section 2, for the incoming and outgoing weights of a unit; Kunin et al., Neural Mechanics (2021)",
    cases=_cases_of,
    judge=_judge_balance,
    promise=PROMISE,
    without_precondition=lambda domain: _cases_of(domain, "small", _OTHERS),
)
EQV6 = Property(
    id="EQV6",
    group="equivariance",
    title="what a step does to the balance",
    statement="One plain step changes Q = |w|² + b² − |v|² of a homogeneous unit by η² times the same of its "
    "gradients: in the limit of small steps, not at all.",
    formula="Q = |w|² + b² − |v|²:  Q(θ − η∇L) − Q(θ) = η² (|∂w|² + (∂b)² − |∂v|²)",
    precondition="a homogeneous σ, as identity, relu and leaky_relu; one step of plain gradient descent; no "
    "pre-activation within rounding of the kink",
    exactness=Exactness.ROUNDING,
    catches="weights of one layer updated before the gradient of another is taken, a learning rate of its own for "
    "biases, hidden weight decay or momentum",
    source=f"{_DU}: the flow conserves Q",
    cases=lambda domain, tier: _with_training(domain, tier, ("sgd",), 1),
    judge=_judge_steps,
    promise=PROMISE,
    without_precondition=lambda domain: _with_training(domain, "small", ("momentum", "nesterov", "adam"), 2),
)
EQV7 = Property(
    id="EQV7",
    group="equivariance",
    title="Euler's theorem for every layer",
    statement="In a homogeneous network without biases, every weight matrix has the same product with its gradient: "
    "that of the outputs with their error signals.",
    formula="⟨Wₗ, ∂Wₗ⟩ = ⟨z_L, δ_L⟩ for every layer l",
    precondition="a homogeneous σ, as identity, relu and leaky_relu; no biases; no pre-activation within rounding of "
    "the kink",
    exactness=Exactness.ROUNDING,
    catches="a factor missing in the loss or between layers, σ′ wrong in one layer, samples or units left out",
    source="Euler's theorem on homogeneous functions: z_L is of degree 1 in each Wₗ.",
    cases=lambda domain, tier: _cases_of(domain, tier, bias=(False,)),
    judge=_judge_euler,
    promise=PROMISE,
    without_precondition=lambda domain: _cases_of(domain, "small", bias=(True,)),
)
