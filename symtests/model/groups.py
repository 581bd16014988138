"""Groups: units of a model that can be exchanged without a change of what it computes, whatever it is made of.

Hidden units, channels, recurrent checks, heads, experts and the components of an adapter are groups. With θ the
parameter vector and p the positions after an exchange, the properties of symmetry read: tied is θ[p] = θ; SYM1 is
g[p] = g; SYM2 says so at every step; EQV1 is g(θ[p]) = g(θ)[p].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["Group", "Indices", "Model", "Part", "Positions", "Values", "exchange", "exchanged", "pairs", "swap", "tie"]

Values = npt.NDArray[Any]
"""The numbers of a tensor."""
Indices = npt.NDArray[np.int64]
"""Places along an axis."""
Positions = npt.NDArray[np.intp]
"""Positions in the parameter vector."""


@dataclass(frozen=True)
class Part:
    """What of one tensor belongs to each unit of a group: positions along an axis, or one of several whole tensors.

    Parameters
    ----------
    tensors
        The tensor, or a tensor for each unit.
    axis
        The axis; None where each unit has a tensor of its own.
    positions
        Units × block: the positions along the axis that belong to each unit. The gates of a recurrent check and the
        dimensions of a head are blocks.
    outgoing
        Whether it reads what the units give, as the weights of the layer above do.
    """

    tensors: tuple[str, ...]
    axis: int | None = None
    positions: Indices = field(default_factory=lambda: np.zeros((0, 0), np.int64), compare=False)
    outgoing: bool = False

    @property
    def name(self) -> str:
        """The tensor, or the first one with how many there are."""
        return self.tensors[0] if len(self.tensors) == 1 else f"{self.tensors[0]} and {len(self.tensors) - 1} like it"

    def rows(self, values: Mapping[str, Values], units: Sequence[int]) -> Values:
        """Return what belongs to each of these units, one row for each."""
        if self.axis is None:
            return np.stack([values[self.tensors[unit]].reshape(-1) for unit in units])
        whole = np.moveaxis(values[self.tensors[0]], self.axis, 0)
        return np.ascontiguousarray(whole[self.positions[list(units)]]).reshape(len(units), -1)


@dataclass(frozen=True)
class Group:
    """Units that can be exchanged without a change of the loss.

    Parameters
    ----------
    name
        The layer, module or tensor that makes them.
    kind
        What they are: hidden units, channels, heads, checks, experts, ...
    size
        How many there are.
    parts
        What moves together.
    """

    name: str
    kind: str
    size: int
    parts: tuple[Part, ...]

    @property
    def tensors(self) -> tuple[str, ...]:
        """All tensors that are part of it."""
        return tuple(dict.fromkeys(name for part in self.parts for name in part.tensors))

    @property
    def incoming(self) -> tuple[Part, ...]:
        """What makes the units: incoming weights and biases."""
        return tuple(part for part in self.parts if not part.outgoing)

    @property
    def outgoing(self) -> tuple[Part, ...]:
        """What reads the units: outgoing weights."""
        return tuple(part for part in self.parts if part.outgoing)

    @property
    def title(self) -> str:
        """Return kind and name, as in "hidden units of net.0"."""
        return f"{self.kind} of {self.name}"


class Model(Protocol):
    """What is trained, as far as the properties of symmetry need to know."""

    @property
    def tensors(self) -> Mapping[str, Positions]:
        """Where the numbers of each tensor lie in the parameter vector, in the shape of the tensor."""

    @property
    def groups(self) -> Sequence[Group]:
        """The groups of exchangeable units."""


def exchanged(
    group: Group, values: Mapping[str, Values], order: Sequence[int], parts: Sequence[Part]
) -> dict[str, Values]:
    """Return the tensors in which the units of a group stand in another order.

    Parameters
    ----------
    group
        Whose units.
    values
        Tensors by name.
    order
        Which unit comes to each place.
    parts
        In which parts of the group: all, for an exchange; fewer, to see that it matters.
    """
    found: dict[str, Values] = {}
    for part in parts:
        if part.axis is None:
            for place, unit in enumerate(order):
                found[part.tensors[place]] = values[part.tensors[unit]].copy()
            continue
        name = part.tensors[0]
        before = found.get(name, values[name])
        after = before.copy()
        moved = np.moveaxis(after, part.axis, 0)
        source = np.moveaxis(before, part.axis, 0)
        moved[part.positions] = source[part.positions[list(order)]]
        found[name] = after
    assert all(len(part.tensors) in (1, group.size) for part in parts)
    return found


def exchange(model: Model, group: Group, order: Sequence[int], parts: Sequence[Part] | None = None) -> Positions:
    """Return the positions p after an exchange: θ[p] is the parameter vector in which the units stand in that order.

    Parameters
    ----------
    model
        Whose parameter vector.
    group
        Whose units.
    order
        Which unit comes to each place; a permutation of all units of the group.
    parts
        Which parts move; all unless given.

    Examples
    --------
    >>> network = Network((1, 2, 1), "tanh", bias=False)  # θ is W1[0,0], W1[0,1], W2[0,0], W2[1,0]
    >>> exchange(network, network.groups[0], [1, 0])
    array([1, 0, 3, 2])
    """
    moved = exchanged(group, model.tensors, order, group.parts if parts is None else parts)
    p = np.arange(sum(where.size for where in model.tensors.values()))
    for name, where in moved.items():
        p[model.tensors[name]] = where
    return p


def swap(group: Group, unit: int, twin: int) -> list[int]:
    """Return the order in which two units of a group have changed places."""
    order = list(range(group.size))
    order[unit], order[twin] = twin, unit
    return order


def pairs(
    model: Model, group: Group, units: Sequence[int], parts: Sequence[Part] | None = None
) -> tuple[Positions, Positions]:
    """Return positions whose numbers are equal, pair by pair, where units of a group are tied.

    They come from the exchange of the first unit with each other one, k and p[k] with k < p[k]; those of one exchange
    stand together, in the order of the parameter vector.

    Parameters
    ----------
    model, group
        Whose units.
    units
        Two of them or more.
    parts
        Which parts are tied; all unless given.

    Returns
    -------
    Two arrays of one length: of the first unit, and of its twins.
    """
    first, *twins = units
    parts = group.parts if parts is None else parts
    if _has_one_axis_each(parts):
        rows = np.sort(np.hstack([part.rows(model.tensors, units) for part in parts]), axis=1)
        return np.tile(rows[0], len(twins)), rows[1:].ravel()
    found = []
    for twin in twins:
        p = exchange(model, group, swap(group, first, twin), parts)
        there = np.flatnonzero(p > np.arange(len(p)))
        found.append((there, p[there]))
    return np.concatenate([firsts for firsts, _ in found]), np.concatenate([others for _, others in found])


def tie(vector: Values, model: Model, group: Group, units: Sequence[int], parts: Sequence[Part] | None = None) -> None:
    """Tie units of a group in place: θ[p] = θ for every exchange p of two of them.

    Of the numbers that come to each other's places, each becomes the one of the first unit.

    Parameters
    ----------
    vector
        The parameter vector θ, shape (n,), which is changed.
    model, group
        Whose units.
    units
        Two of them or more.
    parts
        Which parts are tied; all unless given.
    """
    firsts, twins = pairs(model, group, units, parts)
    if _has_one_axis_each(group.parts if parts is None else parts):
        vector[twins] = vector[firsts]
        return
    # Where both axes of a matrix are units, a number meets several others: all that meet become the first of them.
    first = np.arange(len(vector))
    while True:
        before = first.copy()
        np.minimum.at(first, twins, before[firsts])
        np.minimum.at(first, firsts, before[twins])
        if np.array_equal(first, before):
            break
    vector[...] = vector[first]


def _has_one_axis_each(parts: Sequence[Part]) -> bool:
    """Tell whether no tensor has two axes among these parts, as the recurrent matrix of a layer of checks has."""
    names = [name for part in parts for name in part.tensors]
    return len(names) == len(set(names))
