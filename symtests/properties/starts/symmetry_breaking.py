"""BRK2 and BRK3: what parts hidden units, and that nothing ties them again."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.model.activations import activations_that
from symtests.model.groups import pairs, tie
from symtests.network import Network
from symtests.oracle import expect
from symtests.oracle.activations import derivative
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.strategies import cases, networks, supported
from symtests.properties.drawing.units import incoming, tied_units
from symtests.properties.judging.judging import (
    REJECTED,
    TRIVIAL,
    expectation,
    gradient_tolerance,
    number,
    train_if_it_converges,
    violated,
)
from symtests.training import Training

__all__ = ["BRK2", "BRK3"]

_HOMOGENEOUS: Final = activations_that(lambda entry: entry.homogeneous)


# BRK2: unequal outgoing weights part units at the first step.


def _parting_cases(domain: Domain, tier: Tier, *, unequal: bool = True) -> st.SearchStrategy[Case]:
    """Draw cases with two hidden units that are tied but for their weights to one unit above, v and -v or v/2."""

    @st.composite
    def parting(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        layer, (unit, twin, *_) = draw(tied_units(case.network, tier))
        above = draw(st.integers(0, case.network.sizes[layer + 2] - 1))
        parameters = case.parameters.copy()
        tie(parameters.vector, case.network, case.network.groups[layer], [unit, twin])
        if unequal:
            parameters.weight(layer + 1)[twin, above] *= draw(st.sampled_from((-1.0, 0.5)))
        return replace(
            case, parameters=parameters, details={"layer": layer, "unit": unit, "twin": twin, "above": above}
        )

    drawn = cases(domain, tier, networks(domain, tier, least_widest=2))
    return parting()


def _judge_brk2(implementation: Checked, case: Case) -> Judgement:
    """Judge whether the gradients differ wherever v G, of which they differ by half at least, exceeds the rounding."""
    network = case.network
    layer, unit, twin, above = (case.details[name] for name in ("layer", "unit", "twin", "above"))
    answer = implementation.loss_and_gradient(network, case.parameters, case.batch)
    expected = expectation(implementation, case)
    tolerance = gradient_tolerance(implementation, case, answer, expected)
    mine, its = incoming(network, layer, unit), incoming(network, layer, twin)
    stages = expected.stages
    slope = derivative(
        network.activations[layer], stages.pre_activations[layer], implementation.capabilities.relu_derivative_at_zero
    )[:, unit]
    signal = stages.error_signals[layer + 1][:, above] * slope
    below = np.column_stack([stages.activations[layer], *([np.ones(len(signal))] if network.bias else [])])
    outgoing_weights = case.parameters.weight(layer + 1)[[unit, twin], above].astype(np.float64)
    part = np.abs(signal @ below) * np.abs(outgoing_weights).max()
    if not part.any():
        return TRIVIAL
    conclusive = part / 2 > tolerance[mine] + tolerance[its]
    if not conclusive.any():
        return Judgement("too_wide", tolerance=expected.form)
    found = answer.gradient.vector
    equal = np.flatnonzero(conclusive & (found[mine] == found[its]))
    if not equal.size:
        return Judgement("held", bitwise=True)
    i, j = int(mine[equal[0]]), int(its[equal[0]])
    names = f"{answer.gradient.name_of(i)} and {answer.gradient.name_of(j)}"
    weights = " and ".join(number(v) for v in case.parameters.weight(layer + 1)[[unit, twin], above])
    return violated(
        f"hidden units {unit} and {twin} of layer {layer + 1} have equal incoming weights, and the weights {weights} "
        f"to unit {above} of the layer above, but the gradients of {names} are both {number(found[i])}",
        f"gradient of {answer.gradient.name_of(j)}",
        ("g = gradient(parameters)", f"assert g[{i}] != g[{j}], g[{i}]  # {names}"),
        expected=expected.gradient.vector[j],
        found=found[j],
    )


# BRK3: what has parted does not meet again.


def _parted_cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    """Draw two hidden units that differ by a factor 1 + 2^-10 in one weight, and a learning rate that is small.

    The rate is so small that a step changes the gap by at most 1/32 of it, for at most eight steps.
    """

    @st.composite
    def parted(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        layer, (unit, twin, *_) = draw(tied_units(case.network, tier))
        parameters = case.parameters.copy()
        tie(parameters.vector, case.network, case.network.groups[layer], [unit, twin])
        mine, its = pairs(case.network, case.network.groups[layer], [unit, twin])
        k = draw(st.integers(0, len(mine) - 1))
        parameters.vector[its[k]] *= 1 + gap
        apart = replace(case, parameters=parameters, details={"layer": layer, "unit": unit, "twin": twin})
        steps = draw(st.integers(1, 8))
        return replace(apart, training=Training("sgd", _small_rate(domain, apart, mine[k], its[k]), steps))

    supported("optimizers", ("sgd",), domain.capabilities.optimizers)
    # In coarser arithmetic than float32 the gap must be wider to be there at all.
    gap = max(2.0**-10, 16 * domain.capabilities.roundoff(domain.dtype))
    drawn = cases(domain, tier, networks(domain, tier, least_widest=2))
    return parted()


def _small_rate(domain: Domain, case: Case, i: int, j: int) -> float:
    """Return a power of two, at most 2^-12, times which the gradients at i and j differ by at most 1/32 of the gap."""
    u = domain.capabilities.roundoff(domain.dtype)
    expected = expect(case.network, case.parameters, case.batch, u, domain.capabilities.relu_derivative_at_zero)
    gradient, tolerance = expected.gradient.vector, expected.gradient_tolerance
    vector = case.parameters.vector.astype(np.float64)
    change = abs(gradient[i] - gradient[j]) + tolerance[i] + tolerance[j]
    most = abs(vector[i] - vector[j]) / (32 * change) if change else 1.0
    return float(min(2.0**-12, 2.0 ** np.floor(np.log2(most)))) if np.isfinite(change) and most > 0 else 2.0**-40


def _meeting_cases(domain: Domain) -> st.SearchStrategy[Case]:
    """Draw cases in which the rate is 1 / λ and the gap lies along that eigenvector: one step closes it exactly.

    For one input 1 and linear hidden units, w' = w - η δ v and v' = v - η δ w. With η δ = 1 and equal gaps in w and v,
    both gaps vanish.
    """

    @st.composite
    def meeting(draw: st.DrawFn) -> Case:
        network = Network((1, 2, 1), draw(st.sampled_from(activations)), "mse", bias=False)
        w, v = draw(st.sampled_from((1.0, 0.75, 1.25))), draw(st.sampled_from((1.0, 0.875, 1.5)))
        gap, delta = draw(st.sampled_from((0.5, 0.25, 0.125))), draw(st.sampled_from((1.0, 2.0, 0.5)))
        incoming_weights, outgoing_weights = np.array([w + gap, w - gap]), np.array([v + gap, v - gap])
        parameters = Parameters.from_layers(
            network, [incoming_weights[np.newaxis], outgoing_weights[:, np.newaxis]], dtype=domain.dtype
        )
        y = incoming_weights @ outgoing_weights - delta / 2
        batch = Batch(np.ones((1, 1)), np.array([[y]])).astype(domain.dtype)
        return Case(network, parameters, batch, Training("sgd", 1 / delta, 1), {"layer": 0, "unit": 0, "twin": 1})

    activations = supported("activations", _HOMOGENEOUS, domain.capabilities.activations)
    supported("losses", ("mse",), domain.capabilities.losses)
    if False not in domain.capabilities.bias:
        raise Unsupported("the example needs a network without biases")
    return meeting()


def _judge_brk3(implementation: Checked, case: Case) -> Judgement:
    layer, unit, twin = (case.details[name] for name in ("layer", "unit", "twin"))
    after = train_if_it_converges(implementation, case)
    if after is None:
        return REJECTED
    mine, its = pairs(case.network, case.network.groups[layer], [unit, twin])
    before = case.parameters.vector
    if (after.vector[mine] != after.vector[its]).any():
        moved = (after.vector[mine] != before[mine]).any() or (after.vector[its] != before[its]).any()
        return Judgement("held", bitwise=True) if moved else TRIVIAL
    k = int(np.flatnonzero(before[mine] != before[its])[0])
    i, j = int(mine[k]), int(its[k])
    names = f"{after.name_of(i)} and {after.name_of(j)}"
    steps = f"{case.training.steps} step{'s' * (case.training.steps > 1)}"
    return violated(
        f"hidden units {unit} and {twin} of layer {layer + 1} differ ({names} are {number(before[i])} and "
        f"{number(before[j])}), but {steps} with learning rate {case.training.learning_rate:g} made them equal: both "
        f"weights are {number(after.vector[i])}",
        f"{after.name_of(j)} after {steps}",
        (
            "after = implementation.train(network, parameters, batch, training)",
            'theta = np.asarray(getattr(after, "vector", after))',
            f"assert (theta[{mine.tolist()}] != theta[{its.tolist()}]).any()",
        ),
        found=after.vector[j],
    )


BRK2: Final = Property(
    id="BRK2",
    group="symmetry_breaking",
    title="unequal outgoing weights part units",
    statement="Hidden units with equal incoming but unequal outgoing weights get unequal gradients in the first pass.",
    formula="wᵢ = wⱼ, vᵢₖ ≠ vⱼₖ for one output k alone, Σₙ δₙₖ σ′(zₙ) aₙ ≠ 0  ⇒  ∂wᵢ ≠ ∂wⱼ",
    precondition="the outgoing weights differ in one component, and the sum that they are multiplied by is not zero, "
    "beyond rounding",
    exactness=Exactness.LOGICAL,
    catches="gradients averaged over units, weights shared between units, error signals that do not depend on the unit",
    source="Follows from δᵢ = (δ vᵢᵀ) σ′(zᵢ), δ the error signals of the layer above.",
    claims=("S6",),
    cases=_parting_cases,
    judge=_judge_brk2,
    without_precondition=lambda domain: _parting_cases(domain, "small", unequal=False),
)
BRK3: Final = Property(
    id="BRK3",
    group="symmetry_breaking",
    title="small steps do not tie what has parted",
    statement="Hidden units that differ in one weight still differ after a few small steps of plain gradient descent.",
    formula="η < 1/λ, λ the largest curvature: θ ↦ θ − η ∇L(θ) is injective  ⇒  wᵢ(t) ≠ wⱼ(t) if wᵢ(0) ≠ wⱼ(0)",
    precondition="the learning rate is below the inverse of the largest curvature, and the gap is far above rounding",
    exactness=Exactness.LOGICAL,
    catches="weights kept in fewer bits than declared, weights shared between units or made equal on the way",
    source="Follows from I − η ∇²L being regular.",
    claims=("S4",),
    cases=_parted_cases,
    judge=_judge_brk3,
    without_precondition=_meeting_cases,
)
