"""The losses where plain formulas overflow, lose their digits, or hide a fault."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from symtests.batch import Batch
from symtests.kernels import loss, stages
from symtests.network import LOSSES, Network
from symtests.oracle.losses import error_signal, softmax
from symtests.parameters import Parameters
from tests.kernels.bits import DTYPES, Dtype, Numbers, fused, same_bits


def loss_of(name: str, z: Numbers, y: Numbers, weights: Numbers | None = None) -> tuple[float, Numbers]:
    """Loss and error signals of these outputs: a network without hidden layers that passes its inputs on."""
    width = z.shape[1]
    network = Network((width, width), (), name, bias=False)
    parameters = Parameters.from_layers(network, [np.eye(width)], dtype=z.dtype)
    batch = Batch(z, y, weights)
    return loss(network, parameters, batch), stages(network, parameters, batch).error_signals[0]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("logit", [-40.0, -20.0, -3.0, 0.0, 0.25, 3.0, 20.0, 40.0])
def test_sure_and_right_keeps_its_digits(dtype: Dtype, logit: float) -> None:
    """For y in {0, 1} bce is softplus(-z) or softplus(z), down to exp(-40), where 1 + exp(-40) is 1."""
    with mpmath.workprec(200):
        for target in (0.0, 1.0):
            truth = float(mpmath.log1p(mpmath.exp(logit if target == 0 else -logit)))
            z, y = np.array([[logit]], dtype), np.array([[target]], dtype)
            assert abs(loss_of("bce", z, y)[0] - truth) <= 3 * np.finfo(dtype).eps * truth
            pair = np.array([[0.0, logit]], dtype), np.array([[1 - target, target]], dtype)
            assert abs(loss_of("softmax_cross_entropy", *pair)[0] - truth) <= 3 * np.finfo(dtype).eps * truth


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("classes", [2, 3, 10])
def test_huge_logits_stay_finite(dtype: Dtype, classes: int) -> None:
    z = np.linspace(-1e4, 1e4, classes, dtype=dtype)[None]
    right, wrong = np.eye(classes, dtype=dtype)[[classes - 1]], np.eye(classes, dtype=dtype)[[0]]
    assert loss_of("softmax_cross_entropy", z, right)[0] == 0
    value, signals = loss_of("softmax_cross_entropy", z, wrong)
    assert value == 2e4
    assert np.array_equal(signals, right - wrong)
    assert loss_of("bce", z, wrong)[0] < np.inf


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("classes", [1, 2, 5, 64, 1000])
def test_equal_logits_give_the_logarithm_of_their_number(dtype: Dtype, classes: int) -> None:
    z, y = np.full((1, classes), -3.25, dtype), np.full((1, classes), 1 / classes, dtype)
    value, signals = loss_of("softmax_cross_entropy", z, y)
    # n terms y_k log n, each with a rounding of y_k, of the logarithm (3 ulp) and of the sum
    assert abs(value - np.log(classes)) <= (classes + 4) * np.finfo(dtype).eps * np.log(classes)
    assert np.unique(signals).size == 1


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("logits", [[np.nan, 0, 1], [0, np.nan, 1], [0, 1, np.nan]])
@pytest.mark.parametrize("name", LOSSES)
def test_nan_logit_makes_the_loss_nan(name: str, logits: list[float], dtype: Dtype) -> None:
    y = np.array([[0, 0, 1]], dtype)
    assert np.isnan(loss_of(name, np.array([logits], dtype), y)[0])


@pytest.mark.parametrize("dtype", DTYPES)
def test_infinite_logit_that_is_wrong_costs_infinitely_much(dtype: Dtype) -> None:
    assert loss_of("bce", np.array([[-np.inf]], dtype), np.array([[1.0]], dtype))[0] == np.inf
    assert loss_of("mse", np.array([[-np.inf]], dtype), np.array([[1.0]], dtype))[0] == np.inf
    assert loss_of("logistic_mse", np.array([[-np.inf]], dtype), np.array([[1.0]], dtype))[0] == 1


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("outputs", [1, 3, 17])
def test_value_is_the_documented_sum(outputs: int, dtype: Dtype) -> None:
    """Over outputs, then over samples, both ascending; only the weighted sum is fused."""
    random = np.random.default_rng(6)
    z, y = random.normal(size=(2, 21, outputs)).astype(dtype)
    weights = random.uniform(0, 2, 21).astype(dtype)
    total = weight = dtype(0)
    for i in range(21):
        row = dtype(0)
        for k in range(outputs):
            row = row + (z[i, k] - y[i, k]) * (z[i, k] - y[i, k])
        total, weight = fused(weights[i], row, total), weight + weights[i]
    value, signals = loss_of("mse", z, y, weights)
    assert value == float(total / (weight * dtype(outputs)))
    scales = weights / (weight * dtype(outputs))
    assert same_bits(signals, scales[:, None] * (dtype(2) * (z - y)))


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_sample_of_weight_zero_is_left_out(name: str, dtype: Dtype) -> None:
    random = np.random.default_rng(2)
    z, y = random.normal(size=(6, 3)).astype(dtype), np.eye(3, dtype=dtype)[[0, 1, 2, 0, 1, 2]]
    weights = np.array([1, 0, 0.5, 2, 0, 0.25], dtype)
    kept = weights > 0
    value, signals = loss_of(name, z, y, weights)
    fewer, fewer_signals = loss_of(name, z[kept], y[kept], weights[kept])
    assert value == fewer
    assert np.array_equal(signals[kept], fewer_signals)
    assert not signals[~kept].any()


@pytest.mark.parametrize("dtype", DTYPES)
def test_targets_that_sum_to_anything_get_the_derivative_of_their_loss(dtype: Dtype) -> None:
    """Softmax takes rows that sum to 1, but the gradient belongs to the loss for others too.

    c (p Y - y): p and Y = sum_k y_k have at most K + 10 roundings between them, y and the result a few.
    """
    random = np.random.default_rng(7)
    z, y = random.normal(size=(5, 4)).astype(dtype), random.uniform(0, 3, (5, 4)).astype(dtype)
    batch = Batch(z.astype(float), y.astype(float))
    right = error_signal("softmax_cross_entropy", batch.x, batch)
    size = (softmax(batch.x) * batch.y.sum(axis=1, keepdims=True) + batch.y) / 5
    assert (np.abs(loss_of("softmax_cross_entropy", z, y)[1] - right) <= 14 * np.finfo(dtype).eps * size).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_right_answer_has_no_error_signal(dtype: Dtype) -> None:
    z = np.random.default_rng(3).normal(size=(5, 4)).astype(dtype)
    value, signals = loss_of("mse", z, z.copy())
    assert value == 0
    assert not signals.any()
