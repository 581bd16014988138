"""GRAD2: the gradient that an implementation reports is the derivative of the loss that it reports."""

from __future__ import annotations

from typing import Final

import numpy as np

from symtests.implementations.base import Unsupported
from symtests.implementations.checked import Checked
from symtests.properties.base import Case, Exactness, Judgement, Property, Violation
from symtests.properties.judging.answers import OWN_ROUNDOFF, Measured, measure, near_a_kink
from symtests.properties.judging.directions import (
    Segment,
    across_kinks,
    direction_in_words,
    segment_of,
    slope_script,
    with_direction,
)
from symtests.properties.judging.judging import REJECTED, TRIVIAL, number

__all__ = ["GRAD2"]

_PROMISE: Final = 1e-2
"""Relative fault of one component that is seen.

Two losses are subtracted, which leaves u^(2/3) of their accuracy at best: in float32 about 10^-4 of the loss.
"""


def _judge(implementation: Checked, case: Case) -> Judgement:
    here = measure(implementation, case)
    if here.answer.loss is None:
        raise Unsupported("it reports no loss")
    segment = None if near_a_kink(case, here.expected) else segment_of(case, here.loss_tolerance)
    if segment is None:
        return REJECTED
    ends = [measure(implementation, segment.end(case, sign)) for sign in (1.0, -1.0)]
    ahead, behind = (float(end.answer.loss or 0.0) for end in ends)
    slope, slope_tolerance = here.sums(segment.direction.vector, np.arange(here.vector.size))
    remainder = (ahead - behind) - 2 * segment.h * float(slope)
    own = 3 * OWN_ROUNDOFF * (abs(ahead) + abs(behind) + 2 * segment.h * abs(float(slope)))
    rounding = ends[0].loss_tolerance + ends[1].loss_tolerance + 2 * segment.h * float(slope_tolerance) + own
    bound = segment.truncation + rounding
    form = here.expected.form
    if not abs(remainder) <= bound:
        violation = _violation(implementation, case, segment, ahead - behind, float(slope), bound)
        return Judgement("violated", violation=violation, tolerance=form)
    detectable = _detectable(here, segment, bound + abs(remainder))
    if detectable is None:
        return TRIVIAL
    promised = detectable <= _PROMISE
    fraction = abs(remainder) / bound
    return Judgement("held" if promised else "too_wide", fraction=fraction, detectable=detectable, tolerance=form)


def _detectable(here: Measured, segment: Segment, least: float) -> float | None:
    """Return the relative fault that half of the components on the way would have shown; None where all are 0."""
    parts = 2 * segment.h * np.abs(segment.direction.vector * here.vector)
    parts = parts[parts > 0]
    return float(np.median(least / parts)) if parts.size else None


def _violation(
    implementation: Checked, case: Case, segment: Segment, difference: float, slope: float, bound: float
) -> Violation:
    h, wanted = segment.h, difference / (2 * segment.h)
    sentence = (
        f"along the direction {direction_in_words(case)}, the reported loss rises by {number(difference)} over a "
        f"length of {2 * h:g}, that is by {number(wanted)} per unit of length, but the reported gradient says "
        f"{number(slope)}; rounding and curvature explain {bound / (2 * h):.3g}"
    )
    scale = float(implementation.capabilities.loss_scale.get(case.network.loss, 1.0))
    script = slope_script(segment, case, scale, bound / (2 * h))
    return Violation(sentence, "slope of the loss along d", wanted, slope, bound / (2 * h), script)


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
    cases=with_direction,
    judge=_judge,
    needs=("loss_and_gradient",),
    promise=_PROMISE,
    without_precondition=across_kinks,
)
