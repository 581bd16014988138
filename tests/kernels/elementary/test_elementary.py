"""The exponential function and the logarithm, which losses and activations are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from numba import njit

from symtests.kernels.elementary.exponential import exponential
from symtests.kernels.elementary.logarithm import logarithm_of_one_plus
from tests.kernels.bits import DTYPES, Dtype, Numbers, same_bits, ulps


def each(function: Callable[[float], float]) -> Callable[[Numbers], Numbers]:
    """Only compiled code can call the function: a loop over an array."""

    @njit(error_model="numpy")
    def loop(x: Any, y: Any) -> None:
        for i in range(x.size):
            y[i] = function(x[i])

    def apply(x: Numbers) -> Numbers:
        y = np.empty_like(x)
        loop(x, y)
        return y

    return apply


exponentials, logarithms = each(exponential), each(logarithm_of_one_plus)


@pytest.mark.parametrize("dtype", DTYPES)
def test_exponential_is_right_to_an_ulp(dtype: Dtype) -> None:
    widest = 87 if dtype is np.float32 else 708
    x = np.random.default_rng(1).uniform(-widest, widest, 500).astype(dtype)
    with mpmath.workprec(200):
        truth = [mpmath.exp(float(value)) for value in x]
        assert ulps(exponentials(x), truth, float(np.finfo(dtype).tiny)) <= 1.1


@pytest.mark.parametrize("dtype", DTYPES)
def test_logarithm_is_right_to_two_ulps(dtype: Dtype) -> None:
    random = np.random.default_rng(2)
    x = np.concatenate([random.uniform(0, 3, 300), 10 ** random.uniform(-30, 30, 300)]).astype(dtype)
    with mpmath.workprec(200):
        truth = [mpmath.log1p(float(value)) for value in x]
        assert ulps(logarithms(x), truth, float(np.finfo(dtype).tiny)) <= 2.0


@pytest.mark.parametrize("dtype", DTYPES)
def test_limits_and_nan(dtype: Dtype) -> None:
    x = np.array([-np.inf, 0, np.inf, np.nan], dtype)
    assert same_bits(exponentials(x), np.array([0, 1, np.inf, np.nan], dtype))
    x = np.array([0, np.inf, np.nan], dtype)
    assert same_bits(logarithms(x), x)
