"""The story of a symmetry: what became of the hidden units that learned XOR from three kinds of start."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from symtests.model.activations import activations_that
from symtests.model.losses import losses_that
from symtests.reports.number_words import compact, counted
from symtests.reports.results import Start, Story, Unit

__all__ = ["TOLD_FIRST", "Fate", "fate_of", "floors_of", "told"]

TOLD_FIRST: Final = (
    "XOR is true when exactly one of its two inputs is, and one hidden unit alone cannot learn it: "
    "the hidden units of a network must become different from one another."
)

_MONOTONE: Final = activations_that(lambda entry: entry.monotone)
_ZERO_AT_ZERO: Final = activations_that(lambda entry: entry.zero_at_zero)
_SQUARED: Final = losses_that(lambda entry: entry.squared)
_BALANCED: Final = losses_that(lambda entry: entry.of_logistic)
_TITLES: Final = {"constant": "Every weight the same", "zero": "Every weight zero", "random": "Random weights"}


@dataclass(frozen=True)
class Fate:
    """What became of the units of one training.

    Parameters
    ----------
    groups
        Units (from 0) that were equal at every checkpoint, the largest group first.
    parted_at
        The first checkpoint at which units that began equal differ; None if none do.
    floor, floor_name
        The proven least loss from this kind of start, and in whose name; None where there is none.
    """

    start: Start
    title: str
    groups: tuple[tuple[int, ...], ...]
    parted_at: float | None
    floor: float | None
    floor_name: str

    @property
    def units(self) -> str:
        """What is seen of the units, in words."""
        lines = "one line" if len(self.groups) == 1 else f"{len(self.groups)} lines"
        return f"{counted(len(self.start.units), 'unit')} on {lines}"

    @property
    def losses(self) -> str:
        """First and last loss, in words."""
        return f"loss {_loss(self.start.loss[0])} → {_loss(self.start.loss[-1])}"


def fate_of(story: Story, start: Start) -> Fate:
    """Return what became of the units that began at this start."""
    tied, zero = floors_of(story)
    floor, name = {"constant": (tied, "tied units"), "zero": (zero, "a zero start"), "random": (None, "")}[start.start]
    return Fate(start, _TITLES[start.start], _groups(start), _parting(start), floor, name)


def floors_of(story: Story) -> tuple[float | None, float | None]:
    """Return the least loss on XOR that tied units, and units that start at zero, can reach.

    Tied units compute a monotone function of one weighted sum, and the best of those has squared
    error 1/6 (isotonic regression of 0, 1, 1, 0). From zero with sigma(0) = 0, or with balanced
    labels and a logistic output, only the output bias moves: a constant's least error is 1/4.
    """
    if story.network.loss not in _SQUARED:
        return None, None
    monotone = all(name in _MONOTONE for name in story.network.activations)
    constant = story.network.loss in _BALANCED or all(name in _ZERO_AT_ZERO for name in story.network.activations)
    tied = 1 / 6 if monotone else None
    return tied, 1 / 4 if constant else tied


def told(fates: tuple[Fate, ...]) -> str:
    """Return what these trainings show, in one sentence that claims no more than the numbers do."""
    parts = [f"from {_FROM[fate.start.start]} {_what_happened(fate)}" for fate in fates]
    sentence = ", ".join(parts[:-1]) + (", but " if len(parts) > 1 else "") + parts[-1]
    return sentence[0].upper() + sentence[1:] + "."


_FROM: Final = {"constant": "equal weights", "zero": "zero weights", "random": "random weights"}


def _what_happened(fate: Fate) -> str:
    total, last = len(fate.start.units), _loss(fate.start.loss[-1])
    if fate.parted_at is not None:
        units = f"units that began equal parted at step {compact(fate.parted_at)}"
    elif len(fate.groups) == 1 and total > 1:
        units = f"all {total} stay one unit"
    elif len(fate.groups) == total:
        units = f"the {counted(total, 'unit')} go their own ways" if total > 1 else "the only unit goes its way"
    else:
        units = f"{total} units stay {len(fate.groups)}"
    where = last if last.startswith("under") else f"at {last}"
    return f"{units} and the loss ends {where}"


def _loss(loss: float) -> str:
    """Return a loss as everybody reads it: three digits, without powers of ten."""
    return "under 0.001" if 0 < loss < 0.001 else compact(loss)


def _groups(start: Start) -> tuple[tuple[int, ...], ...]:
    """Return units with equal histories together."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for index, unit in enumerate(start.units):
        history = tuple(_state(unit, checkpoint) for checkpoint in range(len(start.steps)))
        groups.setdefault(history, []).append(index)
    return tuple(tuple(group) for group in sorted(groups.values(), key=lambda group: (-len(group), group)))


def _parting(start: Start) -> float | None:
    """Return the first step at which there are more different units than there were at first."""
    counts = [len({_state(unit, checkpoint) for unit in start.units}) for checkpoint in range(len(start.steps))]
    return next((step for step, count in zip(start.steps, counts, strict=True) if count > counts[0]), None)


def _state(unit: Unit, checkpoint: int) -> str:
    """Return all weights of a unit as text, in which a NaN equals itself and -0 equals 0."""
    return " ".join(
        "NaN" if math.isnan(value) else repr(value + 0.0)
        for value in (*unit.incoming[checkpoint], unit.outgoing[checkpoint])
    )
