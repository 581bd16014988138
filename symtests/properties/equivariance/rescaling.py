"""EQV2 to EQV4: hidden units turned round or rescaled, and their outgoing weights against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.implementations.checked import Checked
from symtests.model.activations import activations_that
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.strategies import cases, networks, seeds
from symtests.properties.drawing.units import incoming, outgoing
from symtests.properties.judging.answers import positions
from symtests.properties.judging.judging import PROMISE, REJECTED
from symtests.properties.judging.relations import Relation, Term, exactly, judge_relation, on_grid, same_answer

__all__ = ["EQV2", "EQV3", "EQV4"]

_SUSSMANN: Final = (
    "H. Sussmann, Uniqueness of the weights for minimal feedforward nets with a given input-output map, Neural "
    "Networks 5 (1992)"
)
_KUNIN: Final = (
    "D. Kunin et al., Neural Mechanics: Symmetry and Broken Conservation Laws in Deep Learning Dynamics (2021)"
)
_ODD: Final = activations_that(lambda entry: entry.odd)
_NOT_ODD: Final = activations_that(lambda entry: not entry.odd)
_HOMOGENEOUS: Final = activations_that(lambda entry: entry.homogeneous)
_OTHERS: Final = activations_that(lambda entry: not entry.homogeneous)
_WEIGHT_STEP: Final = 2.0**-12


@st.composite
def _with_unit(draw: st.DrawFn, drawn: st.SearchStrategy[Case]) -> Case:
    """Draw a case and one of its hidden units, `details["layer"]` (0 is the first) and `details["unit"]`."""
    case = draw(drawn)
    layer = draw(st.integers(0, len(case.network.hidden_sizes) - 1))
    return replace(case, details={"layer": layer, "unit": draw(st.integers(0, case.network.hidden_sizes[layer] - 1))})


def _cases_of(
    domain: Domain, tier: Tier, activations: Sequence[str], bias: Sequence[bool] = (False, True)
) -> st.SearchStrategy[Case]:
    return _with_unit(cases(domain, tier, networks(domain, tier, activations=activations, bias=bias)))


def _in_words(case: Case) -> str:
    layer = case.details["layer"]
    return f"hidden unit {case.details['unit']} of layer {layer + 1} ({case.network.activations[layer]})"


def _unit_lines(case: Case, into: str, out: str, further: Sequence[str] = ()) -> tuple[str, ...]:
    """Return lines of a script that put `into` behind the incoming weights and the bias, `out` behind the outgoing."""
    layer, unit = case.details["layer"], case.details["unit"]
    bias = [f"parameters.bias({layer})[{unit}] {into}"] * case.network.bias
    return (
        "before = ask(parameters)",
        f"parameters.weight({layer})[:, {unit}] {into}",
        *bias,
        *further,
        f"parameters.weight({layer + 1})[{unit}] {out}",
        "found = ask(parameters)",
    )


# EQV2: an odd unit turned round.


def _judge_odd_flip(implementation: Checked, case: Case) -> Judgement:
    layer, unit = case.details["layer"], case.details["unit"]
    turned = np.concatenate([incoming(case.network, layer, unit), outgoing(case.network, layer, unit)])
    parameters, same = case.parameters.copy(), same_answer(case)
    parameters.vector[turned] *= -1
    same.coefficients[turned] = -1
    relation = Relation(
        replace(case, parameters=parameters),
        (same,),
        f"{_in_words(case)} has all its weights negated, and its activation is odd",
        _unit_lines(case, "*= -1", "*= -1"),
        relevant=turned,
    )
    # Negation rounds nothing; but a tanh may be odd to rounding only, as 1 - 2 / (1 + exp(2z)) is.
    return judge_relation(implementation, relation, bits=case.network.activations[layer] == "identity")


# EQV3: a logistic unit turned round.


def _with_logistic_unit(
    domain: Domain, tier: Tier, activations: Sequence[str] = ("logistic",)
) -> st.SearchStrategy[Case]:
    """Draw cases in which the sums of outgoing weights and biases are exact."""

    @st.composite
    def with_unit(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        layer = case.details["layer"] + 1
        parameters = case.parameters.copy()
        for part in (parameters.weight(layer), parameters.bias(layer)):
            part[...] = on_grid(part, _WEIGHT_STEP)
        return replace(case, parameters=parameters)

    drawn = _cases_of(domain, tier, activations, bias=(True,))
    return drawn if tier == "small" else with_unit()


def _judge_logistic_flip(implementation: Checked, case: Case) -> Judgement:
    layer, unit = case.details["layer"], case.details["unit"]
    into, out = incoming(case.network, layer, unit), outgoing(case.network, layer, unit)
    next_bias = positions(case.network, layer + 1)[1]
    vector = case.parameters.vector.astype(np.float64)
    vector[next_bias] += vector[out]
    vector[[*into, *out]] *= -1
    moved = exactly(vector, case.parameters.dtype)
    if moved is None:
        return REJECTED
    same = same_answer(case)
    same.coefficients[[*into, *out]] = -1
    to_bias = f"parameters.bias({layer + 1})[...] += parameters.weight({layer + 1})[{unit}]"
    of_bias, where = np.zeros_like(same.coefficients), same.where.copy()
    of_bias[out], where[out] = 1, next_bias
    relation = Relation(
        replace(case, parameters=Parameters(case.network, moved)),
        (same, Term(case, of_bias, where, 0.0)),
        f"{_in_words(case)} has all its weights negated, and its outgoing weights are added to b{layer + 2}, which "
        "changes nothing as logistic(-z) = 1 - logistic(z)",
        _unit_lines(case, "*= -1", "*= -1", [to_bias]),
        relevant=np.concatenate([into, out]),
    )
    return judge_relation(implementation, relation)


# EQV4: a homogeneous unit rescaled.


def _with_factors(domain: Domain, tier: Tier, activations: Sequence[str]) -> st.SearchStrategy[Case]:
    """Draw cases in which the units of one layer, `details["layer"]`, have factors, `details["factors"]`."""
    factors = (2.0, 0.5, 4.0, 0.25, 8.0)

    @st.composite
    def with_factors(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        width = case.network.hidden_sizes[case.details["layer"]]
        if tier == "small":
            chosen = draw(st.lists(st.sampled_from(factors), min_size=width, max_size=width))
        else:
            chosen = np.random.default_rng(draw(seeds())).choice((1.0, *factors), width).tolist()
        return replace(case, details={"layer": case.details["layer"], "factors": chosen})

    drawn = _cases_of(domain, tier, activations)
    return with_factors()


def _judge_factors(implementation: Checked, case: Case) -> Judgement:
    layer, dtype = case.details["layer"], case.parameters.dtype
    factors = np.array(case.details["factors"], dtype)
    (weight, bias), (out, _) = positions(case.network, layer), positions(case.network, layer + 1)
    parameters, same = case.parameters.copy(), same_answer(case)
    parameters.weight(layer)[...] *= factors
    parameters.weight(layer + 1)[...] /= factors[:, np.newaxis]
    same.coefficients[weight] = 1 / factors
    same.coefficients[out] = factors[:, np.newaxis]
    if case.network.bias:
        parameters.bias(layer)[...] *= factors
        same.coefficients[bias] = 1 / factors
    shown = ", ".join(f"{factor:g}" for factor in factors[:3]) + (", ..." if len(factors) > 3 else "")
    relation = Relation(
        replace(case, parameters=parameters),
        (same,),
        f"the incoming weights of the units of layer {layer + 1} ({case.network.activations[layer]}) are multiplied by "
        f"({shown}) and their outgoing weights divided by the same",
        (
            "before = ask(parameters)",
            f"factors = np.array({factors.tolist()!r}, parameters.dtype)",
            f"parameters.weight({layer})[...] *= factors",
            *([f"parameters.bias({layer})[...] *= factors"] * case.network.bias),
            f"parameters.weight({layer + 1})[...] /= factors[:, np.newaxis]",
            "found = ask(parameters)",
        ),
        relevant=np.concatenate([weight.ravel(), bias, out.ravel()]),
    )
    # A gradient that is recovered from a step has been rounded with the parameters, which were scaled otherwise.
    return judge_relation(implementation, relation, bits=implementation.offers("loss_and_gradient"))


EQV2 = Property(
    id="EQV2",
    group="equivariance",
    title="an odd unit turned round",
    statement="Where all incoming and outgoing weights of a unit with an odd activation are negated, the loss stays "
    "and the unit's gradients are negated.",
    formula="σ(−z) = −σ(z): (w, b, v) → (−w, −b, −v)  ⇒  (∂w, ∂b, ∂v) → (−∂w, −∂b, −∂v), L′ = L",
    precondition="an odd σ, as tanh; bits are asked for with identity, as a tanh may be odd to rounding only",
    exactness=Exactness.BITWISE_ALWAYS,
    catches="σ′ that depends on the sign, absolute values, rounding towards one side, clipping at one side",
    source=_SUSSMANN,
    cases=lambda domain, tier: _cases_of(domain, tier, _ODD),
    judge=_judge_odd_flip,
    promise=PROMISE,
    without_precondition=lambda domain: _cases_of(domain, "small", _NOT_ODD),
)
EQV3 = Property(
    id="EQV3",
    group="equivariance",
    title="a logistic unit turned round",
    statement="Where all weights of a logistic unit are negated and its outgoing weights are added to the next bias, "
    "the loss stays, the gradients of the incoming weights are negated, and those of the outgoing ones become the "
    "gradient of the next bias less what they were.",
    formula="(w, b, v, c) → (−w, −b, −v, c + v)  ⇒  ∂w → −∂w, ∂b → −∂b, ∂v → ∂c − ∂v, L′ = L",
    precondition="logistic; layers have biases",
    exactness=Exactness.ROUNDING,
    catches="a logistic of another slope or offset, its derivative at a wrong argument, biases left out",
    source=f"Follows from logistic(−z) = 1 − logistic(z), the affine form of the odd case of {_SUSSMANN}",
    cases=_with_logistic_unit,
    judge=_judge_logistic_flip,
    promise=PROMISE,
    without_precondition=lambda domain: _with_logistic_unit(domain, "small", ("tanh", "relu", "softplus", "identity")),
)
EQV4 = Property(
    id="EQV4",
    group="equivariance",
    title="homogeneous units rescaled",
    statement="Where the incoming weights and the bias of homogeneous units are multiplied by powers of two and their "
    "outgoing weights divided by the same, the loss stays, and their gradients are divided and multiplied by them.",
    formula="σ(αz) = α σ(z): (w, b, v) → (αw, αb, v/α)  ⇒  (∂w, ∂b, ∂v) → (∂w/α, ∂b/α, α ∂v), L′ = L,  α = 2ᵖ",
    precondition="a homogeneous σ, as relu; the factors are positive powers of two; no product underflows",
    exactness=Exactness.BITWISE_ALWAYS,
    catches="clipped activations or gradients, a penalty on the weights, thresholds other than 0",
    source=_KUNIN,
    cases=lambda domain, tier: _with_factors(domain, tier, _HOMOGENEOUS),
    judge=_judge_factors,
    promise=PROMISE,
    without_precondition=lambda domain: _with_factors(domain, "small", _OTHERS),
)
