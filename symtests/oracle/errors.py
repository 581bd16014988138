"""An error, or a bound of one, for each number that the two passes compute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from symtests.oracle.activations import Numbers

__all__ = ["Errors"]


@dataclass(frozen=True, eq=False)
class Errors:
    """Errors of the loss (a number), the gradient (flat), and each layer's z, a and delta, as in `passes.Stages`."""

    loss: Numbers
    gradient: Numbers
    pre_activations: tuple[Numbers, ...]
    activations: tuple[Numbers, ...]
    error_signals: tuple[Numbers, ...]

    def changed(self, change: Callable[[Numbers], Numbers]) -> Errors:
        """Return what `change` makes of each array."""
        return Errors(
            change(self.loss),
            change(self.gradient),
            tuple(change(z) for z in self.pre_activations),
            tuple(change(a) for a in self.activations),
            tuple(change(delta) for delta in self.error_signals),
        )

    def joined(self, join: Callable[[Numbers, Numbers], Numbers], other: Errors) -> Errors:
        """Return what `join` makes of each array of this and the same one of the other."""
        others = iter((other.loss, other.gradient, *other.pre_activations, *other.activations, *other.error_signals))
        return self.changed(lambda array: join(array, next(others)))
