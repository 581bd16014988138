"""How far a computed loss and its error signal may lie from the exact ones, given the outputs' error."""

from __future__ import annotations

import numpy as np

from symtests.batch import Batch
from symtests.oracle.activation_errors import EVALUATION, curve, derivative_error, logistic_ulps, value_error
from symtests.oracle.activations import Numbers, logistic, softplus
from symtests.oracle.error_model import ErrorModel
from symtests.oracle.losses import coefficients, loss_terms, softmax

__all__ = ["error_signal_error", "loss_error"]


def error_signal_error(model: ErrorModel, loss: str, z: Numbers, error_z: Numbers, batch: Batch) -> Numbers:
    """Return the error of dL/dz, shape (N, m)."""
    c, y = coefficients(loss, batch), batch.y.astype(np.float64)
    if loss == "mse":
        return _scaled(model, batch, 2 * c, z - y, _difference(model, z, error_z, y))
    if loss == "huber":  # cutting off moves two numbers no further apart
        return _scaled(model, batch, c, np.clip(z - y, -1, 1), _difference(model, z, error_z, y))
    if loss == "softmax_cross_entropy":
        p, total = softmax(z), y.sum(axis=1, keepdims=True)
        error_p = _softmax_error(model, z, error_z)
        error_p = model.weigh(total) * error_p + model.roundings(y.shape[1] + 1) * model.weigh(total) * (
            model.weigh(p) + error_p
        )
        return _scaled(model, batch, c, p * total - y, _difference(model, p * total, error_p, y))
    at = curve("logistic", z)
    a, error_a = at.value, value_error(model, at, error_z)
    residual, error_r = a - y, _difference(model, a, error_a, y)
    if loss == "bce":  # or (1 - y) logistic(z) - y logistic(-z), where the loss was differentiated term by term
        parts = model.weigh((1 - y) * a) + model.weigh(y * (1 - a)) + error_a
        by_parts = error_a + model.relative(1.0) * model.weigh(logistic_ulps(z) + 3) * parts
        return _scaled(model, batch, c, residual, np.maximum(error_r, by_parts))
    # logistic_mse: residual times a (1 - a)
    error_s = derivative_error(model, at, error_z, error_a)
    return _scaled(model, batch, 2 * c, residual * at.slope, model.product(residual, error_r, at.slope, error_s))


def loss_error(model: ErrorModel, loss: str, z: Numbers, error_z: Numbers, batch: Batch) -> float:
    """Return the error of the loss."""
    c, y = coefficients(loss, batch), batch.y.astype(np.float64)
    terms = loss_terms(loss, z, y)
    weigh = model.weigh
    match loss:
        case "mse" | "logistic_mse":
            at = curve("identity" if loss == "mse" else "logistic", z)
            a, error_a = at.value, value_error(model, at, error_z)
            error_r = _difference(model, a, error_a, y)
            error = model.product(a - y, error_r, a - y, error_r)
            error = error if model.form == "certified" else 2 * error
        case "huber":  # r^2 / 2, or |r| - 1/2, of a slope that is nowhere above 1
            error_r = _difference(model, z, error_z, y)
            r, reach = np.abs(z - y), model.reach(error_r)
            parts = weigh(np.where(r + reach <= 1, terms, r + 0.5)) + error_r
            error = weigh(np.minimum(r + reach, 1.0)) * error_r + model.relative(4.0) * parts + model.underflows()
        case "bce":  # max(z, 0) - y z + log1p(exp(-|z|)): every part is rounded
            moved = np.abs(logistic(z) - y) + 0.25 * model.reach(error_z)
            parts = weigh(softplus(z)) + weigh(y * z) + weigh(np.maximum(z, 0))
            error = weigh(moved) * error_z + model.relative(EVALUATION + 3) * (parts + error_z) + model.relative(2.0)
        case _:  # y (logsumexp(z) - z)
            parts = weigh(np.abs(z).max(axis=1, keepdims=True)) + weigh(z) + np.log(z.shape[1]) ** 2 + 1
            rounded = model.relative(EVALUATION + z.shape[1] + 4) * (parts + error_z)
            error = weigh(y) * (error_z + _log_sum_exp_error(model, z, error_z) + rounded)
    n = terms.size
    whole = weigh(c) * (weigh(terms) + error)
    total = (weigh(c) * error).sum() + model.roundings(n + len(batch) + 4) * whole.sum()
    if model.form == "statistical":
        total += model.roundings(n + len(batch) + 4) * float(weigh((c * terms).sum()))
    return float(total + model.underflows(n))


def _difference(model: ErrorModel, a: Numbers, error_a: Numbers, y: Numbers) -> Numbers:
    """Return the error of a - y where y is exact."""
    return error_a + model.roundings(1) * (model.weigh(a - y) + error_a)


def _scaled(model: ErrorModel, batch: Batch, c: Numbers, value: Numbers, error: Numbers) -> Numbers:
    """Return the error of c * value; c = s_i / (S m) is rounded, and so is the sum S of the sample weights."""
    count = 4 if batch.sample_weights is None else len(batch) + 4
    return model.weigh(c) * (error + model.roundings(count) * (model.weigh(value) + error)) + model.underflows()


def _softmax_error(model: ErrorModel, z: Numbers, error_z: Numbers) -> Numbers:
    """Return the error of p = exp(z - max) / sum, or of exp(z - logsumexp(z)).

    A relative error r of exp(d) comes from the error of its argument: that of z, that of the common
    subtrahend, and that of the subtraction, whose parts are at most max|z| + log K.
    """
    p = softmax(z)
    size = 2 * np.abs(z).max(axis=1, keepdims=True) + np.log(z.shape[1])
    argument = error_z + model.roundings(2) * model.weigh(size)
    relative = argument + _log_sum_exp_error(model, z, argument) + model.relative(2 * EVALUATION + z.shape[1] + 2)
    if model.form == "statistical":
        return model.weigh(p) * relative + model.underflows()
    # exp(r) - 1, kept as a bound, and no probability is off by more than 1
    return np.fmin((p + model.underflows()) * np.expm1(relative) + model.underflows(), 1.0)


def _log_sum_exp_error(model: ErrorModel, z: Numbers, error_z: Numbers) -> Numbers:
    """Return how far errors of z move log sum exp z: |log sum p exp e| <= log sum p exp|e| <= max|e|; (N, 1)."""
    p = softmax(z)
    if model.form == "statistical":
        return (model.weigh(p) * error_z).sum(axis=1, keepdims=True)
    bound = np.log1p((p * np.expm1(error_z)).sum(axis=1, keepdims=True))
    return np.fmin(bound, error_z.max(axis=1, keepdims=True))
