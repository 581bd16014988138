"""The activations: one entry each, with the traits that properties ask for.

To add one, write its entry here, its kernel in `symtests.kernels.activations`, its exact value in
`symtests.oracle.activations` and what rounding may do to it in `symtests.oracle.activation_errors`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

__all__ = [
    "ACTIVATIONS",
    "ACTIVATIONS_OF_0_1",
    "ACTIVATION_TABLE",
    "LEAKY_SLOPE",
    "SELU_ALPHA",
    "SELU_SCALE",
    "Activation",
    "Bounds",
    "Kink",
    "activations_that",
]

LEAKY_SLOPE: Final = 0.01
"""Slope of leaky_relu below zero (rounded to the dtype in use)."""
SELU_SCALE: Final = 1.0507009873554805
"""Slope of selu above zero (Klambauer et al. 2017, Self-normalizing neural networks)."""
SELU_ALPHA: Final = 1.6732632423543772
"""What selu falls to far below zero, negated and divided by its scale."""
_SELU_BELOW: Final = SELU_SCALE * SELU_ALPHA


class Bounds(NamedTuple):
    """Upper bounds of |sigma'|, |sigma''| and |sigma'''| over all z, between kinks and bends."""

    first: float
    second: float
    third: float


class Kink(NamedTuple):
    """A pre-activation at which sigma' jumps.

    Parameters
    ----------
    at
        Where.
    below, above
        The slopes on either side, as z comes near.
    is_free
        Whether an implementation may take any slope between these at the very place; if not, sigma' there is that
        from below, or for relu the one that the implementation declares.
    margin
        Error, in unit roundoffs, with which an implementation may compute on which side z lies.
    """

    at: float
    below: float
    above: float
    is_free: bool = False
    margin: float = 0.0


@dataclass(frozen=True)
class Activation:
    """A function sigma of one pre-activation z, applied to every hidden unit of a layer.

    Parameters
    ----------
    name
        What it is called everywhere.
    formula
        sigma(z), for the documentation.
    bounds
        Of its derivatives.
    zero_at_zero
        Whether sigma(0) = 0, exactly.
    monotone
        Whether it never falls.
    homogeneous
        Whether sigma(c z) = c sigma(z) for every c > 0.
    odd
        Whether sigma(-z) = -sigma(z).
    bounded
        Whether its values have a limit above and below.
    kinks
        Where sigma' jumps.
    bends
        Where sigma'' jumps, and sigma' does not.
    since
        Version of symtests that brought it.
    """

    name: str
    formula: str
    bounds: Bounds
    zero_at_zero: bool = False
    monotone: bool = False
    homogeneous: bool = False
    odd: bool = False
    bounded: bool = False
    kinks: tuple[Kink, ...] = ()
    bends: tuple[float, ...] = ()
    since: str = "0.1"

    @property
    def is_straight(self) -> bool:
        """Whether it is made of straight pieces, so that sums, products and comparisons compute it."""
        return self.bounds.second == 0

    @property
    def is_smooth(self) -> bool:
        """Whether it has all derivatives everywhere."""
        return not self.kinks and not self.bends

    @property
    def is_curved(self) -> bool:
        """Whether it is smooth and no straight line."""
        return self.is_smooth and not self.is_straight


_TABLE: Final = (
    Activation("identity", "z", Bounds(1.0, 0.0, 0.0), zero_at_zero=True, monotone=True, homogeneous=True, odd=True),
    Activation("tanh", "tanh z", Bounds(1.0, 0.7699, 2.0), zero_at_zero=True, monotone=True, odd=True, bounded=True),
    Activation(
        "relu", "max(z, 0); relu′(0) is 0 or 1, as an implementation declares", Bounds(1.0, 0.0, 0.0),
        zero_at_zero=True, monotone=True, homogeneous=True, kinks=(Kink(0.0, 0.0, 1.0),),
    ),
    Activation(
        "leaky_relu", f"z for z > 0, else {LEAKY_SLOPE} z", Bounds(1.0, 0.0, 0.0),
        zero_at_zero=True, monotone=True, homogeneous=True, kinks=(Kink(0.0, LEAKY_SLOPE, 1.0),),
    ),
    Activation("logistic", "1 / (1 + e⁻ᶻ)", Bounds(0.25, 0.09623, 0.125), monotone=True, bounded=True),
    Activation("softplus", "ln(1 + eᶻ)", Bounds(1.0, 0.25, 0.09623), monotone=True),
    Activation("silu", "z logistic(z)", Bounds(1.0999, 0.5, 0.3085), zero_at_zero=True),
    Activation("gelu", "z Φ(z), Φ the standard normal distribution", Bounds(1.129, 0.7979, 0.7788), zero_at_zero=True),
    Activation(
        "mish", "z tanh(softplus(z))", Bounds(1.0885, 0.6443, 0.5885), zero_at_zero=True, since="0.2"
    ),
    Activation(
        "elu", "z for z > 0, else eᶻ − 1", Bounds(1.0, 1.0, 1.0),
        zero_at_zero=True, monotone=True, bends=(0.0,), since="0.2",
    ),
    Activation(
        "selu", f"{SELU_SCALE:.5f} z for z > 0, else {_SELU_BELOW:.5f} (eᶻ − 1); both constants in full precision",
        Bounds(1.75811, 1.75811, 1.75811), zero_at_zero=True, monotone=True,
        kinks=(Kink(0.0, _SELU_BELOW, SELU_SCALE),), since="0.2",
    ),
    Activation(
        "softsign", "z / (1 + |z|)", Bounds(1.0, 2.0, 6.0),
        zero_at_zero=True, monotone=True, odd=True, bounded=True, bends=(0.0,), since="0.2",
    ),
    Activation(
        "hard_tanh", "z between −1 and 1, which it never leaves", Bounds(1.0, 0.0, 0.0),
        zero_at_zero=True, monotone=True, odd=True, bounded=True,
        kinks=(Kink(-1.0, 0.0, 1.0, is_free=True), Kink(1.0, 1.0, 0.0, is_free=True)), since="0.2",
    ),
    Activation(
        "hard_sigmoid", "min(max(z + 3, 0), 6) / 6, as in PyTorch, JAX and Keras 3; Keras 2 had 0.2 z + 0.5",
        Bounds(0.166667, 0.0, 0.0), monotone=True, bounded=True,
        kinks=(Kink(-3.0, 0.0, 1 / 6, is_free=True, margin=12.0), Kink(3.0, 1 / 6, 0.0, is_free=True, margin=12.0)),
        since="0.2",
    ),
)  # fmt: skip

ACTIVATION_TABLE: Final = {entry.name: entry for entry in _TABLE}
"""Every activation by its name, the simplest first."""
ACTIVATIONS: Final = tuple(ACTIVATION_TABLE)
"""The names, the simplest first."""
ACTIVATIONS_OF_0_1: Final = ("identity", "logistic", "tanh", "relu", "leaky_relu", "softplus", "gelu", "silu")
"""What an implementation that names no activations claims: never more, whatever later versions add."""


def activations_that(have: Callable[[Activation], bool]) -> tuple[str, ...]:
    """Return the names of the activations that have a trait, the simplest first.

    Parameters
    ----------
    have
        Tells it of an entry, as in ``lambda entry: entry.zero_at_zero``.
    """
    return tuple(entry.name for entry in _TABLE if have(entry))
