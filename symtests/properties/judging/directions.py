"""Segments through the parameters, along a few components: drawn, measured out and told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.float_json import Array
from symtests.implementations.base import Unsupported
from symtests.model.activations import activations_that
from symtests.parameters import Parameters
from symtests.properties.base import Case, Domain, Tier
from symtests.properties.drawing.questions import hidden_if_possible
from symtests.properties.drawing.strategies import cases, networks
from symtests.properties.judging.relations import on_grid
from symtests.properties.judging.segment import crosses_a_kink, third_derivative_bound

__all__ = ["Segment", "across_kinks", "direction_in_words", "segment_of", "slope_script", "with_direction"]

_HALF_LENGTHS: Final = tuple(2.0**-k for k in range(2, 27))
_COMPONENTS: Final = 4
_GRID: Final = 2.0**-20
_KINKED_HALF_LENGTH: Final = 0.25
_KINKED_AT_ZERO: Final = activations_that(lambda entry: any(kink.at == 0 for kink in entry.kinks))


def with_direction(domain: Domain, tier: Tier) -> st.SearchStrategy[Case]:
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


def across_kinks(domain: Domain) -> st.SearchStrategy[Case]:
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
            "components": list(range(where.start, where.stop)),
            "signs": signs,
            "half_length": _KINKED_HALF_LENGTH,
        }
        return replace(plain, parameters=parameters, details=details)

    kinked = networks(domain, "small", activations=_KINKED_AT_ZERO, hidden_layers=(1, 1))
    drawn = cases(domain, "small", kinked)
    return case()


@dataclass(frozen=True, eq=False)
class Segment:
    """theta - h d ... theta + h d, both ends exact; `truncation` bounds what the remainder may be without rounding."""

    direction: Parameters
    h: float
    truncation: float

    def end(self, case: Case, sign: float) -> Case:
        """Return the case at one end."""
        return replace(case, parameters=Parameters(case.network, _moved(case, self.direction, sign * self.h)))

    def half(self, case: Case) -> Segment | None:
        """Return the inner half of the segment, or None where its ends are no numbers of the dtype."""
        h = self.h / 2
        return Segment(self.direction, h, self.truncation / 8) if _is_exact(case, self.direction, h) else None


def _moved(case: Case, direction: Parameters, t: float) -> Array:
    vector = case.parameters.vector
    moved: Array = (vector.astype(np.float64) + t * direction.vector).astype(vector.dtype)
    return moved


def segment_of(case: Case, loss_tolerance: float) -> Segment | None:
    """Return the segment on which truncation and rounding together matter least; None where none is exact and smooth.

    (L+ - L-) / 2h is wrong by at most h^2 M / 6, M bounding the third derivative, and by e / h, e being the error of L.
    """
    direction = Parameters.zeros(case.network)
    direction.vector[case.details["components"]] = case.details["signs"]
    fixed = case.details.get("half_length")
    best: tuple[float, Segment] | None = None
    # The bound M falls with h, so that its least value tells beyond which h the sum above only grows.
    least = third_derivative_bound(case, direction, _HALF_LENGTHS[-1])
    longest = 2 * np.cbrt(3 * loss_tolerance / least) if least else np.inf
    for h in (fixed,) if fixed else [h for h in _HALF_LENGTHS if h <= longest] or _HALF_LENGTHS[-1:]:
        if not _is_exact(case, direction, h) or (not fixed and crosses_a_kink(case, direction, h)):
            continue
        truncation = h**3 / 3 * third_derivative_bound(case, direction, h)
        error = (truncation / 2 + loss_tolerance) / h
        if best is not None and error > best[0]:
            break  # truncation falls with h and rounding rises as h falls: there is one least sum
        best = error, Segment(direction, h, truncation)
    return None if best is None else best[1]


def _is_exact(case: Case, direction: Parameters, h: float) -> bool:
    """Tell whether theta + h d and theta - h d are numbers of the dtype."""
    theta, step = case.parameters.vector.astype(np.float64), h * direction.vector
    ends = ((sign, _moved(case, direction, sign * h).astype(np.float64)) for sign in (1.0, -1.0))
    return all(bool((end - theta == sign * step).all()) for sign, end in ends)


def direction_in_words(case: Case) -> str:
    """Write the direction as a sum of components, as in "W1[0,0] - b1[0]"."""
    pairs = zip(case.details["components"], case.details["signs"], strict=True)
    words = " ".join(f"{'+' if sign > 0 else '-'} {case.parameters.name_of(k)}" for k, sign in pairs)
    return words.removeprefix("+ ")


def slope_script(segment: Segment, case: Case, scale: float, bound: float) -> tuple[str, ...]:
    """Return lines of Python that compare the slopes along a segment by losses and by the gradient.

    `scale` is what the loss is divided by, and `bound` the largest difference of the slopes.
    """
    return (
        "d = np.zeros(parameters.vector.shape, parameters.dtype)",
        f"d[{case.details['components']!r}] = {case.details['signs']!r}",
        f"h = {segment.h!r}",
        "",
        "def loss(theta):",
        "    at = Parameters(network, theta.astype(parameters.dtype))",
        f"    return float(implementation.loss_and_gradient(network, at, batch)[0]) / {scale!r}",
        "",
        "by_losses = (loss(parameters.vector + h * d) - loss(parameters.vector - h * d)) / (2 * h)",
        "by_gradient = float(gradient(parameters).astype(float) @ d.astype(float))",
        f"assert abs(by_losses - by_gradient) <= {bound!r}, (by_losses, by_gradient)",
    )
