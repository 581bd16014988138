"""SAD2: the exclusive or at zero weights, a saddle point that no second derivative shows.

With the output bias c half-way between the targets, the error signals at zero are d (1, -1, -1, 1): they cancel against
1 and against each input, so that the matrix A of SAD1 is 0 and the Hessian off c with it. But with V = 0 and weights
W, b of any size, the gradient of V is

    dL/dV_j = d (sigma(z_j00) - sigma(z_j01) - sigma(z_j10) + sigma(z_j11)),

which no linear function of the inputs makes 0 but by symmetry: a small V against its sign lowers the loss. All numbers
in the gradient at W = 0 are one number with either sign, so that it is exactly 0 in any arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.checked import Checked
from symtests.model.activations import activations_that
from symtests.oracle import passes
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.strategies import networks, seeds
from symtests.properties.drawing.xor_starts import xor_batches
from symtests.properties.judging.answers import OWN_ROUNDOFF, measure
from symtests.properties.judging.judging import PROMISE, Telling, judge_equal, number, together
from symtests.properties.judging.lower_loss import judge_lower
from symtests.properties.judging.telling import assertion, explained

__all__ = ["SAD2"]

_BENT: Final = activations_that(lambda entry: entry.is_curved and entry.zero_at_zero)
_HALF_WAY: Final = {"mse": 0.5, "bce": 0.0, "logistic_mse": 0.0}
_WEIGHTS: Final = (1.0, -1.0, 0.5, -0.5, 0.75, -0.75)
_FACTORS: Final = (1.0, -1.0, 0.5, -0.25)
_BIASES: Final = (-0.5, -0.75, -1.0, -0.25, 0.25, 0.5, 1.0)
_OUTGOING: Final = (2.0**-4, 2.0**-7, 2.0**-10)
_SIGNS: Final = np.array([1.0, -1.0, -1.0, 1.0])


def _flat_cases(domain: Domain, tier: Tier, shift: float = 0.0) -> st.SearchStrategy[Case]:
    """Draw weights of any size whose outgoing ones are small and lie downhill, and the output bias half-way."""

    @st.composite
    def flat(draw: st.DrawFn) -> Case:
        network, batch = draw(drawn), draw(st.sampled_from(batches))
        units = network.hidden_sizes[0]
        if tier == "small":
            first, factors, biases = (
                np.array([draw(st.sampled_from(values)) for _ in range(units)])
                for values in (_WEIGHTS, _FACTORS, _BIASES)
            )
        else:
            random = np.random.default_rng(draw(seeds()))
            first, factors, biases = (random.choice(values, units) for values in (_WEIGHTS, _FACTORS, _BIASES))
        second = first * factors
        parameters = Parameters.from_layers(
            network, [np.stack([first, second]), np.zeros((units, 1))], [biases, [_HALF_WAY[network.loss] + shift]]
        ).astype(domain.dtype)
        downhill = -np.sign(passes.loss_and_gradient(network, parameters, batch)[1].weight(1))
        parameters.weight(1)[...] = downhill * draw(st.sampled_from(_OUTGOING)) / 2.0 ** np.ceil(np.log2(units))
        return Case(network, parameters, batch)

    batches = xor_batches(domain)
    drawn = networks(
        domain, tier, activations=_BENT, losses=tuple(_HALF_WAY), bias=(True,), hidden_layers=(1, 1), inputs=(2, 2),
        outputs=(1, 1),
    )  # fmt: skip
    return flat()


def _at(case: Case, *zeroed: str) -> Case:
    """Return the case without its ``incoming`` or ``outgoing`` weights."""
    parameters = case.parameters.copy()
    if "incoming" in zeroed:
        parameters.weight(0)[...] = parameters.bias(0)[...] = 0
    if "outgoing" in zeroed:
        parameters.weight(1)[...] = 0
    return replace(case, parameters=parameters)


_ZEROING: Final = {
    "incoming": "theta.weight(0)[...] = theta.bias(0)[...] = 0",
    "outgoing": "theta.weight(1)[...] = 0",
}


def _script(*zeroed: str) -> tuple[str, ...]:
    return ("theta = parameters.copy()", *(_ZEROING[name] for name in zeroed))


def _judge(implementation: Checked, case: Case) -> Judgement:
    at_zero = ("given = parameters", *(line.replace("theta", "parameters") for line in _script(*_ZEROING)))
    where = "at zero no second derivative shows a way down, but with these weights"
    return together(
        _judge_flat(implementation, case, "incoming", "outgoing"),
        _judge_flat(implementation, case, "incoming"),
        _judge_slope(implementation, case),
        judge_lower(implementation, _at(case, *_ZEROING), case, where, (*at_zero, "theta = given")),
    )


def _judge_flat(implementation: Checked, case: Case, *zeroed: str) -> Judgement:
    """Judge whether the whole gradient is 0 at incoming weights of 0.

    It is exactly so where arithmetic is that of IEEE and no elementary function is asked: a logistic(0) that is an ulp
    above 1/2 leaves that ulp of each sample.
    """
    measured = measure(implementation, _at(case, *zeroed))
    gradient = measured.answer.gradient
    found = gradient.vector
    exact = implementation.dtype not in implementation.capabilities.unit_roundoff and case.network.loss == "mse"
    bound = None if exact or not found.any() else measured.tolerance

    def tell(k: int) -> Telling:
        name, largest = gradient.name_of(k), 0.0 if bound is None else float(bound[k])
        return Telling(
            f"with {' and '.join(zeroed)} weights of 0 and an output bias half-way between the targets, the error "
            f"signals of the exclusive or cancel, but the gradient of {name} is {number(found[k])}{explained(largest)}",
            f"gradient of {name}",
            (*_script(*zeroed), f"g = gradient(theta)[{k}]", assertion("g", "0.0", largest)),
        )

    return judge_equal(found, np.zeros_like(found), tell, bound=bound, trivial=False)


def _judge_slope(implementation: Checked, case: Case) -> Judgement:
    """Judge the gradient of V at V = 0, by which the loss falls."""
    at = _at(case, "outgoing")
    measured = measure(implementation, at)
    stages, tolerances = measured.expected.stages, measured.expected.stage_tolerances
    hidden, delta = stages.activations[1], stages.error_signals[-1][:, 0]
    smaller = OWN_ROUNDOFF / implementation.unit_roundoff  # tolerances are for the arithmetic under check
    size = float(np.abs(delta).max())
    sign = np.sign(delta[0])
    expected: Array = sign * size * (_SIGNS @ hidden)
    own = smaller * (np.abs(delta) @ tolerances.activations[1] + tolerances.error_signals[-1][:, 0] @ np.abs(hidden))
    own = own + 8 * OWN_ROUNDOFF * size * np.abs(hidden).sum(axis=0)
    where = np.arange(at.network.parameter_count)[at.network.weight_slice(1)]
    found, bound = measured.vector[where], measured.tolerance[where] + own * (1 + 1e-9)

    def tell(k: int) -> Telling:
        name, largest = measured.answer.gradient.name_of(int(where[k])), float(bound[k])
        return Telling(
            f"with outgoing weights of 0, the gradient of {name} should be {expected[k]:.9g}, and shows a way down "
            f"from zero, but it is {found[k]:.9g}{explained(largest)}",
            f"gradient of {name}",
            (
                *_script("outgoing"),
                f"g = gradient(theta)[{int(where[k])}]",
                assertion("g", repr(float(expected[k])), largest),
            ),
        )

    form = measured.expected.form
    return judge_equal(found, expected, tell, bound=bound, promise=PROMISE, tolerance=form)


_NOT_HALF_WAY: Sequence[float] = (-0.25, 0.25)
SAD2: Final = Property(
    id="SAD2",
    group="saddle",
    title="a saddle point without curvature",
    statement="On the exclusive or, at zero weights and an output bias half-way between the targets, the gradient is "
    "exactly 0 and so is every second derivative off that bias, and yet a lower loss lies beside it.",
    formula="c = ½: ∇L(0, V, c) = 0 for every V; but ∂L/∂Vⱼ at (W, 0, c) is a multiple of σⱼ(0, 0) − σⱼ(0, 1) − σⱼ(1, "
    "0) + σⱼ(1, 1) ≠ 0",
    precondition="inputs 0 and 1 or −1 and 1; σ(0) = 0 and σ smooth and bent, as tanh, silu and gelu; c half-way "
    "between the targets, 0 before a logistic",
    exactness=Exactness.ROUNDING,
    catches="noise that is added where a gradient vanishes, samples left out or counted twice, small steps lost, a "
    "loss that is rounded or smoothed",
    source="Follows from the mixed difference of σ over the corners of a parallelogram; the exclusive or from zero: D. "
    "Rumelhart, G. Hinton, R. Williams, Learning Internal Representations by Error Propagation (1986)",
    claims=("S5", "S11"),
    cases=_flat_cases,
    judge=_judge,
    promise=PROMISE,
    without_precondition=lambda domain: st.sampled_from(_NOT_HALF_WAY).flatmap(
        lambda shift: _flat_cases(domain, "small", shift)
    ),
)
