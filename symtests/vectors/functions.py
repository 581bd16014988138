"""Activations with their derivatives, to 60 digits, as numbers with bounds."""

from __future__ import annotations

from decimal import Decimal, getcontext
from typing import Final

from symtests.network import LEAKY_SLOPE
from symtests.vectors.bounded import Arithmetic, Bounded

__all__ = ["activation", "exponential", "logistic", "softplus"]

_PI: Final = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899")
_ROUNDINGS: Final = Decimal(16)
"""Unit roundoffs of 1 + |value| within which an elementary function of a library is."""
_LARGEST_SLOPES: Final = {"tanh": ("1", "0.77"), "logistic": ("0.25", "0.1"), "softplus": ("1", "0.25"),
                          "silu": ("1.1", "0.5"), "gelu": ("1.13", "0.8")}  # fmt: skip
"""Bounds of |f'| and |f''| of the smooth ones, everywhere."""


def activation(arithmetic: Arithmetic, name: str, z: Bounded) -> tuple[Bounded, Bounded]:
    """Return the activation of a pre-activation, and its derivative there.

    Raises
    ------
    ValueError
        Where rounding decides on which side of a kink the pre-activation lies: such a question has no one answer.
    """
    if name == "identity":
        return z, Bounded(Decimal(1))
    if name in ("relu", "leaky_relu"):
        if z.error and abs(z.value) <= z.error:
            raise ValueError("a pre-activation is too near a kink")
        below = Bounded(Decimal(0)) if name == "relu" else _rounded(arithmetic, Decimal(LEAKY_SLOPE))
        slope = Bounded(Decimal(1)) if z.value > 0 else below
        return (z if z.value > 0 else arithmetic.times(z, slope)), slope
    value, derivative = _smooth(name, z.value)
    first, second = map(Decimal, _LARGEST_SLOPES[name])
    return (
        arithmetic.mapped(value, z, first, _ROUNDINGS),
        arithmetic.mapped(derivative, z, second, _ROUNDINGS),
    )


def logistic(arithmetic: Arithmetic, z: Bounded) -> Bounded:
    """Return 1 / (1 + exp(-z))."""
    return activation(arithmetic, "logistic", z)[0]


def softplus(arithmetic: Arithmetic, z: Bounded) -> Bounded:
    """Return log(1 + exp(z))."""
    return activation(arithmetic, "softplus", z)[0]


def exponential(arithmetic: Arithmetic, z: Bounded) -> Bounded:
    """Return exp(z) for a z of at most 0."""
    return arithmetic.mapped(z.value.exp(), z, (z.value + z.error).exp(), _ROUNDINGS)


def _rounded(arithmetic: Arithmetic, value: Decimal) -> Bounded:
    return Bounded(value, arithmetic.u * abs(value))


def _smooth(name: str, z: Decimal) -> tuple[Decimal, Decimal]:
    """Return an activation and its derivative, to the precision of the context."""
    sigma = 1 / (1 + (-z).exp())
    if name == "logistic":
        return sigma, sigma * (1 - sigma)
    if name == "tanh":
        value = 2 / (1 + (-2 * z).exp()) - 1
        return value, 1 - value * value
    if name == "softplus":
        return (1 + z.exp()).ln(), sigma
    if name == "silu":
        return z * sigma, sigma * (1 + z * (1 - sigma))
    normal = (1 + _erf(z / Decimal(2).sqrt())) / 2
    return z * normal, normal + z * (-z * z / 2).exp() / (2 * _PI).sqrt()


def _erf(x: Decimal) -> Decimal:
    """Return 2/sqrt(pi) sum_k (-1)^k x^(2k+1) / (k! (2k+1)); beyond 6, its terms cancel too many digits."""
    if abs(x) > 6:
        raise ValueError(f"erf({x:.3g}): must be asked between -6 and 6")
    least = Decimal(10) ** -getcontext().prec
    power, total, k = x, x, 0
    while abs(power) > least:
        k += 1
        power *= -x * x / k
        total += power / (2 * k + 1)
    return 2 / _PI.sqrt() * total
