"""ZERO7: an input whose weights are zero changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.strategies import cases, networks, seeds, small_numbers
from symtests.properties.judging.judging import TRIVIAL, Telling, judge_equal, number, together

__all__ = ["ZERO7"]


def _deaf_cases(domain: Domain, tier: Tier, *, zero: bool = True) -> st.SearchStrategy[Case]:
    """Draw cases with one sample and, in the details, another input."""

    @st.composite
    def deaf(draw: st.DrawFn) -> Case:
        case = draw(drawn)
        parameters = case.parameters.copy()
        for weight in parameters.weights if zero else ():
            weight[...] = 0.0
        inputs = case.network.sizes[0]
        if tier == "small":
            other = draw(small_numbers(inputs))
            if other == case.batch.x[0].tolist():
                other[0] = -other[0]
        else:
            other = np.random.default_rng(draw(seeds())).normal(size=inputs).astype(domain.dtype).tolist()
        return replace(case, parameters=parameters, details={"other_input": other})

    most = 2 if tier == "small" else 4
    drawn = cases(domain, tier, networks(domain, tier, bias=(True, False), hidden_layers=(0, most)), samples=(1, 1))
    return deaf()


def _judge(implementation: Checked, case: Case) -> Judgement:
    """Compare what two inputs do: to the outputs where they are offered, to the loss, and to the gradient."""
    other = np.array([case.details["other_input"]], case.batch.x.dtype)
    if np.array_equal(case.batch.x, other):
        return TRIVIAL
    judgements = [_judge_gradient(implementation, case, other)]
    if implementation.offers("predict"):
        judgements.append(_judge_outputs(implementation, case, other))
    return together(*judgements)


def _judge_outputs(implementation: Checked, case: Case, other: Array) -> Judgement:
    z = implementation.predict(case.network, case.parameters, np.concatenate([case.batch.x, other]))
    script = (
        f"z = implementation.predict(network, parameters, np.concatenate([batch.x, {_literal(other)}]))",
        "assert (z[0] == z[1]).all(), z",
    )
    return _judge_same(case, z[0], z[1], lambda k: f"output {k}", script)


def _judge_gradient(implementation: Checked, case: Case, other: Array) -> Judgement:
    """Compare the losses and the gradients; without a hidden layer, that of W_1 is x δ and may differ."""
    batch = Batch(other, case.batch.y, case.batch.sample_weights)
    one = implementation.loss_and_gradient(case.network, case.parameters, case.batch)
    two = implementation.loss_and_gradient(case.network, case.parameters, batch)
    start = 0 if case.network.hidden_sizes else case.network.weight_slice(0).stop
    script = (
        "g = gradient(parameters)",
        f"batch = type(batch)({_literal(other)}, batch.y, batch.sample_weights)",
        f"assert (g[{start}:] == gradient(parameters)[{start}:]).all()",
    )
    judgement = _judge_same(
        case, one.gradient.vector[start:], two.gradient.vector[start:],
        lambda k: f"the gradient of {one.gradient.name_of(start + k)}", script,
    )  # fmt: skip
    if one.loss is None or two.loss is None:
        return judgement
    script = (
        "loss, _ = implementation.loss_and_gradient(network, parameters, batch)",
        f"batch = type(batch)({_literal(other)}, batch.y, batch.sample_weights)",
        "assert loss == implementation.loss_and_gradient(network, parameters, batch)[0]",
    )
    losses = np.array([one.loss]), np.array([two.loss])
    return together(judgement, _judge_same(case, *losses, lambda _: "the loss", script))


def _judge_same(case: Case, one: Array, two: Array, name: Callable[[int], str], script: tuple[str, ...]) -> Judgement:
    if not one.size:
        return TRIVIAL
    inputs = case.batch.x[0].tolist(), list(case.details["other_input"])

    def tell(k: int) -> Telling:
        return Telling(
            f"all weights are 0, but {name(k)} depends on the input: {number(one[k])} for x = {_brief(inputs[0])} and "
            f"{number(two[k])} for x = {_brief(inputs[1])}",
            name(k),
            script,
        )

    return judge_equal(two, one, tell, trivial=False)


def _literal(x: Array) -> str:
    return f"np.array({x.tolist()}, batch.x.dtype)"


def _brief(numbers: list[float]) -> str:
    return str(numbers) if len(numbers) <= 4 else f"[{numbers[0]}, {numbers[1]}, ... ({len(numbers)} numbers)]"


ZERO7: Final = Property(
    id="ZERO7",
    group="zero_init",
    title="zero weights hear no input",
    statement="Where all weights are zero, the outputs are the same for every input, and so are the loss and the "
    "gradient (but, without a hidden layer, that of the weights).",
    formula="Wₗ = 0 for all l  ⇒  z_L(x) = z_L(x′) for all x, x′",
    precondition="all weights are zero, biases are anything; inputs are finite",
    exactness=Exactness.BITWISE_ALWAYS,
    catches="weights that are silently replaced or jittered, a connection around the weights, noise, state kept from "
    "one call to the next",
    source="Follows from z₁ = x0 + b₁.",
    claims=("S15",),
    cases=_deaf_cases,
    judge=_judge,
    without_precondition=lambda domain: _deaf_cases(domain, "small", zero=False),
)
