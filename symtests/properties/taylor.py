"""GRAD2: the gradient that an implementation reports is the derivative of the loss that it reports."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.base import Unsupported
from symtests.implementations.subject import Subject
from symtests.parameters import Parameters
from symtests.properties.answers import OWN_ROUNDOFF, Measured, measure, near_a_kink
from symtests.properties.base import Breach, Case, Domain, Exactness, Judgement, Property, Tier
from symtests.properties.judging import REJECTED, TRIVIAL, number
from symtests.properties.questions import hidden_if_possible
from symtests.properties.relations import on_grid
from symtests.properties.segment import crosses_a_kink, third_derivative_bound
from symtests.properties.strategies import cases, networks

__all__ = ["GRAD2"]

_PROMISE: Final = 1e-2
"""Relative fault of one component that is seen.

Two losses are subtracted, which leaves u^(2/3) of their accuracy at best: in float32 about 10^-4 of the loss.
"""
_HALF_LENGTHS: Final = tuple(2.0**-k for k in range(2, 27))
_COMPONENTS: Final = 4
_GRID: Final = 2.0**-20
_KINKED_HALF_LENGTH: Final = 0.25


def _with_direction(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
    """Draw cases with a direction: up to four components of the parameter vector, each by 1 or -1."""
    if tier == "wide" and domain.dtype == "float32":
        raise Unsupported("the difference of two float32 losses of a wide network is too coarse")

    @st.composite
    def case(draw: st.DrawFn) -> Case:
        plain = draw(drawn)
        vector = plain.parameters.vector
        if tier == "wide":  # in the small tier, every number lies on a grid already
            plain = replace(plain, parameters=Parameters(plain.network, on_grid(vector, _GRID)))
        chosen = draw(st.lists(st.integers(0, vector.size - 1), min_size=1, max_size=_COMPONENTS, unique=True))
        signs = draw(st.lists(st.sampled_from((1.0, -1.0)), min_size=len(chosen), max_size=len(chosen)))
        return replace(plain, details={"components": chosen, "signs": signs})

    drawn = cases(domain, tier, hidden_if_possible(domain, tier))
    return case()


def _across_kinks(domain: Domain) -> st.SearchStrategy[Case]:
    """Draw cases in which every hidden unit crosses its kink on a long segment."""

    @st.composite
    def case(draw: st.DrawFn) -> Case:
        plain = draw(drawn)
        parameters = plain.parameters.copy()
        # |z| = sum |x| / 16 in the first sample, and it moves by four times as much.
        towards = np.sign(plain.batch.x[0])[:, np.newaxis]
        parameters.weight(0)[...] = towards / 16
        parameters.bias(0)[...] = 0
        where = plain.network.weight_slice(0)
        signs = np.broadcast_to(towards, parameters.weight(0).shape).ravel().tolist()
        details = {
            "components": list(range(where.start, where.stop)), "signs": signs, "half_length": _KINKED_HALF_LENGTH
        }
        return replace(plain, parameters=parameters, details=details)

    kinked = networks(domain, "small", activations=("relu", "leaky_relu"), hidden_layers=(1, 1))
    drawn = cases(domain, "small", kinked)
    return case()


@dataclass(frozen=True, eq=False)
class _Segment:
    """theta - h d ... theta + h d, both ends exact; `truncation` bounds what the remainder may be without rounding."""

    direction: Parameters
    h: float
    truncation: float

    def end(self, case: Case, sign: float) -> Case:
        """Return the case at one end."""
        return replace(case, parameters=Parameters(case.network, _moved(case, self.direction, sign * self.h)))


def _moved(case: Case, direction: Parameters, t: float) -> Array:
    vector = case.parameters.vector
    moved: Array = (vector.astype(np.float64) + t * direction.vector).astype(vector.dtype)
    return moved


def _segment(case: Case, loss_tolerance: float) -> _Segment | None:
    """Return the segment on which truncation and rounding together matter least; None where none is exact and smooth.

    (L+ - L-) / 2h is wrong by at most h^2 M / 6, M bounding the third derivative, and by e / h, e being the error of L.
    """
    direction = Parameters.zeros(case.network)
    direction.vector[case.details["components"]] = case.details["signs"]
    fixed = case.details.get("half_length")
    best: tuple[float, _Segment] | None = None
    for h in (fixed,) if fixed else _HALF_LENGTHS:
        if not _is_exact(case, direction, h) or (not fixed and crosses_a_kink(case, direction, h)):
            continue
        truncation = h**3 / 3 * third_derivative_bound(case, direction, h)
        error = (truncation / 2 + loss_tolerance) / h
        if best is not None and error > best[0]:
            break  # truncation falls with h and rounding rises as h falls: there is one least sum
        best = error, _Segment(direction, h, truncation)
    return None if best is None else best[1]


def _is_exact(case: Case, direction: Parameters, h: float) -> bool:
    """Tell whether theta + h d and theta - h d are numbers of the dtype."""
    theta, step = case.parameters.vector.astype(np.float64), h * direction.vector
    ends = ((sign, _moved(case, direction, sign * h).astype(np.float64)) for sign in (1.0, -1.0))
    return all(bool((end - theta == sign * step).all()) for sign, end in ends)


def _judge(subject: Subject, case: Case) -> Judgement:
    here = measure(subject, case)
    if here.answer.loss is None:
        raise Unsupported("it reports no loss")
    segment = None if near_a_kink(case, here.expected) else _segment(case, here.loss_tolerance)
    if segment is None:
        return REJECTED
    ends = [measure(subject, segment.end(case, sign)) for sign in (1.0, -1.0)]
    ahead, behind = (float(end.answer.loss or 0.0) for end in ends)
    slope, slope_tolerance = here.sums(segment.direction.vector, np.arange(here.vector.size))
    remainder = (ahead - behind) - 2 * segment.h * float(slope)
    own = 3 * OWN_ROUNDOFF * (abs(ahead) + abs(behind) + 2 * segment.h * abs(float(slope)))
    rounding = ends[0].loss_tolerance + ends[1].loss_tolerance + 2 * segment.h * float(slope_tolerance) + own
    bound = segment.truncation + rounding
    form = here.expected.form
    if not abs(remainder) <= bound:
        breach = _breach(subject, case, segment, ahead - behind, float(slope), bound)
        return Judgement("breached", breach=breach, tolerance=form)
    detectable = _detectable(here, segment, bound + abs(remainder))
    if detectable is None:
        return TRIVIAL
    promised = detectable <= _PROMISE
    fraction = abs(remainder) / bound
    return Judgement("held" if promised else "too_wide", fraction=fraction, detectable=detectable, tolerance=form)


def _detectable(here: Measured, segment: _Segment, least: float) -> float | None:
    """Return the relative fault that half of the components on the way would have shown; None where all are 0."""
    parts = 2 * segment.h * np.abs(segment.direction.vector * here.vector)
    parts = parts[parts > 0]
    return float(np.median(least / parts)) if parts.size else None


def _breach(
    subject: Subject, case: Case, segment: _Segment, difference: float, slope: float, bound: float
) -> Breach:
    h, wanted = segment.h, difference / (2 * segment.h)
    sentence = (
        f"along the direction {_in_words(case)}, the reported loss rises by {number(difference)} over a length of "
        f"{2 * h:g}, that is by {number(wanted)} per unit of length, but the reported gradient says {number(slope)}; "
        f"rounding and curvature explain {bound / (2 * h):.3g}"
    )
    scale = float(subject.capabilities.loss_scale.get(case.network.loss, 1.0))
    script = (
        "d = np.zeros(parameters.vector.shape, parameters.dtype)",
        f"d[{case.details['components']!r}] = {case.details['signs']!r}",
        f"h = {h!r}",
        "",
        "def loss(theta):",
        "    at = Parameters(network, theta.astype(parameters.dtype))",
        f"    return float(implementation.loss_and_gradient(network, at, batch)[0]) / {scale!r}",
        "",
        "by_losses = (loss(parameters.vector + h * d) - loss(parameters.vector - h * d)) / (2 * h)",
        "by_gradient = float(gradient(parameters).astype(float) @ d.astype(float))",
        f"assert abs(by_losses - by_gradient) <= {bound / (2 * h)!r}, (by_losses, by_gradient)",
    )
    return Breach(sentence, "slope of the loss along d", wanted, slope, bound / (2 * h), script)


def _in_words(case: Case) -> str:
    """Write the direction as a sum of components, as in "W1[0,0] - b1[0]"."""
    pairs = zip(case.details["components"], case.details["signs"], strict=True)
    words = " ".join(f"{'+' if sign > 0 else '-'} {case.parameters.name_of(k)}" for k, sign in pairs)
    return words.removeprefix("+ ")


GRAD2 = Property(
    id="GRAD2",
    group="gradient",
    title="the reported gradient belongs to the reported loss",
    statement="Along any direction, the loss that the implementation reports changes as the gradient that it reports "
    "says: what is left of a central difference is of third order in its length.",
    formula="|L(θ + hd) − L(θ − hd) − 2h ⟨∇L, d⟩| ≤ (h³/3) max |d³L(θ + td)/dt³| over |t| ≤ h",
    precondition="no relu or leaky_relu crosses its kink on the segment; its ends are exact, and its length makes "
    "truncation and rounding together least",
    exactness=Exactness.ROUNDING,
    catches="a loss and a gradient of different scale or sign: sum against mean, a missing factor 2, a penalty in one "
    "of them only, a loss before the step with a gradient after it, gradients of another batch",
    source="Taylor's theorem with the remainder of Lagrange. The third derivative is bounded from the weights.",
    claims=("S9",),
    cases=_with_direction,
    judge=_judge,
    needs=("loss_and_gradient",),
    promise=_PROMISE,
    without_precondition=_across_kinks,
)
