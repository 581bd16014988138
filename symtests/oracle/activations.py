"""Activations with their first and second derivatives, for real and for complex arguments.

A complex argument serves the complex step: x + ih with |h| so small that h**2 vanishes beside 1.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from symtests.model.activations import LEAKY_SLOPE, SELU_ALPHA, SELU_SCALE
from symtests.validation import InvalidValue

__all__ = ["derivative", "logistic", "second_derivative", "softplus", "value"]

Numbers = npt.NDArray[Any]

_erfc = np.frompyfunc(math.erfc, 1, 1)


def value(name: str, z: Numbers) -> Numbers:
    """Return sigma(z).

        identity z · logistic 1/(1+exp(-z)) · tanh · relu max(z, 0) · leaky_relu z if z > 0 else slope z
        softplus log(1+exp(z)) · gelu z Phi(z), Phi the standard normal distribution · silu z logistic(z) ·
        mish z tanh(softplus(z)) · elu z if z > 0 else exp(z) - 1 ·
        selu s z if z > 0 else s alpha (exp(z) - 1) · softsign z / (1 + |z|) · hard_tanh min(max(z, -1), 1) ·
        hard_sigmoid min(max(z + 3, 0), 6) / 6

    Parameters
    ----------
    name
        One name of `symtests.network.ACTIVATIONS`.
    z
        Pre-activations, any shape, float64 or complex128. NaN stays NaN.
    """
    match name:
        case "identity":
            return z + 0.0
        case "logistic":
            return logistic(z)
        case "tanh":
            return np.tanh(z)
        case "relu":
            return np.where(z.real <= 0, 0.0, z)
        case "leaky_relu":
            return np.where(z.real <= 0, LEAKY_SLOPE * z, z)
        case "softplus":
            return softplus(z)
        case "gelu":
            return z * _normal_distribution(z)
        case "silu":
            return z * logistic(z)
        case "mish":
            return z * np.tanh(softplus(z))
        case "elu":
            return np.where(z.real <= 0, np.expm1(np.where(z.real > 0, 0.0, z)), z)
        case "selu":
            return SELU_SCALE * np.where(z.real <= 0, SELU_ALPHA * np.expm1(np.where(z.real > 0, 0.0, z)), z)
        case "softsign":
            return z / (1 + np.where(z.real < 0, -z, z))
        case "hard_tanh":
            return np.where(z.real <= -1, -1.0, np.where(z.real > 1, 1.0, z))
        case "hard_sigmoid":
            return np.where(z.real <= -3, 0.0, np.where(z.real > 3, 1.0, (z + 3) / 6))
    raise InvalidValue(f"activation={name!r}: the oracle does not know it")


def derivative(name: str, z: Numbers, relu_derivative_at_zero: float = 0.0) -> Numbers:
    """Return sigma'(z) for real z: where it jumps the slope from below, but for relu'(0), which is given."""
    match name:
        case "identity":
            return np.ones_like(z)
        case "logistic":
            e = np.exp(-np.abs(z))  # s (1 - s), of which 1 - s would lose everything for large z
            return e / (1.0 + e) ** 2
        case "tanh":
            # 1 - tanh^2 loses everything for large z; 1/cosh^2 keeps it (cosh overflows to the right limit, 0)
            with np.errstate(over="ignore"):
                return 1.0 / np.cosh(z) ** 2
        case "relu":
            return np.where(z > 0, 1.0, np.where(z == 0, relu_derivative_at_zero, np.where(z < 0, 0.0, z)))
        case "leaky_relu":
            return np.where(z > 0, 1.0, np.where(z <= 0, LEAKY_SLOPE, z))
        case "softplus":
            return logistic(z)
        case "gelu":
            return _normal_distribution(z) + z * _normal_density(z)
        case "silu":
            return logistic(z) + z * derivative("logistic", z)
        case "mish":
            t = softplus(z)
            return np.tanh(t) + z * logistic(z) * derivative("tanh", t)
        case "elu":
            return np.where(z > 0, 1.0, np.exp(np.minimum(z, 0.0)))
        case "selu":
            return SELU_SCALE * np.where(z > 0, 1.0, SELU_ALPHA * np.exp(np.minimum(z, 0.0)))
        case "softsign":
            return 1 / (1 + np.abs(z)) ** 2
        case "hard_tanh":
            return np.where(np.isnan(z), z, (z > -1) & (z <= 1))
        case "hard_sigmoid":
            return np.where(np.isnan(z), z, ((z > -3) & (z <= 3)) / 6)
    raise InvalidValue(f"activation={name!r}: the oracle does not know it")


def second_derivative(name: str, z: Numbers) -> Numbers:
    """Return sigma''(z) for real z; where it jumps, the one from below."""
    match name:
        case "identity" | "relu" | "leaky_relu" | "hard_tanh" | "hard_sigmoid":
            return np.zeros_like(z)
        case "logistic":
            return derivative("logistic", z) * (1 - 2 * logistic(z))
        case "tanh":
            return -2 * np.tanh(z) * derivative("tanh", z)
        case "softplus":
            return derivative("logistic", z)
        case "gelu":
            return (2 - z**2) * _normal_density(z)
        case "silu":
            return derivative("logistic", z) * (2 + z * (1 - 2 * logistic(z)))
        case "elu":
            return np.where(z > 0, 0.0, np.exp(np.minimum(z, 0.0)))
        case "selu":
            return np.where(z > 0, 0.0, SELU_SCALE * SELU_ALPHA * np.exp(np.minimum(z, 0.0)))
        case "softsign":
            return np.where(z > 0, -2.0, 2.0) / (1 + np.abs(z)) ** 3
        case "mish":
            s, t = logistic(z), softplus(z)
            return s * derivative("tanh", t) * (2 + z * (1 - s - 2 * s * np.tanh(t)))
    raise InvalidValue(f"activation={name!r}: the oracle does not know it")


def logistic(z: Numbers) -> Numbers:
    """Return 1/(1+exp(-z)), by the form whose exponential cannot overflow."""
    e = np.exp(np.where(z.real < 0, z, -z))
    return np.where(z.real < 0, e, 1.0) / (1.0 + e)


def softplus(z: Numbers) -> Numbers:
    """Return log(1+exp(z)) = max(z, 0) + log1p(exp(-|z|))."""
    return np.where(z.real < 0, 0.0, z) + _log1p(np.exp(np.where(z.real < 0, z, -z)))


def _log1p(e: Numbers) -> Numbers:
    """Return log(1+e); NumPy's complex log1p forms 1+e, which loses a small e."""
    if np.iscomplexobj(e):
        x, y = e.real, e.imag
        return 0.5 * np.log1p(x * (2 + x) + y * y) + 1j * np.arctan2(y, 1 + x)
    return np.log1p(e)


def _normal_distribution(z: Numbers) -> Numbers:
    """Phi(z) = erfc(-z/sqrt 2)/2; for x + ih it is Phi(x) + ih phi(x), as h^2 vanishes."""
    x = z.real
    real = 0.5 * np.asarray(_erfc(-x / math.sqrt(2.0)), np.float64)
    return real + 1j * z.imag * _normal_density(x) if np.iscomplexobj(z) else real


def _normal_density(x: Numbers) -> Numbers:
    """phi(x) = exp(-x^2/2)/sqrt(2 pi)."""
    return np.exp(-0.5 * x**2) / math.sqrt(2.0 * math.pi)
