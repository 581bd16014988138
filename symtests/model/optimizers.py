"""The optimizers: one entry each, with the traits that properties ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["OPTIMIZERS", "OPTIMIZERS_OF_0_1", "OPTIMIZER_TABLE", "Optimizer", "optimizers_that"]


@dataclass(frozen=True)
class Optimizer:
    """A rule by which a step moves the parameters; its formula is in `symtests.training.Training`.

    Parameters
    ----------
    name
        What it is called everywhere.
    formula
        One step with the gradient g, for the documentation.
    has_velocity
        Whether it keeps a running sum of gradients, so that its setting `momentum` counts.
    adaptive
        Whether it divides by a root of squared gradients, so that its setting `epsilon` counts.
    since
        Version of symtests that brought it.
    """

    name: str
    formula: str
    has_velocity: bool = False
    adaptive: bool = False
    since: str = "0.1"

    @property
    def has_state(self) -> bool:
        """Whether a step depends on the steps before it."""
        return self.has_velocity or self.adaptive


_TABLE: Final = (
    Optimizer("sgd", "θ ← θ − η g"),
    Optimizer("momentum", "q ← μ q + g, θ ← θ − η q", has_velocity=True),
    Optimizer("nesterov", "q ← μ q + g, θ ← θ − η (g + μ q)", has_velocity=True),
    Optimizer(
        "adam",
        "q ← β₁ q + (1 − β₁) g, r ← β₂ r + (1 − β₂) g², θ ← θ − η (q / (1 − β₁ᵗ)) / (√(r / (1 − β₂ᵗ)) + ε)",
        adaptive=True,
    ),
    Optimizer("adamw", "θ ← (1 − η λ) θ, then as adam; λ is the weight decay", adaptive=True),
    Optimizer("rmsprop", "r ← β₂ r + (1 − β₂) g², θ ← θ − η g / (√r + ε)", adaptive=True),
    Optimizer("adagrad", "r ← r + g², θ ← θ − η g / (√r + ε)", adaptive=True),
)

OPTIMIZER_TABLE: Final = {entry.name: entry for entry in _TABLE}
"""Every optimizer by its name, the simplest first."""
OPTIMIZERS: Final = tuple(OPTIMIZER_TABLE)
"""The names, the simplest first."""
OPTIMIZERS_OF_0_1: Final = ("sgd", "momentum", "nesterov", "adam", "adamw", "rmsprop", "adagrad")
"""What an implementation that names no optimizers claims: never more, whatever later versions add."""


def optimizers_that(have: Callable[[Optimizer], bool]) -> tuple[str, ...]:
    """Return the names of the optimizers that have a trait, the simplest first.

    Parameters
    ----------
    have
        Tells it of an entry, as in ``lambda entry: entry.has_state``.
    """
    return tuple(entry.name for entry in _TABLE if have(entry))
