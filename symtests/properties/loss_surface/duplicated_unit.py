"""SAD3: what becomes of a critical point when one of its hidden units is doubled.

A unit with incoming weights w and outgoing ones v is split into two with shares s_a + s_b = 1 of v. Moving them apart
by t s_b d and -t s_a d leaves the outputs what they were to first order, and bends them to second order:

    d^2 L / dt^2 = s_a s_b d^T B d,   B = sum_i <delta_i, v> sigma''(z_i) x_i x_i^T,   x with 1 for the bias.

Where the network was at a critical point, it still is, and the sign of B decides: a tie with s_a s_b > 0 repels along d
where d^T B d < 0, and attracts where it is > 0. (So an equilibrium of equal units is not unstable as such.)
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.model.activations import activations_that
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.drawing.critical_point import bend, critical_batch, gradient_left, samples_for
from symtests.properties.drawing.strategies import networks, seeds, small_numbers, wide_parameters
from symtests.properties.drawing.units import incoming
from symtests.properties.equal_units.unit_split import FUKUMIZU, resized, with_copy
from symtests.properties.judging.answers import OWN_ROUNDOFF, measure
from symtests.properties.judging.judging import REJECTED, Telling, judge_equal, number, together
from symtests.properties.judging.lower_loss import judge_lower
from symtests.properties.judging.relations import exactly, on_grid
from symtests.properties.judging.telling import assertion, explained

__all__ = ["SAD3"]

_PROMISE: Final = 2.0**-5
"""Relative fault of the curvature that is seen: a difference of two gradients leaves little of their accuracy."""
_SMOOTH: Final = activations_that(lambda entry: entry.is_curved)
_LOSSES: Final = ("mse", "logistic_mse", "bce")
_SHARES: Final = (0.5, 0.25, 0.75, -0.5)
_DIRECTIONS: Final = (1.0, -1.0, 0.5, -0.5)
_GRID_OF_X: Final = tuple(k / 4 for k in (4, -4, 2, -2, 1, -1, 3, -3, 6, -6, 8, -8, 5, -5, 7, -7))
_WEIGHT_STEP: Final = 2.0**-10
_WIDEST: Final = 9
_SPREADS_OF_X: Final = (1.0, 1.0, 2.0, 2.0, 3.0, 3.0)
_LEAST_CURVATURE: Final = 2.0**-12
_FAR: Final = 2.0**-2


def _doubled_cases(domain: Domain, tier: Tier, *, critical: bool = True) -> st.SearchStrategy[Case]:
    """Draw critical points of networks with one hidden layer, one of whose units has been doubled."""

    @st.composite
    def doubled(draw: st.DrawFn) -> Case:
        wider = draw(drawn)
        network = resized(wider, 0, -1)
        inputs, count = network.sizes[0], samples_for(network)
        unit, position = draw(st.integers(0, network.sizes[1] - 1)), draw(st.integers(0, network.sizes[1]))
        direction = draw(_lists(_DIRECTIONS, inputs + network.bias))
        share, sign = draw(st.sampled_from(_SHARES)), draw(st.sampled_from((-1.0, 1.0)))
        if tier == "small":
            parameters = Parameters(network, np.array(draw(small_numbers(network.parameter_count)), domain.dtype))
            points = [np.array(draw(_lists(_GRID_OF_X, count * inputs, unique=True))).reshape(count, inputs)]
        else:
            random = np.random.default_rng(draw(seeds()))
            parameters = wide_parameters(network, random, 2.0, domain.dtype)
            for array in (parameters.weight(0), parameters.weight(1), parameters.bias(0)):
                array[...] = on_grid(array, _WEIGHT_STEP)
            points = [random.normal(scale=scale, size=(count, inputs)) for scale in _SPREADS_OF_X]
        d = np.array(direction)
        batches = [critical_batch(parameters, _rounded(x, domain.dtype), unit, d, sign) for x in points]
        batch = max(batches, key=lambda batch: abs(bend(parameters, batch, [unit], d)))
        if not critical:
            batch = replace(batch, y=np.minimum(batch.y, batch.y.mean()))
        parts, shares = [unit + (position <= unit), position], [share, 1 - share]
        wide = with_copy(parameters, 0, unit, position)
        wide.weight(1)[parts] *= np.array(shares, domain.dtype)[:, np.newaxis]
        details = {"parts": parts, "shares": shares, "direction": direction}
        return Case(wider, wide, batch.astype(domain.dtype), details=details)

    drawn = _wider_networks(domain, tier)
    return doubled()


def _wider_networks(domain: Domain, tier: Tier) -> st.SearchStrategy[Network]:
    """Draw networks whose critical points, with one unit less, need no more samples than the implementation takes."""
    can = domain.capabilities
    losses = [name for name in _LOSSES if name not in can.class_targets]
    if not losses:
        raise Unsupported(
            "the property chooses targets for error signals; all losses that it could take have classes alone"
        )
    least, bias = max(2, can.min_width), False not in can.bias
    if tier == "small" and least > 2:
        raise Unsupported(f"a small case has two hidden units; it has at least {can.min_width} in a layer")
    widths = range(least, max(least, min(can.max_width or _WIDEST, 2 if tier == "small" else _WIDEST)) + 1)
    fewest = samples_for(Network((2, least - 1, 1), _SMOOTH[:1], losses[0], bias))
    most = fewest if can.max_samples is None else can.max_samples
    if most < fewest:
        raise Unsupported(f"the property needs a batch of {fewest} samples; it takes at most {most}")

    def fits(width: int) -> bool:
        return can.max_samples is None or samples_for(Network((2, width - 1, 1), _SMOOTH[:1], losses[0], bias)) <= most

    widest = max(filter(fits, widths)) if can.max_width != 1 else 1
    narrow = replace(domain, capabilities=replace(can, max_width=widest, min_width=min(can.min_width, widest)))
    drawn = networks(
        narrow, tier, activations=_SMOOTH, losses=losses, hidden_layers=(1, 1), least_width=2, inputs=(2, 2),
        outputs=(1, 1 if tier == "small" or can.max_outputs == 1 else 2),
    )  # fmt: skip
    if can.max_samples is None:
        return drawn
    return drawn.filter(lambda network: samples_for(resized(network, 0, -1)) <= most)


def _lists(values: tuple[float, ...], count: int, *, unique: bool = False) -> st.SearchStrategy[list[float]]:
    return st.lists(st.sampled_from(values), min_size=count, max_size=count, unique=unique)


def _rounded(x: Array, dtype: str) -> Array:
    return x.astype(dtype).astype(np.float64)


def _judge(implementation: Checked, case: Case) -> Judgement:
    here = measure(implementation, case)
    bound = here.tolerance + gradient_left(case.parameters, case.batch)

    def tell(k: int) -> Telling:
        name, largest = here.answer.gradient.name_of(k), float(bound[k])
        return Telling(
            f"a critical point is one still where a hidden unit is doubled (units {_parts(case)}), but the gradient of "
            f"{name} is {number(here.answer.gradient.vector[k])}{explained(largest)}",
            f"gradient of {name}",
            (f"g = gradient(parameters)[{k}]", assertion("g", "0.0", largest)),
        )

    at_rest = judge_equal(here.vector, np.zeros_like(here.vector), tell, bound=bound)
    if at_rest.outcome == "violated":
        return at_rest
    apart = _apart(case)
    curvature = _judge_curvature(implementation, case, apart)
    if curvature.outcome not in ("held", "too_wide"):
        return curvature
    far = _moved(case, _FAR * apart)
    if far is None:
        return curvature
    script = (*_direction_lines(apart), f"theta = Parameters(network, parameters.vector + {_FAR!r} * u)")
    where = f"where the two parts {_parts(case)} of a doubled unit are moved apart, by {_FAR:g} times a direction"
    return together(curvature, judge_lower(implementation, case, far, where, script))


def _parts(case: Case) -> str:
    return " and ".join(map(str, case.details["parts"]))


def _apart(case: Case) -> Array:
    """Return the direction in which the parts move: the first by the share of the second times d, and conversely."""
    direction = np.zeros(case.network.parameter_count)
    (first, second), (share, rest) = case.details["parts"], case.details["shares"]
    d = np.array(case.details["direction"])
    direction[incoming(case.network, 0, first)] = rest * d
    direction[incoming(case.network, 0, second)] = -share * d
    return direction


def _moved(case: Case, by: Array) -> Case | None:
    """Return the case with other parameters, or None where they are no numbers of its dtype."""
    vector = exactly(case.parameters.vector.astype(np.float64) + by, case.parameters.dtype)
    return None if vector is None else replace(case, parameters=Parameters(case.network, vector))


def _curvature(case: Case) -> float:
    """Return s_a s_b d^T B d."""
    share, rest = case.details["shares"]
    return share * rest * bend(case.parameters, case.batch, case.details["parts"], np.array(case.details["direction"]))


def _judge_curvature(implementation: Checked, case: Case, apart: Array) -> Judgement:
    """Judge the difference of the slopes along the direction, ahead and behind, by the theorem.

    The difference quotient is wrong by what the fourth derivative adds, which the oracle tells: twice that is part of
    the bound, as is the rounding of both gradients.
    """
    # u / h + h^2 is least near the third root of u; h is larger, because rounding comes with larger factors
    h = 2.0 ** float(np.rint(np.log2(implementation.unit_roundoff) / 4))
    expected = _curvature(case)
    ahead, behind = _moved(case, h * apart), _moved(case, -h * apart)
    if ahead is None or behind is None or abs(expected) < _LEAST_CURVATURE:
        return REJECTED
    ends = [measure(implementation, end) for end in (ahead, behind)]
    where = np.flatnonzero(apart)
    slopes = [end.sums(apart[where], where) for end in ends]
    found = float(slopes[0][0] - slopes[1][0]) / (2 * h)
    right = [float(end.expected.gradient.vector @ apart) for end in ends]
    beyond = abs((right[0] - right[1]) / (2 * h) - expected)
    rounding = sum(float(error) + 4 * OWN_ROUNDOFF * abs(float(value)) for value, error in slopes) / (2 * h)
    bound = 2 * beyond + rounding

    def tell(_: int) -> Telling:
        effect = "come back to each other" if expected > 0 else "move further apart"
        return Telling(
            f"where the parts {_parts(case)} of a doubled unit are moved apart, the loss should bend by "
            f"{expected:.9g}, so that they {effect}, but the gradients ahead and behind bend it by {found:.9g}"
            f"{explained(bound)}",
            "curvature across a tie",
            (
                *_direction_lines(apart),
                "def slope(t):",
                "    theta = (parameters.vector.astype(float) + t * u).astype(parameters.dtype)",
                "    return float(gradient(Parameters(network, theta)).astype(float) @ u)",
                "",
                "",
                f"h = {h!r}",
                assertion("(slope(h) - slope(-h)) / (2 * h)", repr(expected), bound),
            ),
        )

    form = ends[0].expected.form
    return judge_equal([found], [expected], tell, bound=bound, promise=_PROMISE, tolerance=form)


def _direction_lines(apart: Array) -> tuple[str, ...]:
    where = np.flatnonzero(apart)
    return (
        "u = np.zeros(len(parameters.vector))",
        f"u[{where.tolist()!r}] = {apart[where].tolist()!r}",
        "",
        "",
    )


SAD3: Final = Property(
    id="SAD3",
    group="saddle",
    title="the curvature across a tie",
    statement="Where a hidden unit of a network at a critical point is doubled, the point stays critical, and whether "
    "the two parts come back to each other or move further apart is decided by one matrix B of the unit.",
    formula="vᵢ = λv, vⱼ = (1 − λ)v  ⇒  ∇L = 0, and uᵀ∇²L u = λ(1 − λ) dᵀBd for u = ((1 − λ)d, −λd), B = Σₙ ⟨δₙ, v⟩ "
    "σ″(zₙ) xₙᵀxₙ",
    precondition="one hidden layer; a critical point (∇L = 0, for which the targets are chosen); a smooth "
    "σ that is bent, as tanh, logistic, softplus, silu and gelu",
    exactness=Exactness.ROUNDING,
    catches="error signals that are right for an average unit only, slopes taken from another unit or from the mean of "
    "the batch, small gradients set to 0 or rounded on a coarse grid, units normalised together",
    source=f"{FUKUMIZU}, on the embedding of a smaller network",
    claims=("S4", "S5"),
    cases=_doubled_cases,
    judge=_judge,
    promise=_PROMISE,
    without_precondition=lambda domain: _doubled_cases(domain, "small", critical=False),
)
