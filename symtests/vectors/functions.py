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
_FAR_OUT: Final = 3
_TERMS_OF_THE_TAIL: Final = 400
"""More than 60 digits need from `_FAR_OUT` on."""


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
    normal = _erfc(-z / Decimal(2).sqrt()) / 2
    return z * normal, normal + z * (-z * z / 2).exp() / (2 * _PI).sqrt()


def _erfc(x: Decimal) -> Decimal:
    """Return 1 - erf(x): by the series of erf near 0, and far out, where its terms cancel, by a continued fraction."""
    if x < 0:
        return 2 - _erfc(-x)
    return 1 - _erf(x) if x < _FAR_OUT else _tail(x)


def _erf(x: Decimal) -> Decimal:
    """Return 2/sqrt(pi) sum_k (-1)^k x^(2k+1) / (k! (2k+1))."""
    least = Decimal(10) ** -getcontext().prec
    power, total, k = x, x, 0
    while abs(power) > least:
        k += 1
        power *= -x * x / k
        total += power / (2 * k + 1)
    return 2 / _PI.sqrt() * total


def _tail(x: Decimal) -> Decimal:
    """Return exp(-x^2)/sqrt(pi) / (x + (1/2)/(x + (2/2)/(x + (3/2)/(x + ...)))), as Laplace found."""
    fraction = x
    for k in range(_TERMS_OF_THE_TAIL, 0, -1):
        fraction = x + Decimal(k) / 2 / fraction
    return (-x * x).exp() / _PI.sqrt() / fraction
