"""The losses: one entry each, with the traits that properties ask for.

To add one, write its entry here, its kernel in `symtests.kernels.losses`, its exact value in `symtests.oracle.losses`
and what rounding may do to it in `symtests.oracle.loss_errors`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from symtests.model.activations import Bounds

__all__ = ["LOSSES", "LOSSES_OF_0_1", "LOSS_TABLE", "Loss", "Targets", "losses_that"]

Targets = Literal["numbers", "probabilities", "distributions"]
"""numbers: any; probabilities: each from 0 to 1; distributions: each row from 0 to 1, with sum 1."""


@dataclass(frozen=True)
class Loss:
    """A function of the linear outputs z and the targets y: its mean over samples is what is trained.

    Parameters
    ----------
    name
        What it is called everywhere.
    formula, error_signal
        L, and its derivative with respect to the outputs, for the documentation.
    targets
        Which targets suit it.
    of_each_output
        Whether it is a mean over the outputs of a function of each; if not, it is one function of all of a sample.
    convex
        Whether it is a convex function of the outputs.
    squared
        Whether it is the squared error of what the outputs stand for: z or logistic(z).
    bounds
        Of the derivatives of what each output adds, between kinks and bends; None where it has no such bounds, or they
        follow from others.
    kinks, bends
        Differences z - y at which its first, or only its second derivative jumps.
    of_logistic
        Whether the outputs stand for the probabilities logistic(z).
    since
        Version of symtests that brought it.
    """

    name: str
    formula: str
    error_signal: str
    targets: Targets = "numbers"
    of_each_output: bool = True
    convex: bool = True
    squared: bool = False
    of_logistic: bool = False
    bounds: Bounds | None = None
    kinks: tuple[float, ...] = ()
    bends: tuple[float, ...] = ()
    since: str = "0.1"

    @property
    def of_classes(self) -> bool:
        """Whether targets may stand for classes: 0 or 1, or one-hot rows."""
        return self.targets in ("probabilities", "distributions")


_TABLE: Final = (
    Loss("mse", "Σᵢ sᵢ Σₖ (zᵢₖ − yᵢₖ)² / (S m)", "2 sᵢ (zᵢₖ − yᵢₖ) / (S m)", squared=True),
    Loss(
        "bce", "Σᵢ sᵢ Σₖ (softplus(zᵢₖ) − yᵢₖ zᵢₖ) / (S m)", "sᵢ (logistic(zᵢₖ) − yᵢₖ) / (S m)",
        "probabilities", of_logistic=True,
    ),
    Loss(
        "logistic_mse", "Σᵢ sᵢ Σₖ (pᵢₖ − yᵢₖ)² / (S m), p = logistic(z)",
        "2 sᵢ (pᵢₖ − yᵢₖ) pᵢₖ (1 − pᵢₖ) / (S m)",
        "probabilities", convex=False, squared=True, of_logistic=True,
    ),
    Loss(
        "softmax_cross_entropy", "Σᵢ sᵢ Σₖ yᵢₖ (ln Σⱼ exp(zᵢⱼ) − zᵢₖ) / S", "sᵢ (softmax(zᵢ)ₖ − yᵢₖ) / S",
        "distributions", of_each_output=False,
    ),
    Loss(
        "huber", "Σᵢ sᵢ Σₖ h(zᵢₖ − yᵢₖ) / (S m), h(r) = r² / 2 for |r| ≤ 1, else |r| − ½",
        "sᵢ min(max(zᵢₖ − yᵢₖ, −1), 1) / (S m)", bounds=Bounds(1.0, 1.0, 0.0), bends=(-1.0, 1.0), since="0.2",
    ),
)  # fmt: skip

LOSS_TABLE: Final = {entry.name: entry for entry in _TABLE}
"""Every loss by its name, the simplest first."""
LOSSES: Final = tuple(LOSS_TABLE)
"""The names, the simplest first."""
LOSSES_OF_0_1: Final = ("mse", "bce", "softmax_cross_entropy", "logistic_mse")
"""What an implementation that names no losses claims: never more, whatever later versions add."""


def losses_that(have: Callable[[Loss], bool]) -> tuple[str, ...]:
    """Return the names of the losses that have a trait, the simplest first.

    Parameters
    ----------
    have
        Tells it of an entry, as in ``lambda entry: entry.convex``.
    """
    return tuple(entry.name for entry in _TABLE if have(entry))
