"""EMB1 and EMB5: a wider network that computes the same: a unit in two parts, or one with zero outgoing weights."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.few_shapes import choices_of_network
from symtests.properties.drawing.strategies import cases, networks
from symtests.properties.drawing.units import hidden_layers_of, incoming
from symtests.properties.judging.judging import PROMISE, REJECTED, Telling, judge_equal, number, together
from symtests.properties.judging.relations import Relation, Term, exactly, judge_relation, on_grid, same_answer
from symtests.properties.judging.telling import READ_GRADIENT

__all__ = ["EMB1", "EMB5", "FUKUMIZU", "network_line", "resized", "with_copy"]

FUKUMIZU: Final = (
    "K. Fukumizu, S. Amari, Local minima and plateaus in hierarchical structures of multilayer perceptrons (2000)"
)
_SHARES: Final = (0.5, 0.25, 0.75, -0.5, 1.5)
_WEIGHT_STEP: Final = 2.0**-12


def resized(network: Network, layer: int, change: int) -> Network:
    """Return the network with so many more units in a hidden layer (0 is the first)."""
    sizes = list(network.sizes)
    sizes[layer + 1] += change
    return Network(tuple(sizes), network.activations, network.loss, network.bias)


def with_copy(parameters: Parameters, layer: int, unit: int, position: int) -> Parameters:
    """Return the parameters of a network with one unit more: a copy of a hidden `unit`, which becomes unit `position`.

    Copied are incoming weights, bias and outgoing weights.
    """
    network, tensors = parameters.network, _tensors_of(parameters)
    for part in network.groups[layer].parts:
        copied = np.take(tensors[part.name], unit, part.axis)
        tensors[part.name] = np.insert(tensors[part.name], position, copied, part.axis)
    return Parameters.from_tensors(resized(network, layer, 1), tensors)


def _tensors_of(parameters: Parameters) -> dict[str, Array]:
    return {name: parameters.tensor(name) for name in parameters.network.tensors}


def network_line(network: Network) -> str:
    """Return the line of a script that builds a network."""
    activations = list(network.activations)
    return f"network = Network({network.sizes!r}, {activations!r}, {network.loss!r}, bias={network.bias!r})"


def _narrower_networks(domain: Domain, tier: Tier) -> st.SearchStrategy[Network]:
    """Draw networks with one unit less in a hidden layer than the implementation can do."""

    @st.composite
    def narrower(draw: st.DrawFn) -> Network:
        network = draw(drawn)
        return resized(network, draw(choices_of_network(domain, network, hidden_layers_of(network, least))), -1)

    least = max(2, domain.capabilities.min_width + 1)
    drawn = networks(domain, tier, least_widest=least)
    return narrower()


def _layers_with_room(domain: Domain, network: Network) -> list[int]:
    widest = domain.capabilities.max_width or max(network.hidden_sizes) + 1
    return [layer for layer, width in enumerate(network.hidden_sizes) if width < widest]


def _lines_of_copy(network: Network, layer: int, unit: int, position: int) -> list[str]:
    """Return lines that make `weights` and `biases` of the wider network, and the network itself."""
    return [
        "weights = [w.copy() for w in parameters.weights]",
        "biases = [b.copy() for b in parameters.biases if b.size]",
        f"weights[{layer}] = np.insert(weights[{layer}], {position}, weights[{layer}][:, {unit}], axis=1)",
        f"weights[{layer + 1}] = np.insert(weights[{layer + 1}], {position}, weights[{layer + 1}][{unit}], axis=0)",
        *([f"biases[{layer}] = np.insert(biases[{layer}], {position}, biases[{layer}][{unit}])"] * network.bias),
        network_line(resized(network, layer, 1)),
    ]


# EMB1: a unit in two parts.


def _with_shares(domain: Domain, tier: Tier, *, whole: bool = True) -> st.SearchStrategy[Case]:
    """Draw cases with a hidden unit, its shares of the outgoing weights, and where its copy goes."""

    @st.composite
    def with_shares(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        layer = draw(choices_of_network(domain, case.network, _layers_with_room(domain, case.network)))
        width = case.network.hidden_sizes[layer]
        unit, position = draw(st.integers(0, width - 1)), draw(st.integers(0, width))
        share = draw(st.sampled_from(_SHARES))
        parameters = case.parameters.copy()
        if tier == "wide":  # in the small tier, every number lies on a grid already
            outgoing = parameters.weight(layer + 1)
            outgoing[unit] = on_grid(outgoing[unit], _WEIGHT_STEP)
        rest = 1 - share if whole else 1 + share
        details = {"layer": layer, "unit": unit, "position": position, "shares": [share, rest]}
        return replace(case, parameters=parameters, details=details)

    drawn = cases(domain, tier, _narrower_networks(domain, tier))
    return with_shares()


def _judge_split(implementation: Checked, case: Case) -> Judgement:
    layer, unit, position, shares = (case.details[name] for name in ("layer", "unit", "position", "shares"))
    wider = with_copy(case.parameters, layer, unit, position)
    parts = unit + (position <= unit), position  # the unit has moved up where its copy comes first
    of_unit = case.parameters.weight(layer + 1)[unit].astype(np.float64)
    for part, share in zip(parts, shares, strict=True):
        outgoing = exactly(share * of_unit, wider.dtype)
        if outgoing is None:
            return REJECTED
        wider.weight(layer + 1)[part] = outgoing
    same = same_answer(case)
    # Positions that are copied as the parameters are tell which component of the gradient each one was.
    came_from = with_copy(Parameters(case.network, same.where.astype(np.float64)), layer, unit, position)
    coefficients = np.ones(wider.network.parameter_count)
    for part, share in zip(parts, shares, strict=True):
        coefficients[incoming(wider.network, layer, part)] = share
    relation = Relation(
        replace(case, network=wider.network, parameters=wider),
        (Term(case, coefficients, came_from.vector.astype(np.intp), 1.0),),
        f"hidden unit {unit} of layer {layer + 1} is split into two that have its incoming weights, and {shares[0]:g} "
        f"and {shares[1]:g} times its outgoing ones (the parts are now units {parts[0]} and {parts[1]})",
        (
            "before = ask(parameters)",
            *_lines_of_copy(case.network, layer, unit, position),
            f"weights[{layer + 1}][{parts[0]}] *= {shares[0]!r}",
            f"weights[{layer + 1}][{parts[1]}] *= {shares[1]!r}",
            "found = ask(Parameters.from_layers(network, weights, biases, parameters.dtype))",
        ),
    )
    return judge_relation(implementation, relation)


# EMB5: a unit without outgoing weights.


def _with_idle_unit(domain: Domain, tier: Tier, *, idle: bool = True) -> st.SearchStrategy[Case]:
    """Draw cases with a hidden unit whose outgoing weights are 0, in a layer that has others."""

    @st.composite
    def with_idle_unit(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        layer = draw(choices_of_network(domain, case.network, hidden_layers_of(case.network, 2)))
        unit = draw(st.integers(0, case.network.hidden_sizes[layer] - 1))
        parameters = case.parameters.copy()
        if idle:
            parameters.weight(layer + 1)[unit] = 0
        return replace(case, parameters=parameters, details={"layer": layer, "unit": unit})

    drawn = cases(domain, tier, networks(domain, tier, least_widest=2))
    return with_idle_unit()


def _without_unit(parameters: Parameters, layer: int, unit: int) -> Parameters:
    network, tensors = parameters.network, _tensors_of(parameters)
    for part in network.groups[layer].parts:
        tensors[part.name] = np.delete(tensors[part.name], unit, part.axis)
    return Parameters.from_tensors(resized(network, layer, -1), tensors)


def _judge_idle_unit(implementation: Checked, case: Case) -> Judgement:
    layer, unit = case.details["layer"], case.details["unit"]
    narrower = _without_unit(case.parameters, layer, unit)
    network = narrower.network
    everywhere = Parameters(case.network, np.arange(case.network.parameter_count, dtype=np.float64))
    where = _without_unit(everywhere, layer, unit).vector.astype(np.intp)
    relation = Relation(
        replace(case, network=network, parameters=narrower),
        (Term(case, np.ones(len(where)), where, 1.0),),
        f"hidden unit {unit} of layer {layer + 1}, whose outgoing weights are 0, is taken out",
        (
            "before = ask(parameters)",
            "weights, biases = list(parameters.weights), [b for b in parameters.biases if b.size]",
            f"weights[{layer}] = np.delete(weights[{layer}], {unit}, axis=1)",
            f"weights[{layer + 1}] = np.delete(weights[{layer + 1}], {unit}, axis=0)",
            *([f"biases[{layer}] = np.delete(biases[{layer}], {unit})"] * network.bias),
            network_line(network),
            "found = ask(Parameters.from_layers(network, weights, biases, parameters.dtype))",
        ),
    )
    return together(_judge_idle_gradient(implementation, case, layer, unit), judge_relation(implementation, relation))


def _judge_idle_gradient(implementation: Checked, case: Case, layer: int, unit: int) -> Judgement:
    """Judge whether the incoming weights of the idle unit have gradients of exactly 0, as any sum of zeros is."""
    group = case.network.groups[layer]
    where = np.hstack([part.rows(case.network.tensors, [unit])[0] for part in group.incoming])
    gradient = implementation.loss_and_gradient(case.network, case.parameters, case.batch).gradient
    found: Array = gradient.vector[where]

    def tell(k: int) -> Telling:
        name = gradient.name_of(int(where[k]))
        return Telling(
            f"the outgoing weights of hidden unit {unit} of layer {layer + 1} are 0, so that nothing depends on its "
            f"incoming ones, but the gradient of {name} is {number(found[k])}",
            f"gradient of {name}",
            (READ_GRADIENT, f"assert g.vector[{int(where[k])}] == 0, g.vector[{int(where[k])}]  # {name}"),
        )

    return judge_equal(found, np.zeros_like(found), tell, trivial=not gradient.vector.any())


def _whatever_is_drawn(domain: Domain) -> st.SearchStrategy[Case]:
    return _with_idle_unit(domain, "small", idle=False)


EMB1: Final = Property(
    id="EMB1",
    group="embedding",
    title="a unit split in two",
    statement="Where a hidden unit is split into two that have its incoming weights and shares of its outgoing ones, "
    "the loss stays what it was, the incoming gradients are shared alike, and the outgoing ones are copied.",
    formula="wᵢ = wⱼ = w, vᵢ = λv, vⱼ = (1 − λ)v  ⇒  L′ = L, ∂wᵢ = λ ∂w, ∂wⱼ = (1 − λ) ∂w, ∂vᵢ = ∂vⱼ = ∂v",
    precondition="the shares sum to 1",
    exactness=Exactness.ROUNDING,
    catches="a scale that depends on the width of a layer, numbers normalised over the units of a layer, dropout left "
    "on, a last unit left out, outgoing weights averaged",
    source=f"{FUKUMIZU}; T. Chen, I. Goodfellow, J. Shlens, Net2Net: Accelerating Learning via Knowledge Transfer "
    "(2016)",
    cases=_with_shares,
    judge=_judge_split,
    promise=PROMISE,
    without_precondition=lambda domain: _with_shares(domain, "small", whole=False),
)
EMB5: Final = Property(
    id="EMB5",
    group="embedding",
    title="a unit with zero outgoing weights",
    statement="A hidden unit whose outgoing weights are 0 gets gradients of exactly 0 for its incoming weights, and "
    "where it is taken out, the loss and every other gradient stay what they were.",
    formula="vⱼ = 0  ⇒  ∂wⱼ = 0, ∂bⱼ = 0; L and ∂ of all other parameters as without unit j",
    precondition="all outgoing weights of the unit are 0",
    exactness=Exactness.ROUNDING,
    catches="a scale that depends on the width of a layer, numbers normalised over the units of a layer, noise in the "
    "hidden error signals, a penalty on the weights",
    source=FUKUMIZU,
    cases=_with_idle_unit,
    judge=_judge_idle_unit,
    promise=PROMISE,
    without_precondition=_whatever_is_drawn,
)
