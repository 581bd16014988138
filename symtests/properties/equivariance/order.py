"""EQV1: the order of the hidden units of a layer is of no account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from symtests.implementations.checked import Checked
from symtests.model.groups import exchange
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.strategies import cases, networks, seeds
from symtests.properties.drawing.units import hidden_layers_of
from symtests.properties.judging.judging import PROMISE, TRIVIAL
from symtests.properties.judging.relations import Relation, judge_relation, same_answer

__all__ = ["EQV1"]


def _with_order(domain: Domain, tier: Tier, ends: Sequence[str] = ("incoming", "outgoing")) -> st.SearchStrategy[Case]:
    """Draw cases with a hidden layer, an order of its units, and which of their weights move with them."""

    @st.composite
    def reordered(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        layer = draw(st.sampled_from(hidden_layers_of(case.network, 2)))
        count = case.network.hidden_sizes[layer]
        if tier == "small":
            order = draw(st.permutations(range(count)).filter(lambda order: order != sorted(order)))
        else:
            order = np.random.default_rng(draw(seeds())).permutation(count).tolist()
        return replace(case, details={"layer": layer, "order": order, "ends": list(ends)})

    drawn = cases(domain, tier, networks(domain, tier, least_widest=2))
    return reordered()


def _judge(implementation: Checked, case: Case) -> Judgement:
    layer, order, ends = (case.details[name] for name in ("layer", "order", "ends"))
    network, group = case.network, case.network.groups[layer]
    parts = [part for end in ends for part in getattr(group, end)]
    moved = case.parameters.vector[exchange(network, group, order, parts)]
    if moved.tobytes() == case.parameters.vector.tobytes():
        return TRIVIAL
    parameters = Parameters(network, moved)
    views = [(f"parameters.tensor({part.name!r})", ":, " * (part.axis or 0)) for part in parts]
    relation = Relation(
        replace(case, parameters=parameters),
        (replace(same_answer(case), where=exchange(network, group, order)),),
        f"the hidden units of layer {layer + 1} are put into the order {_listed(order)} with their "
        f"{' and '.join(ends)} weights",
        (
            "before = ask(parameters)",
            f"order = {list(order)!r}",
            *(f"{view}[...] = {view}[{axes}order]" for view, axes in views),
            "found = ask(parameters)",
        ),
    )
    return judge_relation(implementation, relation)


def _listed(order: Sequence[int]) -> str:
    return ", ".join(map(str, order)) if len(order) <= 3 else f"{', '.join(map(str, order[:3]))}, ..."


EQV1 = Property(
    id="EQV1",
    group="equivariance",
    title="the order of hidden units is of no account",
    statement="Where the units of a hidden layer change places, each with its incoming and outgoing weights and its "
    "bias, the loss stays what it was, and the gradient changes places with them.",
    formula="p an exchange of units of a layer  ⇒  L(θ[p]) = L(θ), ∇L(θ[p]) = ∇L(θ)[p]",
    precondition="incoming weights, bias and outgoing weights move together; every hidden unit of the layer has the "
    "same activation",
    exactness=Exactness.ROUNDING,
    catches="a unit that is treated unlike the others because of its index: a remainder loop that ends too early, a "
    "stride or an offset that is wrong, a last unit that is left out, noise of its own for each unit",
    source="H. Sussmann, Uniqueness of the weights for minimal feedforward nets with a given input-output map (1992); "
    "A. M. Chen, H. Lu, R. Hecht-Nielsen, On the geometry of feedforward neural network error surfaces (1993).",
    cases=_with_order,
    judge=_judge,
    promise=PROMISE,
    without_precondition=lambda domain: _with_order(domain, "small", ("incoming",)),
)
