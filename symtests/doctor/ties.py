"""Which units of a group are alike in all that belongs to them, and how a tie grows apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from symtests.model.groups import Group, Part, Values, exchanged

__all__ = ["Tie", "distance", "tie_classes"]

_SAMPLED: Final = 8
"""Places of each part that are compared before all of it is."""
_WATCHED: Final = 8
"""Members of a class whose distance is followed at every step."""


def tie_classes(group: Group, values: Mapping[str, Values]) -> list[tuple[int, ...]]:
    """Return the classes of units that could be exchanged without a change of any number, those of two and more.

    A matrix of which both axes belong to the group, as the recurrent one of a layer, is compared after the exchange:
    the unit matrix ties its rows.

    Parameters
    ----------
    group
        The units.
    values
        All tensors of the group by name.
    """
    names = [name for part in group.parts if part.axis is not None for name in part.tensors]
    both = {name for part in group.parts for name in part.tensors if names.count(name) > 1}
    simple = [part for part in group.parts if not both.intersection(part.tensors)]
    classes: list[tuple[int, ...]] = [tuple(range(group.size))]
    for part in simple:
        classes = [each for one in classes for each in _refined(one, _sample(part, values, one))]
    for part in simple:
        classes = [each for one in classes for each in _refined(one, part.rows(values, one))]
    for name in both:
        parts = [part for part in group.parts if part.tensors == (name,)]
        classes = [each for one in classes for each in _swappable(one, group, parts, name, values)]
    return classes


def _refined(members: tuple[int, ...], rows: Values) -> list[tuple[int, ...]]:
    """Return the classes of members with equal rows, those of two and more."""
    found: dict[bytes, list[int]] = {}
    for member, row in zip(members, rows + 0.0, strict=True):  # -0 becomes 0
        found.setdefault(row.tobytes(), []).append(member)
    return [tuple(each) for each in found.values() if len(each) > 1]


def _sample(part: Part, values: Mapping[str, Values], members: Sequence[int]) -> Values:
    """Return a few numbers of each member, so that a large tensor is copied only where they are equal."""
    if part.axis is None:
        tensors = [values[part.tensors[member]].reshape(-1) for member in members]
        places = np.linspace(0, tensors[0].size - 1, _SAMPLED).astype(int)
        return np.stack([tensor[places] for tensor in tensors])
    whole = np.moveaxis(values[part.tensors[0]], part.axis, 0)
    random = np.random.default_rng(0)
    chosen = [random.integers(0, size, _SAMPLED)[None, None, :] for size in whole.shape[1:]]
    block = part.positions[list(members)][:, :_SAMPLED]
    index = (block[:, :, None], *chosen)
    rows: Values = whole[index]
    return np.ascontiguousarray(rows).reshape(len(members), -1)


def _swappable(
    members: tuple[int, ...], group: Group, parts: Sequence[Part], name: str, values: Mapping[str, Values]
) -> list[tuple[int, ...]]:
    """Return the classes of members of which any two can be exchanged in a tensor without a change of it."""
    left, found = list(members), []
    while left:
        first, alike = left[0], [left[0]]
        for other in left[1:]:
            order = list(range(group.size))
            order[first], order[other] = other, first
            if np.array_equal(exchanged(group, values, order, parts)[name], values[name], equal_nan=True):
                alike.append(other)
        left = [member for member in left if member not in alike]
        found.append(tuple(alike))
    return [each for each in found if len(each) > 1]


def distance(group: Group, values: Mapping[str, Values], members: Sequence[int]) -> float:
    """Return how far members differ from the first one, against the largest number of what belongs to them.

    It is the largest of max_i |a_i - b_i| / max_i |a_i| over all parts; parts with both axes in the group are left
    out, whose rows differ by the exchange itself.
    """
    names = [name for part in group.parts if part.axis is not None for name in part.tensors]
    watched, largest = list(members[:_WATCHED]), 0.0
    for part in group.parts:
        if names.count(part.tensors[0]) > 1:
            continue
        rows = part.rows(values, watched).astype(np.float64)
        scale = np.abs(rows).max(initial=0.0)
        if scale > 0:
            largest = max(largest, float(np.abs(rows - rows[0]).max() / scale))
    return largest


@dataclass
class Tie:
    """Units of a group that were alike at the start.

    Parameters
    ----------
    group
        Theirs.
    members
        Which units.
    apart
        Their distance at the start and after each step.
    gradient
        Whether any of them got a gradient.
    """

    group: Group
    members: tuple[int, ...]
    apart: list[float] = field(default_factory=list)
    gradient: bool = False

    @property
    def exact(self) -> bool:
        """Whether they are alike to the last bit after all steps."""
        return max(self.apart, default=0.0) == 0.0

    def observe(self, values: Mapping[str, Values]) -> None:
        """Add the distance that there is now."""
        self.apart.append(distance(self.group, values, self.members))
