"""Losses of the linear outputs z, with their derivatives: the formulas of `symtests.network`."""

from __future__ import annotations

import numpy as np

from symtests.batch import Batch
from symtests.oracle.activations import Numbers, derivative, logistic, second_derivative, softplus
from symtests.validation import InvalidValue

__all__ = ["coefficients", "error_signal", "error_signal_slope", "loss_terms", "loss_value", "softmax"]


def coefficients(loss: str, batch: Batch) -> Numbers:
    """Return what each sample's terms are multiplied by: s_i / (S m), or s_i / S for softmax; shape (N, 1)."""
    samples, outputs = batch.y.shape
    weights = np.ones(samples) if batch.sample_weights is None else batch.sample_weights.astype(np.float64)
    terms = 1 if loss == "softmax_cross_entropy" else outputs
    result: Numbers = (weights / (weights.sum() * terms))[:, None]
    return result


def loss_terms(loss: str, z: Numbers, y: Numbers) -> Numbers:
    """Return the terms whose weighted sum is the loss; z and y of shape (N, m), z may be complex."""
    match loss:
        case "mse":
            return (z - y) ** 2
        case "logistic_mse":
            return (logistic(z) - y) ** 2
        case "bce":
            return softplus(z) - y * z
        case "huber":
            r = z - y
            return np.where(np.abs(r.real) <= 1, r * r / 2, np.where(r.real < 0, -r, r) - 0.5)
        case "softmax_cross_entropy":
            # logsumexp(z) = max + log sum exp(z - max): nothing overflows
            top = z.real.max(axis=1, keepdims=True)
            return y * (top + np.log(np.exp(z - top).sum(axis=1, keepdims=True)) - z)
    raise InvalidValue(f"loss={loss!r}: the oracle does not know it")


def loss_value(loss: str, z: Numbers, batch: Batch) -> complex | float:
    """Return the loss L of linear outputs z, shape (N, m); complex where z is."""
    total = (coefficients(loss, batch) * loss_terms(loss, z, batch.y.astype(np.float64))).sum()
    return complex(total) if np.iscomplexobj(total) else float(total)


def error_signal(loss: str, z: Numbers, batch: Batch) -> Numbers:
    """Return dL/dz for real z, shape (N, m)."""
    c, y = coefficients(loss, batch), batch.y.astype(np.float64)
    match loss:
        case "mse":
            return c * 2 * (z - y)
        case "logistic_mse":
            return c * 2 * (logistic(z) - y) * derivative("logistic", z)
        case "bce":
            return c * (logistic(z) - y)
        case "huber":
            return c * np.clip(z - y, -1, 1)
        case "softmax_cross_entropy":
            return c * (softmax(z) * y.sum(axis=1, keepdims=True) - y)
    raise InvalidValue(f"loss={loss!r}: the oracle does not know it")


def error_signal_slope(loss: str, z: Numbers, direction: Numbers, batch: Batch) -> Numbers:
    """Return the derivative of the error signal as z moves along `direction`; shapes (..., N, m)."""
    c, y = coefficients(loss, batch), batch.y.astype(np.float64)
    match loss:
        case "mse":
            return c * 2 * direction
        case "logistic_mse":
            s = derivative("logistic", z)
            return c * 2 * (s * s + (logistic(z) - y) * second_derivative("logistic", z)) * direction
        case "bce":
            return c * derivative("logistic", z) * direction
        case "huber":
            return c * (np.abs(z - y) <= 1) * direction
        case "softmax_cross_entropy":
            p = softmax(z)
            return c * y.sum(axis=1, keepdims=True) * p * (direction - (p * direction).sum(axis=-1, keepdims=True))
    raise InvalidValue(f"loss={loss!r}: the oracle does not know it")


def softmax(z: Numbers) -> Numbers:
    """Return exp(z_k) / sum_j exp(z_j) of each row."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    result: Numbers = e / e.sum(axis=1, keepdims=True)
    return result
