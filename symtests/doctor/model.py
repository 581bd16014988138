"""What an examination needs of a model, whatever it is written with: named tensors, a step, a gradient, its groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from symtests.model.groups import Group, Part, Values
from symtests.validation import InvalidValue

__all__ = ["Examined", "Facts", "NotExaminable", "Wiring", "own_parts"]


class NotExaminable(InvalidValue):
    """A model that cannot be examined as it was handed over; the message says what to hand over."""


@dataclass(frozen=True)
class Facts:
    """What is known of a parameter before any step.

    Parameters
    ----------
    name, shape
        Its first name, and its shape.
    other_names
        Further names of the same object.
    trainable, in_optimizer
        Whether it asks for a gradient, and whether the optimizer holds it.
    used
        Whether the pass reads it; None where that is not known.
    cut_at
        The operation behind which its way to the loss has no gradient, where it has such a way.
    order
        At which operation it is first read; those that are not read come last.
    kind
        Name of the class of the module that holds it.
    """

    name: str
    shape: tuple[int, ...]
    other_names: tuple[str, ...] = ()
    trainable: bool = True
    in_optimizer: bool = True
    used: bool | None = None
    cut_at: str | None = None
    order: int = 0
    kind: str = ""

    @property
    def size(self) -> int:
        """Number of its elements."""
        return int(np.prod(self.shape, dtype=np.int64))


@dataclass(frozen=True)
class Wiring:
    """How a model hangs together with its optimizer, and its parts with one another.

    Parameters
    ----------
    foreign
        How many numbers the optimizer holds that are no parameters of the model.
    remembered
        For how many parameters the optimizer came with a memory of earlier steps.
    storages
        Where the numbers of each parameter lie: equal for different parameters that share them.
    siblings
        The names of the modules of each list or sequence of modules.
    lost
        How each parameter was filled, of those that were set to a constant and drawn at random again.
    """

    foreign: int = 0
    remembered: int = 0
    storages: Mapping[str, int] = field(default_factory=dict)
    siblings: Sequence[Sequence[str]] = ()
    lost: Mapping[str, Sequence[str]] = field(default_factory=dict)


def own_parts(group: Group, facts: Mapping[str, Facts]) -> tuple[Part, ...]:
    """Return the parts that belong to a unit alone: those of an expert without its share of the router."""
    if group.kind != "experts":
        return group.parts
    thick = tuple(
        part for part in group.parts
        if part.axis is None or len(facts[part.tensors[0]].shape if part.tensors[0] in facts else ()) > 2
    )  # fmt: skip
    return thick or group.parts


class Examined(Protocol):
    """A model with its data, its loss and its optimizer: a copy, with which anything may be done."""

    @property
    def facts(self) -> Mapping[str, Facts]:
        """All parameters, by name, in the order of the model."""

    @property
    def unit_roundoff(self) -> float:
        """Largest relative error of one rounding in the dtype of the parameters."""

    @property
    def wiring(self) -> Wiring:
        """How it hangs together with its optimizer."""

    def inputs(self, number: int) -> Sequence[Values]:
        """Return the arrays of batch `number`."""

    def target(self, number: int) -> Values | None:
        """Return the target of batch `number`, where it is an array beside the inputs."""

    def flat_operations(self, name: str) -> Sequence[str]:
        """Return the operations between a parameter and the loss that pass no gradient at any values, as rounding."""

    def values(self) -> Mapping[str, Values]:
        """Return all parameters and further state; views, which the next step may change."""

    def gradients(self) -> Mapping[str, Values | None]:
        """Return the gradients of the last step; None for a parameter that no gradient reached."""

    def put(self, values: Mapping[str, Values]) -> None:
        """Set parameters and further state."""

    def step(self, number: int, *, update: bool = True) -> float:
        """Take one step of training on batch `number`, or compute its gradients alone; return the loss before it."""

    def evaluate(self) -> float:
        """Return the loss on the first batch, in evaluation mode, with the parameters as they are."""

    def outputs(self, number: int) -> Values | None:
        """Return the outputs for batch `number` in training mode; None where there is no array of them."""

    def candidates(self) -> Sequence[Group]:
        """Return the groups that the structure of the model suggests."""

    def code(self, name: str, how: str) -> str:
        """Return a line that fills a parameter: "zeros", "normal" or, as its layer does, "layer"."""

    def restart(self) -> None:
        """Go back to the start: parameters, further state, and the memory of the optimizer."""

    def generic(self, names: Sequence[str] | None = None, seed: int = 0) -> Mapping[str, Values]:
        """Return random values of the size of a usual start, for these parameters or for all."""

    def precise(self) -> Examined | None:
        """Return the same at its start in float64, or None where that cannot be computed."""

    def quiet(self) -> Examined:
        """Return the same at its start without dropout."""
