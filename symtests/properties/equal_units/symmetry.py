"""SYM1 to SYM3: hidden units that are equal stay equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.implementations.checked import Checked
from symtests.model.groups import pairs, tie
from symtests.network import OPTIMIZERS
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.strategies import SIXTEENTHS, cases, networks, trainings
from symtests.properties.drawing.units import tied_units
from symtests.properties.judging.judging import PROMISE, together
from symtests.properties.judging.tie_judging import (
    Pairs,
    judge_error_signal_ties,
    judge_gradient_ties,
    judge_training_ties,
)
from symtests.properties.judging.tie_observation import observe_ties

__all__ = ["RUMELHART", "SYM1", "SYM2", "SYM3", "with_training"]

RUMELHART: Final = (
    "D. Rumelhart, G. Hinton, R. Williams, Learning Internal Representations by Error Propagation (1986), "
    'under "Symmetry breaking"'
)


# SYM1 and SYM2: units with equal incoming and outgoing weights.


def _tied_pairs(case: Case, layer: int, units: Sequence[int]) -> Pairs:
    """Pair every weight of the first unit with the same weight of each other unit of a hidden layer."""
    first, *twins = units
    firsts, of_twins = pairs(case.network, case.network.groups[layer], units)
    each = len(firsts) // len(twins)
    return Pairs(firsts, of_twins, lambda k: _tied_in_words(layer, first, twins[k // each]))


def _tied_in_words(layer: int, unit: int, twin: int) -> str:
    return f"hidden units {unit} and {twin} of layer {layer + 1} have equal incoming and outgoing weights"


def _tie(case: Case, layer: int, units: Sequence[int], *, ends: Sequence[str] = ("incoming", "outgoing")) -> Case:
    """Return the case with these units tied, by both ends or by one."""
    parameters, group = case.parameters.copy(), case.network.groups[layer]
    tie(parameters.vector, case.network, group, units, [part for end in ends for part in getattr(group, end)])
    return replace(case, parameters=parameters, details={"layer": layer, "units": list(units)})


def _tied_cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    @st.composite
    def tied(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        return _tie(case, *draw(tied_units(case.network, tier)))

    drawn = cases(domain, tier, networks(domain, tier, least_widest=2))
    return tied()


def _half_tied_cases(domain: Domain) -> st.SearchStrategy[Case]:
    @st.composite
    def half_tied(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        ends = draw(st.sampled_from((("incoming",), ("outgoing",))))
        return _tie(case, *draw(tied_units(case.network, "small")), ends=ends)

    drawn = cases(domain, "small", networks(domain, "small", least_widest=2))
    return half_tied()


def _judge_sym1(implementation: Checked, case: Case) -> Judgement:
    layer, (first, *twins) = case.details["layer"], case.details["units"]
    of_gradient = judge_gradient_ties(implementation, case, _tied_pairs(case, layer, [first, *twins]))
    if not implementation.offers("stages"):
        return of_gradient
    of_signals = judge_error_signal_ties(
        implementation, case, layer, first, twins, lambda twin: _tied_in_words(layer, first, twin)
    )
    return together(of_gradient, of_signals)


def with_training(domain: Domain, drawn: st.SearchStrategy[Case]) -> st.SearchStrategy[Case]:
    """Add a training: several steps of any optimizer where ties are judged bit for bit, else one plain step."""
    if domain.capabilities.index_independent:
        training = trainings(domain, OPTIMIZERS)
    else:
        training = trainings(domain, ("sgd",), steps=(1, 1), rates=(1.0, 0.5))  # seen above rounding
    return st.builds(lambda case, chosen: replace(case, training=chosen), drawn, training)


def _judge_sym2(implementation: Checked, case: Case) -> Judgement:
    return judge_training_ties(implementation, case, _tied_pairs(case, case.details["layer"], case.details["units"]))


# SYM3: every matrix constant.


def _constant_cases(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    @st.composite
    def constant(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        parameters = case.parameters.copy()
        *hidden_weights, last = parameters.weights
        for weight, bias in zip(hidden_weights, parameters.biases, strict=False):
            # In the wide tier the sum over the fan-in stays of the size of one term: units do not saturate.
            scale = 1.0 if tier == "small" else 2.0 ** -np.ceil(np.log2(len(weight)))
            weight[...] = scale * abs(draw(st.sampled_from(SIXTEENTHS)))
            bias[...] = draw(st.sampled_from(SIXTEENTHS))
        last[...] = last[0]
        return replace(case, parameters=parameters)

    drawn = cases(domain, tier, networks(domain, tier, least_widest=2))
    return with_training(domain, constant())


def _constant_per_unit_cases(domain: Domain) -> st.SearchStrategy[Case]:
    @st.composite
    def constant_per_unit(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        parameters = case.parameters.copy()
        for weight in parameters.weights:
            weight[...] = weight[0]  # each column has one value, but the columns differ
        return replace(case, parameters=parameters)

    drawn = cases(domain, "small", networks(domain, "small", least_widest=2))
    return with_training(domain, constant_per_unit())


def _judge_sym3(implementation: Checked, case: Case) -> Judgement:
    pairs = [
        _tied_pairs(case, layer, range(width)) for layer, width in enumerate(case.network.hidden_sizes) if width > 1
    ]
    firsts = np.concatenate([pair.firsts for pair in pairs])
    twins = np.concatenate([pair.twins for pair in pairs])
    why = "each hidden layer's weights hold one value, its biases too, and the outputs weigh all units alike"
    return judge_training_ties(implementation, case, Pairs(firsts, twins, lambda _: why))


SYM1: Final = Property(
    id="SYM1",
    group="symmetry",
    title="tied units get identical gradients",
    statement="Hidden units with equal incoming and outgoing weights get identical error signals and gradients.",
    formula="θ[p] = θ, p the exchange of units i and j  ⇒  ∇L(θ)[p] = ∇L(θ), δᵢ = δⱼ",
    precondition="incoming and outgoing weights are both equal; any activation, loss, depth and batch",
    exactness=Exactness.BITWISE,
    catches="noise or dropout by unit, remainder loops that compute something else, a transposed or mis-strided "
    "matrix in the backward pass",
    source=RUMELHART,
    claims=("S2", "S13"),
    cases=_tied_cases,
    judge=_judge_sym1,
    promise=PROMISE,
    without_precondition=_half_tied_cases,
)
SYM2: Final = Property(
    id="SYM2",
    group="symmetry",
    title="ties persist over training",
    statement="Hidden units that start with equal incoming and outgoing weights keep them equal, whatever the "
    "optimizer and however many steps it takes.",
    formula="θ(0)[p] = θ(0), p the exchange of units i and j  ⇒  θ(t)[p] = θ(t) at every step t",
    precondition="incoming and outgoing weights are both equal and the optimizer's state is fresh; where the "
    "arithmetic is not index-independent, one plain step",
    exactness=Exactness.BITWISE,
    catches="units updated one after the other, optimizer state mixed up between units, noise in the update",
    source=RUMELHART,
    claims=("S3", "S13"),
    cases=lambda domain, tier: with_training(domain, _tied_cases(domain, tier)),
    judge=_judge_sym2,
    promise=PROMISE,
    without_precondition=lambda domain: with_training(domain, _half_tied_cases(domain)),
    observe=observe_ties,
)
SYM3: Final = Property(
    id="SYM3",
    group="symmetry",
    title="a constant start stays one unit a layer",
    statement="When the weights of each hidden layer hold a single value, its biases too, and each output weighs all "
    "units alike, all units of a hidden layer stay equal throughout training, at any depth.",
    formula="for l < L: Wₗ = ωₗ 11ᵀ, bₗ = βₗ 1ᵀ; W_L = 1vᵀ  ⇒  for 1 < l < L: Wₗ(t) = ωₗ(t) 11ᵀ; W₁(t) has equal "
    "columns, W_L(t) equal rows, bₗ(t) = βₗ(t) 1ᵀ",
    precondition="hidden matrices are constant along their rows as well as their columns, the rows of the last one are "
    "equal, the optimizer's state is fresh; where the arithmetic is not index-independent, one plain step",
    exactness=Exactness.BITWISE,
    catches="faults of one layer of a deep network that a single hidden layer does not show",
    source=RUMELHART,
    claims=("S1",),
    cases=_constant_cases,
    judge=_judge_sym3,
    promise=PROMISE,
    without_precondition=_constant_per_unit_cases,
)
