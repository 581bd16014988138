"""EMB2: a network that starts with one value for each layer is a narrow one, at learning rates of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.strategies import SIXTEENTHS, cases, networks
from symtests.properties.equal_units.symmetry import RUMELHART
from symtests.properties.equal_units.unit_split import FUKUMIZU, network_line
from symtests.properties.judging.answers import positions
from symtests.properties.judging.judging import PROMISE, REJECTED
from symtests.properties.judging.relations import Relation, Term, exactly, judge_relation, on_grid

__all__ = ["EMB2"]

_WEIGHT_STEP: Final = 2.0**-12


def _tied_cases(domain: Domain, tier: Tier, *, tied: bool = True) -> st.SearchStrategy[Case]:
    """Draw cases in which all units of each hidden layer are tied; or tied but for one, if not `tied`."""

    @st.composite
    def with_ties(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        parameters = case.parameters.copy()
        *_, last = weights = parameters.weights
        for layer, (weight, bias) in enumerate(zip(weights[:-1], parameters.biases, strict=False)):
            bias[...] = draw(st.sampled_from(SIXTEENTHS))
            if layer:
                # In the wide tier the sum over the fan-in stays of the size of one term: units do not saturate.
                scale = 1.0 if tier == "small" else 2.0 ** -np.ceil(np.log2(len(weight)))
                weight[...] = scale * draw(st.sampled_from(SIXTEENTHS))
            else:
                weight[...] = weight[:, :1]
        # What the units add up to is multiplied by the width, which must round nothing.
        last[...] = (last if tier == "small" else on_grid(last, _WEIGHT_STEP))[0]
        if not tied:
            layer = draw(st.sampled_from([k for k, width in enumerate(case.network.hidden_sizes) if width > 1]))
            weights[layer][:, -1] *= -1
        return replace(case, parameters=parameters)

    if domain.capabilities.min_width > 1:
        raise Unsupported(
            f"the property needs hidden layers of one unit; it has at least {domain.capabilities.min_width}"
        )
    drawn = cases(domain, tier, networks(domain, tier, least_widest=2))
    return with_ties()


def _narrow(network: Network) -> Network:
    """Return the network with one unit in each hidden layer."""
    ones = (1,) * len(network.hidden_sizes)
    return Network((network.sizes[0], *ones, network.sizes[-1]), network.activations, network.loss, network.bias)


def _judge(implementation: Checked, case: Case) -> Judgement:
    network, parameters = case.network, case.parameters
    narrow = Parameters.zeros(_narrow(network), parameters.dtype)
    coefficients, where = Parameters.zeros(network), Parameters.zeros(network)
    lines = []
    for layer in range(network.layer_count):
        weight, bias = parameters.weight(layer), parameters.bias(layer)
        fan_in = network.sizes[layer] if layer else 1  # units below that are one in the narrow network
        units = network.sizes[layer + 1] if layer < network.layer_count - 1 else 1
        rows, columns = slice(0, len(weight) if layer == 0 else 1), slice(0, weight.shape[1] if units == 1 else 1)
        scaled = exactly(fan_in * weight[rows, columns].astype(np.float64), parameters.dtype)
        if scaled is None:
            return REJECTED
        narrow.weight(layer)[...] = scaled
        narrow.bias(layer)[...] = bias[columns]
        # 1 / units is rounded, by less than the products with it, for which the relation makes allowance.
        coefficients.weight(layer)[...] = coefficients.bias(layer)[...] = 1 / units
        of_weight, of_bias = positions(narrow.network, layer)
        where.weight(layer)[...] = of_weight
        where.bias(layer)[...] = of_bias
        cut = f"[{rows.start}:{rows.stop}, {columns.start}:{columns.stop}]"
        lines.append(f"weights.append({fan_in} * parameters.weight({layer}){cut})")
        if network.bias:
            lines.append(f"biases.append(parameters.bias({layer})[{columns.start}:{columns.stop}])")
    other = replace(case, network=narrow.network, parameters=narrow)
    relation = Relation(
        case,
        (Term(other, coefficients.vector, where.vector.astype(np.intp), 1.0),),
        "all hidden units of a layer are tied, so that the network is one with a single unit in each hidden layer, "
        "whose weights are multiplied by the number of units below and whose gradients are shared among the units",
        (
            "found, weights, biases = ask(parameters), [], []",
            *lines,
            network_line(narrow.network),
            "before = ask(Parameters.from_layers(network, weights, biases, parameters.dtype))",
        ),
    )
    return judge_relation(implementation, relation)


EMB2: Final = Property(
    id="EMB2",
    group="embedding",
    title="a tied network is a narrow one",
    statement="A network whose hidden layers are each made of equal units has the loss of one with a single unit in "
    "each hidden layer, and a step moves it as that one moves at learning rates that are larger by the number of "
    "units below and smaller by the number of units beside: whatever its width, it can do no more.",
    formula="Wₗ = ωₗ 11ᵀ, Uₗ = Hₗ₋₁ωₗ  ⇒  L(W) = L(U), ∂Wₗ = ∂Uₗ/Hₗ, ∂bₗ = ∂βₗ/Hₗ, ΔUₗ = −η (Hₗ₋₁/Hₗ) ∂Uₗ;  Hₗ units "
    "in layer l, 1 for l = 0 and l = L",
    precondition="all units of each hidden layer have equal incoming and outgoing weights; plain gradient descent",
    exactness=Exactness.ROUNDING,
    catches="a scale that depends on the width of a layer, numbers normalised over units, a last unit left out, "
    "dropout left on, weights read from the wrong place once layers are wide",
    source=f"{RUMELHART}; {FUKUMIZU}",
    claims=("S1",),
    cases=_tied_cases,
    judge=_judge,
    promise=PROMISE,
    without_precondition=lambda domain: _tied_cases(domain, "small", tied=False),
)
