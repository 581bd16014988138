"""The fast forms of tanh and logistic: as far from the truth as they say, and no further."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from numba import njit

from symtests.kernels.elementary.rational_tanh import rational_logistic, rational_tanh
from tests.kernels.bits import DTYPES, Dtype, Numbers, same_bits, ulps

compiled: Callable[[Callable[..., Any]], Any] = njit(error_model="numpy")


@compiled
def apply(x: Any, tanh: Any, logistic: Any) -> None:
    for i in range(x.size):
        tanh[i] = rational_tanh(x[i])
        logistic[i] = rational_logistic(x[i])


def both(x: Numbers) -> tuple[Numbers, Numbers]:
    tanh, logistic = np.empty_like(x), np.empty_like(x)
    apply(x, tanh, logistic)
    return tanh, logistic


def test_error_in_ulp_of_float32() -> None:
    random = np.random.default_rng(0)
    x = np.concatenate([random.uniform(-12, 12, 2000), random.normal(size=2000), 10 ** random.uniform(-30, 0, 500)])
    x = x.astype(np.float32)
    tanh, logistic = both(x)
    assert ulps(tanh, [mpmath.tanh(float(value)) for value in x], 1e-37) <= 6
    truth = 1 / (1 + np.exp(-x.astype(float)))
    assert np.abs(logistic - truth).max() <= 3 * np.finfo(np.float32).eps


def test_float64_has_no_more_digits() -> None:
    x = np.linspace(-12, 12, 2000)
    tanh, _ = both(x)
    assert 1e-9 < np.abs(tanh - np.tanh(x)).max() < 6e-7


@pytest.mark.parametrize("dtype", DTYPES)
def test_limits_signs_and_nan(dtype: Dtype) -> None:
    x = np.array([-0.0, 0.0, np.inf, -np.inf, np.nan, 3.0, -3.0], dtype)
    tanh, logistic = both(x)
    assert same_bits(tanh[:2], x[:2])
    assert same_bits(tanh[[2, 5]], -tanh[[3, 6]])
    assert abs(tanh[2] - 1) <= 4 * np.finfo(np.float32).eps
    assert np.isnan(tanh[4])
    assert np.isnan(logistic[4])
