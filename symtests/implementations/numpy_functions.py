"""Activations and losses with their derivatives, for arrays of any float dtype."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from symtests.float_json import Array
from symtests.model.activations import LEAKY_SLOPE, SELU_ALPHA, SELU_SCALE

__all__ = ["ACTIVATION_PAIRS", "LOSS_PAIRS"]


def _logistic(z: Array) -> Array:
    # 1 / (1 + exp(-z)) overflows far below zero; there exp(z) / (1 + exp(z)) is the same.
    small = np.exp(-np.abs(z))
    answer: Array = np.where(z >= 0, 1, small) / (1 + small)
    return answer


def _logistic_slope(z: Array) -> Array:
    return _logistic(z) * _logistic(-z)  # logistic(-z) = 1 - logistic(z), without the cancellation


def _softplus(z: Array) -> Array:
    answer: Array = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
    return answer


def _normal_below(z: Array) -> Array:
    """Return the share of a normal distribution that lies below z, (1 + erf(z / sqrt 2)) / 2, in the dtype of z."""
    flat = [0.5 * math.erfc(-value / math.sqrt(2)) for value in z.ravel().tolist()]
    return np.array(flat, z.dtype).reshape(z.shape)


def _gelu_slope(z: Array) -> Array:
    answer: Array = _normal_below(z) + z * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return answer


def _silu_slope(z: Array) -> Array:
    return _logistic(z) * (1 + z * _logistic(-z))


def _mish_slope(z: Array) -> Array:
    inner = np.tanh(_softplus(z))
    return inner + z * _logistic(z) * (1 - inner * inner)


def _elu(z: Array) -> Array:
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


def _elu_slope(z: Array) -> Array:
    return np.where(z > 0, z.dtype.type(1), np.exp(np.minimum(z, 0)))


def _selu(z: Array) -> Array:
    scale, alpha = z.dtype.type(SELU_SCALE), z.dtype.type(SELU_ALPHA)
    return scale * np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))


def _selu_slope(z: Array) -> Array:
    scale, alpha = z.dtype.type(SELU_SCALE), z.dtype.type(SELU_ALPHA)
    return scale * np.where(z > 0, z.dtype.type(1), alpha * np.exp(np.minimum(z, 0)))


# Each activation with its derivative, both as functions of the pre-activation z.
ACTIVATION_PAIRS: Final[dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]]] = {
    "identity": (lambda z: z.copy(), np.ones_like),
    "logistic": (_logistic, _logistic_slope),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(z.dtype)),
    "leaky_relu": (
        lambda z: np.where(z > 0, z, z.dtype.type(LEAKY_SLOPE) * z),
        lambda z: np.where(z > 0, z.dtype.type(1), z.dtype.type(LEAKY_SLOPE)),
    ),
    "softplus": (_softplus, _logistic),
    "gelu": (lambda z: z * _normal_below(z), _gelu_slope),
    "silu": (lambda z: z * _logistic(z), _silu_slope),
    "mish": (lambda z: z * np.tanh(_softplus(z)), _mish_slope),
    "elu": (_elu, _elu_slope),
    "selu": (_selu, _selu_slope),
    "softsign": (lambda z: z / (1 + np.abs(z)), lambda z: (1 / (1 + np.abs(z))) ** 2),
    "hard_tanh": (lambda z: np.clip(z, -1, 1), lambda z: (np.abs(z) < 1).astype(z.dtype)),
    "hard_sigmoid": (lambda z: np.clip(z + 3, 0, 6) / 6, lambda z: (np.abs(z) < 3) / z.dtype.type(6)),
}


def _mse(z: Array, y: Array) -> tuple[Array, Array]:
    residual = z - y
    return (residual**2).mean(axis=1), 2 * residual / z.shape[1]


def _bce(z: Array, y: Array) -> tuple[Array, Array]:
    return (_softplus(z) - y * z).mean(axis=1), (_logistic(z) - y) / z.shape[1]


def _softmax_cross_entropy(z: Array, y: Array) -> tuple[Array, Array]:
    shifted = z - z.max(axis=1, keepdims=True)  # the largest exponential is 1: none overflows
    exponentials = np.exp(shifted)
    totals = exponentials.sum(axis=1, keepdims=True)
    return (y * (np.log(totals) - shifted)).sum(axis=1), exponentials / totals - y


def _logistic_mse(z: Array, y: Array) -> tuple[Array, Array]:
    losses, slopes = _mse(_logistic(z), y)
    return losses, slopes * _logistic_slope(z)


def _huber(z: Array, y: Array) -> tuple[Array, Array]:
    residual = z - y
    near = np.clip(residual, -1, 1)
    return (near * (residual - near / 2)).mean(axis=1), near / z.shape[1]


# The loss of each sample, shape (N,), and its derivative by the outputs z, shape (N, m).
LOSS_PAIRS: Final[dict[str, Callable[[Array, Array], tuple[Array, Array]]]] = {
    "mse": _mse,
    "bce": _bce,
    "softmax_cross_entropy": _softmax_cross_entropy,
    "logistic_mse": _logistic_mse,
    "huber": _huber,
}
