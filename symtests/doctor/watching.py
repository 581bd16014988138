"""What k real steps show of a model: tensor by tensor, group by group."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from symtests.doctor.model import Examined, own_parts
from symtests.doctor.streaming import difference_norm, norm
from symtests.doctor.ties import Tie, tie_classes
from symtests.model.groups import Group, Part, Values

__all__ = ["GroupRecord", "Record", "TensorRecord", "watch"]


@dataclass
class TensorRecord:
    """What happened to one parameter.

    Parameters
    ----------
    gradients
        Norm of the gradient at each step; None where there was none, 0 only where it is exactly zero.
    updates
        Norm of the change of each step.
    sizes
        Norm of the parameter before each step.
    constant
        The value of all its elements at the start, where there is one value.
    """

    gradients: list[float | None] = field(default_factory=list)
    updates: list[float] = field(default_factory=list)
    sizes: list[float] = field(default_factory=list)
    constant: float | None = None

    @property
    def first_gradient(self) -> int | None:
        """Return the first step with a gradient that is not exactly zero."""
        return next((step for step, norm in enumerate(self.gradients) if norm), None)

    @property
    def first_move(self) -> int | None:
        """Return the first step that changed it."""
        return next((step for step, norm in enumerate(self.updates) if norm != 0), None)

    @property
    def without(self) -> bool:
        """Whether no step gave it any gradient, not even zero."""
        return all(norm is None for norm in self.gradients)

    @property
    def stuck(self) -> bool:
        """Whether it had a gradient that was exactly zero at every step."""
        return not self.without and self.first_gradient is None


@dataclass
class GroupRecord:
    """What happened to the units of a group.

    Parameters
    ----------
    group
        The group.
    dead
        Units of which no part got a gradient other than zero at any step.
    ties
        What was alike at the start.
    tied_at_end
        Classes of units that are alike after all steps.
    """

    group: Group
    dead: tuple[int, ...]
    ties: list[Tie]
    tied_at_end: list[tuple[int, ...]]

    @property
    def width(self) -> int:
        """Number of different units: those that are alike at the end count once."""
        return self.group.size - sum(len(each) - 1 for each in self.tied_at_end)


@dataclass
class Record:
    """What k steps showed.

    Parameters
    ----------
    losses
        Before each step, and after the last on the first batch.
    tensors
        Of each parameter.
    groups
        Of each confirmed group.
    """

    losses: list[float]
    tensors: dict[str, TensorRecord]
    groups: list[GroupRecord]

    @property
    def steps(self) -> int:
        """How many steps there were."""
        return len(next(iter(self.tensors.values())).gradients) if self.tensors else 0

    @property
    def finite(self) -> bool:
        """Whether all losses are finite."""
        return all(map(math.isfinite, self.losses))


Alive = dict[tuple[str, int], npt.NDArray[np.bool_]]

_FEW: Final = 64
"""Numbers that are compared before all of a tensor is."""


def watch(model: Examined, groups: Sequence[Group], steps: int) -> Record:
    """Take k steps from the start and return what they showed; the model stays where they end.

    Parameters
    ----------
    model
        At any values: it is started again first.
    groups
        Whose units are followed.
    steps
        k, at least 1.
    """
    model.restart()
    values = model.values()
    tensors = {name: TensorRecord(constant=_constant(values[name])) for name in model.facts}
    of_groups = [_ties(group, model, values) for group in groups]
    ties = [tie for of_group in of_groups for tie in of_group]
    alive: Alive = {}
    before = {name: np.empty_like(values[name]) for name in tensors}  # the only copy, used at every step
    losses = []
    for tie in ties:
        tie.observe(values)
    for number in range(steps):
        for name, kept in before.items():
            np.copyto(kept, values[name])
        losses.append(model.step(number))
        gradients = model.gradients()
        values = model.values()
        for name, record in tensors.items():
            gradient = gradients[name]
            record.gradients.append(None if gradient is None else norm(gradient))
            record.sizes.append(norm(before[name]))
            record.updates.append(difference_norm(values[name], before[name]))
        _note_alive(alive, groups, gradients)
        for tie in ties:
            tie.observe(values)
    losses.append(model.step(0, update=False))
    records = [
        GroupRecord(group, _dead(group, own_parts(group, model.facts), alive), of_group, [])
        for group, of_group in zip(groups, of_groups, strict=True)
    ]
    for each in records:
        dead = set(each.dead)
        for tie in each.ties:
            tie.gradient = not dead.issuperset(tie.members)
        if each.ties:
            each.tied_at_end = tie_classes(each.group, values)
    return Record(losses, tensors, records)


def _ties(group: Group, model: Examined, values: Mapping[str, Values]) -> list[Tie]:
    """Return what is alike in a group, and which experts are alike but for the router."""
    found = [Tie(group, members) for members in tie_classes(group, values)]
    own = own_parts(group, model.facts)
    if group.kind == "experts" and len(own) < len(group.parts) and not found:
        inner = Group(group.name, group.kind, group.size, own)
        found = [Tie(inner, members) for members in tie_classes(inner, values)]
    return found


def _constant(values: Values) -> float | None:
    flat = values.reshape(-1)
    if not flat.size or not bool((flat[:_FEW] == flat[0]).all()):
        return None
    return float(flat[0]) if bool((flat == flat[0]).all()) else None


def _note_alive(alive: Alive, groups: Sequence[Group], gradients: Mapping[str, Values | None]) -> None:
    """Note along each axis of a group at which positions there is a gradient."""
    seen: set[tuple[str, int]] = set()
    for group in groups:
        for part in group.parts:
            axis = -1 if part.axis is None else part.axis
            for name in part.tensors:
                gradient = gradients.get(name)
                if gradient is None or (name, axis) in seen:
                    continue
                seen.add((name, axis))
                alive[name, axis] = _alive_now(gradient, axis, alive.get((name, axis)))


def _alive_now(gradient: Values, axis: int, before: npt.NDArray[np.bool_] | None) -> npt.NDArray[np.bool_]:
    """Return where along an axis there is or was a gradient; where there was one is not looked at again."""
    if axis < 0:
        seen = bool(before is not None and before.all())
        return np.array([seen or bool(gradient.any())])
    rows = np.moveaxis(gradient, axis, 0)
    found = np.zeros(len(rows), np.bool_) if before is None else before.copy()
    left = np.flatnonzero(~found)
    if len(left):
        chosen = rows if len(left) == len(rows) else rows[left]
        found[left] = chosen.any(axis=tuple(range(1, rows.ndim)))
    return found


def _dead(group: Group, parts: Sequence[Part], alive: Alive) -> tuple[int, ...]:
    """Return the units of which no part ever got a gradient other than zero."""
    got = np.zeros(group.size, np.bool_)
    for part in parts:
        if part.axis is None:
            got |= np.array([bool(alive.get((name, -1), np.zeros(1, np.bool_)).any()) for name in part.tensors])
        elif (part.tensors[0], part.axis) in alive:
            got |= alive[part.tensors[0], part.axis][part.positions].any(axis=1)
    return tuple(int(unit) for unit in np.flatnonzero(~got))
