"""OWN1: whatever loss an implementation reports, the gradient that it reports is the derivative of that."""

from __future__ import annotations

from dataclasses import dataclass
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

__all__ = ["OWN1"]

_PROMISE: Final = 0.1
"""Relative fault of one component that is seen; two losses are subtracted, and twice, as `_judge` says."""


@dataclass(frozen=True, eq=False)
class _Slopes:
    """The slope along one segment, by its own losses and by its own gradient, and what may part them.

    Parameters
    ----------
    segment
        Where it was taken.
    by_losses, by_gradient
        (L+ - L-) / 2h and <g, d>.
    rounding, curvature
        How far each may lead one from the other.
    """

    segment: Segment
    by_losses: float
    by_gradient: float
    rounding: float
    curvature: float

    @property
    def apart(self) -> float:
        """The difference."""
        return abs(self.by_losses - self.by_gradient)

    @property
    def bound(self) -> float:
        """What explains a difference."""
        return self.rounding + self.curvature


def _stretch(measured: Measured) -> float:
    """Return how many times larger than the right ones its own numbers are, at least 1.

    Rounding and curvature of another loss, as one that is summed where ours is a mean, or that has a constant more,
    are as much larger as its numbers are.
    """
    expected, right = measured.expected, np.abs(measured.expected.gradient.vector)
    of_loss = abs(float(measured.answer.loss or 0.0)) / max(abs(expected.loss), measured.loss_tolerance)
    own, largest = float(np.abs(measured.vector).max()), float((right + measured.tolerance).max())
    return max(1.0, of_loss, own / largest if largest else 1.0)


def _slopes(here: Measured, segment: Segment) -> _Slopes:
    case, u = here.case, here.implementation.unit_roundoff
    ends = [measure(here.implementation, segment.end(case, sign)) for sign in (1.0, -1.0)]
    ahead, behind = (float(end.answer.loss or 0.0) for end in ends)
    slope, slope_tolerance = here.sums(segment.direction.vector, np.arange(here.vector.size), of_right_ones=True)
    stretch = max(_stretch(point) for point in (here, *ends))
    sizes = float(np.abs(segment.direction.vector * here.vector).sum())
    of_losses = stretch * sum(end.loss_tolerance for end in ends) + 4 * (u + OWN_ROUNDOFF) * (abs(ahead) + abs(behind))
    return _Slopes(
        segment,
        (ahead - behind) / (2 * segment.h),
        float(slope),
        of_losses / (2 * segment.h) + stretch * float(slope_tolerance) + 4 * (u + OWN_ROUNDOFF) * sizes,
        stretch * segment.truncation / (2 * segment.h),
    )


def _judge(implementation: Checked, case: Case) -> Judgement:
    """Judge on a segment, and where both slopes differ by more than explained, on one half as long, and so on.

    What parts them is the derivative of another loss (which stays, however short the segment), rounding (which is at
    most r, and 2 r on the half), or curvature, of which the bound is that of our loss: another, of which the gradient
    may be just as right, may curve more. But curvature falls with the square of the length. So it is a violation only
    if the difference has not fallen to a half, rounding aside: that shows a fault above 10 r + 3/2 of the curvature.
    """
    here = measure(implementation, case)
    if here.answer.loss is None:
        raise Unsupported("it reports no loss")
    segment = None if near_a_kink(case, here.expected) else segment_of(case, here.loss_tolerance)
    if segment is None:
        return REJECTED
    form = here.expected.form
    first = slopes = _slopes(here, segment)
    while slopes.apart > slopes.bound:
        shorter = slopes.segment.half(case)
        if shorter is None:
            return Judgement("too_wide")
        half = _slopes(here, shorter)
        if half.apart - half.rounding > (slopes.apart + slopes.rounding) / 2:
            return Judgement("violated", violation=_violation(implementation, case, half), tolerance=form)
        slopes = half
    parts = np.abs(segment.direction.vector * here.vector)
    parts = parts[parts > 0]
    if not parts.size:
        return TRIVIAL
    detectable = (10 * first.rounding + 1.5 * first.curvature) / float(np.median(parts))
    fraction = min(1.0, first.apart / first.bound)
    promised = detectable <= _PROMISE
    return Judgement("held" if promised else "too_wide", fraction=fraction, detectable=detectable, tolerance=form)


def _violation(implementation: Checked, case: Case, slopes: _Slopes) -> Violation:
    sentence = (
        f"with {_in_words(case)}, along the direction {direction_in_words(case)}, the loss that it reports rises by "
        f"{number(slopes.by_losses)} per unit of length, but the gradient that it reports says "
        f"{number(slopes.by_gradient)}; rounding and curvature explain {slopes.bound:.3g}"
    )
    scale = float(implementation.capabilities.loss_scale.get(case.network.loss, 1.0))
    script = slope_script(slopes.segment, case, scale, slopes.bound)
    return Violation(sentence, "slope of its own loss", slopes.by_losses, slopes.by_gradient, slopes.bound, script)


def _in_words(case: Case) -> str:
    """Write what the implementation offers and was asked for, as in "tanh and bce"."""
    return " and ".join(dict.fromkeys((*case.network.activations, case.network.loss)))


OWN1: Final = Property(
    id="OWN1",
    group="gradient",
    title="the gradient is the derivative of its own loss",
    statement="For each activation and each loss that the implementation offers, the gradient that it reports is the "
    "derivative of the loss that it reports, whatever loss that is: another scale, or a penalty, in both is no fault.",
    formula="(L(θ + hd) − L(θ − hd)) / 2h → ⟨∇L, d⟩ as h → 0, both as they are reported",
    precondition="it reports a loss; no relu or leaky_relu crosses its kink on the segment; the ends of the segment "
    "are exact",
    exactness=Exactness.ROUNDING,
    catches="a loss and a gradient of different definitions: sum and mean, a penalty in one of them only, a loss of "
    "other samples or other parameters, a loss in too coarse an arithmetic, activations whose derivative is another's",
    source="The definition of the derivative; the length of the segment is that at which Taylor's theorem and "
    "rounding leave least.",
    claims=("S9",),
    cases=with_direction,
    judge=_judge,
    needs=("loss_and_gradient",),
    promise=_PROMISE,
    without_precondition=across_kinks,
)
