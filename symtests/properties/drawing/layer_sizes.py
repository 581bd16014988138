"""How many units the layers of drawn networks have: few in the small tier, and in the wide one at and beside blocks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

from hypothesis import strategies as st

from symtests.implementations.base import Unsupported

__all__ = ["FORCED_WIDTHS", "small_hidden_sizes", "wide_hidden_sizes", "widths_in"]

FORCED_WIDTHS: Final = (1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 130)
"""Widths at which blocks of lanes end, and their neighbours."""
_LARGE: Final = 33  # widths above this are drawn for at most two layers of one network, to bound its cost
_LARGE_LAYERS: Final = 2
_WORDS: Final = {3: "three"}


def widths_in(least: int, most: int, widest: int, more: Sequence[int]) -> list[int]:
    """Return the numbers of inputs or outputs to draw: every small one, the forced widths further up, and `more`."""
    found = [width for width in range(least, most + 1) if width in FORCED_WIDTHS or width <= 8]
    # A limit on the width may or may not be meant for inputs and outputs: small numbers of them satisfy both.
    return [width for width in (*found, *more) if width <= widest] or [max(least, 1)]


def small_hidden_sizes(
    depths: range, least_width: int, least_widest: int, widest: int, most_units: int = 3
) -> list[tuple[int, ...]]:
    """Return the widths of hidden layers of so many depths that have few units in all, the fewest first.

    Parameters
    ----------
    depths
        Numbers of hidden layers.
    least_width, least_widest, widest
        Least width of every layer, of the widest, and greatest width.
    most_units
        Most units of all layers together: three, or as many as the smallest network of the implementation has.

    Raises
    ------
    Unsupported
        Where there are none.
    """
    shapes = [
        shape
        for depth in depths
        for shape in itertools.product(range(least_width, min(widest, most_units) + 1), repeat=depth)
        if sum(shape) <= most_units and max(shape, default=1) >= least_widest
    ]
    if not shapes:
        raise Unsupported(
            f"no network with {_WORDS.get(most_units, most_units)} hidden units has the layers that the property needs"
        )
    return sorted(shapes, key=lambda shape: (sum(shape), len(shape), shape))


def wide_hidden_sizes(
    depths: range, least_width: int, least_widest: int, widest: int
) -> st.SearchStrategy[tuple[int, ...]]:
    """Draw the widths of hidden layers of so many depths: blocks of lanes, what ends beside them, and all between."""

    def widths(most: int) -> st.SearchStrategy[int]:
        every = range(least_width, max(min(most, widest), least_width) + 1)
        # One list in ascending order, the forced widths repeated: even chances, and smaller widths when it shrinks.
        return st.sampled_from(sorted([*every, *(width for width in FORCED_WIDTHS * 6 if width in every)]))

    return _hidden_sizes(st.sampled_from(depths), widths(130), widths(_LARGE), least_widest)


@st.composite
def _hidden_sizes(
    draw: st.DrawFn,
    depths: st.SearchStrategy[int],
    first_widths: st.SearchStrategy[int],
    further_widths: st.SearchStrategy[int],
    least_widest: int,
) -> tuple[int, ...]:
    depth = draw(depths)
    drawn = [draw(first_widths if layer < _LARGE_LAYERS else further_widths) for layer in range(depth)]
    if depth and max(drawn) < least_widest:
        drawn[0] = least_widest
    return tuple(draw(st.permutations(drawn))) if depth > _LARGE_LAYERS else tuple(drawn)
