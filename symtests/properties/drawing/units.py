"""Hidden units in the parameter vector: where their weights lie, and which are tied."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
from hypothesis import strategies as st

from symtests.model.groups import Positions
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties.base import Tier
from symtests.properties.drawing.strategies import seeds

__all__ = [
    "copy_incoming",
    "hidden_layers_of",
    "incoming",
    "index_groups",
    "outgoing",
    "tied_units",
]

_BOUNDARIES: Final = (0, 1, 6, 7, 8, 14, 15, 16, 30, 31, 32, 62, 63, 64, 126, 127, 128)
"""Indices at which blocks of lanes begin and end."""
_KINDS: Final = st.sampled_from(("pair", "all", "half"))


def incoming(network: Network, layer: int, unit: int) -> Positions:
    """Return where the incoming weights of a unit of this layer (0 is the first) lie, and its bias if it has one."""
    return np.concatenate(
        [
            _numbered(network.weight_slice(layer), network.sizes[layer + 1])[:, unit],
            np.arange(network.parameter_count)[network.bias_slice(layer)][unit : unit + network.bias],
        ]
    )


def outgoing(network: Network, layer: int, unit: int) -> Positions:
    """Return where the outgoing weights of a hidden unit of this layer (0 is the first) lie."""
    return _numbered(network.weight_slice(layer + 1), network.sizes[layer + 2])[unit]


def _numbered(where: slice, columns: int) -> Positions:
    return np.arange(where.start, where.stop).reshape(-1, columns)


def copy_incoming(parameters: Parameters, layer: int, units: Sequence[int]) -> None:
    """Give all `units` of a layer the incoming weights and the bias of the first, in place."""
    weight, bias = parameters.weight(layer), parameters.bias(layer)
    weight[:, units] = weight[:, units[:1]]
    if bias.size:
        bias[list(units)] = bias[units[0]]


def hidden_layers_of(network: Network, least_width: int) -> list[int]:
    """Return the hidden layers (0 is the first) that have at least so many units."""
    return [layer for layer, width in enumerate(network.hidden_sizes) if width >= least_width]


@cache  # a strategy costs more to make than to draw from
@st.composite
def index_groups(draw: st.DrawFn, count: int, tier: Tier) -> list[int]:
    """Draw at least two of `count` indices.

    They are a pair, often at the edges of a block of lanes; in the wide tier also all, or each with probability 1/2.
    """
    kind = "pair" if tier == "small" else draw(_KINDS)
    if kind == "pair" or count == 2:
        return sorted(draw(_pairs(count, tier)))
    if kind == "all":
        return list(range(count))
    chosen = np.flatnonzero(np.random.default_rng(draw(seeds())).random(count) < 0.5).tolist()
    return [int(index) for index in chosen] if len(chosen) >= 2 else [0, count - 1]


@cache
def _pairs(count: int, tier: Tier) -> st.SearchStrategy[list[int]]:
    edges = [index for index in {*_BOUNDARIES, count - 2, count - 1} if 0 <= index < count]
    any_index = st.integers(0, count - 1)
    index = any_index if tier == "small" else st.sampled_from(sorted(edges)) | any_index
    return st.lists(index, min_size=2, max_size=2, unique=True)


@st.composite
def tied_units(draw: st.DrawFn, network: Network, tier: Tier) -> tuple[int, list[int]]:
    """Draw a hidden layer (0 is the first) of at least two units, and two or more of its units."""
    layer = draw(st.sampled_from(hidden_layers_of(network, 2)))
    return layer, draw(index_groups(network.hidden_sizes[layer], tier))
