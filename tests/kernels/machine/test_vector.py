"""Vectors: every function gives every lane the bits that it gives a number, at every width."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pytest
from numba import njit
from numba.core.errors import TypingError

from symtests.kernels.activations import (
    gelu,
    gelu_derivative,
    logistic_derivative,
    silu,
    silu_derivative,
    tanh_derivative,
)
from symtests.kernels.compiling.compile_policy import scalar_function
from symtests.kernels.elementary.exponential import exponential
from symtests.kernels.elementary.logarithm import logarithm_of_one_plus
from symtests.kernels.elementary.logistic import logistic, softplus
from symtests.kernels.elementary.pieces import leaky_relu, leaky_relu_derivative, relu, relu_derivative
from symtests.kernels.elementary.tanh import tanh
from symtests.kernels.machine.intrinsics import fused_multiply_add, square_root
from symtests.kernels.machine.lanes import broadcast, lanes_of, load, prefer_wide_vectors, rearrangement, store
from tests.kernels.bits import DTYPES, Dtype, Numbers, same_bits

FUNCTIONS: Final = 20
WIDTHS: Final = (16, 32, 64)

compiled: Callable[[Callable[..., Any]], Any] = njit(error_model="numpy")


@scalar_function
def every_function(x: float) -> Any:
    """What symtests computes of one number: of numbers and vectors by this one source."""
    number = type(x)
    size = x * x
    return (
        tanh(x),
        tanh_derivative(x),
        logistic(x),
        logistic_derivative(x),
        relu(x),
        relu_derivative(x),
        leaky_relu(x),
        leaky_relu_derivative(x),
        softplus(x),
        gelu(x),
        gelu_derivative(x),
        silu(x),
        silu_derivative(x),
        exponential(x),
        logarithm_of_one_plus(size),
        square_root(size + number(0.5)),
        -x,
        x - size,
        x / size,
        fused_multiply_add(x, size, number(0.1)),
    )


@compiled
def number_by_number(x: Numbers, table: Numbers) -> None:
    for i in range(x.size):
        values = every_function(x[i])
        for k in range(FUNCTIONS):
            table[k, i] = values[k]


def vector_by_vector(width: int) -> Any:
    @compiled
    def apply(x: Numbers, table: Numbers) -> None:
        prefer_wide_vectors()
        for i in range(0, x.size, width):
            values = every_function(load(x, i, width))
            for k in range(FUNCTIONS):
                store(table[k], i, values[k])

    return apply


def sample(dtype: Dtype) -> Numbers:
    """Numbers of all sizes and kinds, a multiple of the largest width."""
    random = np.random.default_rng(3)
    special = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e-40, -1e-40, 1.0, -1.0, 0.6, 20.0, 88.8, -104.0, 1e30]
    wide = random.choice([-1.0, 1.0], 1000) * 10.0 ** random.uniform(-30, 30, 1000)
    return np.concatenate([special, wide, random.normal(size=2048 - 14 - 1000) * 4]).astype(dtype)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_vectors_have_the_bits_of_numbers(dtype: Dtype, width: int) -> None:
    x = sample(dtype)
    alone, together = np.empty((2, FUNCTIONS, x.size), dtype)
    number_by_number(x, alone)
    vector_by_vector(width)(x, together)
    for k in range(FUNCTIONS):
        assert same_bits(alone[k], together[k]), k


def test_machine_code_is_of_vectors() -> None:
    apply = vector_by_vector(32)
    apply(np.zeros(32, np.float32), np.zeros((FUNCTIONS, 32), np.float32))
    (code,) = apply.inspect_llvm().values()
    assert "<32 x float>" in code
    assert "llvm.fma.v32f32" in code
    assert '"prefer-vector-width"="512"' in code
    assert "fpext" not in code


first_half, halves_swapped, thrice = rearrangement(0, 1), rearrangement(2, 3, 0, 1), rearrangement(0, 0, 0, 1, 1, 1)


@compiled
def rearranged(x: Numbers, y: Numbers) -> int:
    vector = load(x, 1, 4)
    store(y, 0, halves_swapped(vector))
    store(y, 4, first_half(vector))
    store(y, 6, thrice(first_half(vector)))
    vector += broadcast(x[0], 4)
    vector = x[0] * vector
    store(y, 12, vector)
    return lanes_of(vector) * 10 + lanes_of(x[0])


@pytest.mark.parametrize("dtype", DTYPES)
def test_lanes_change_their_places(dtype: Dtype) -> None:
    x, y = np.array([10, 1, 2, 3, 4], dtype), np.zeros(16, dtype)
    assert rearranged(x, y) == 41
    assert y.tolist() == [3, 4, 1, 2, 1, 2, 1, 1, 1, 2, 2, 2, 110, 120, 130, 140]


@compiled
def mixed(x: Numbers, y: Numbers) -> None:
    store(y, 0, load(x, 0, 4) * y[0])


@compiled
def too_far(x: Numbers, y: Numbers) -> None:
    store(y, 0, halves_swapped(load(x, 0, 2)))


def test_what_does_not_fit_does_not_compile() -> None:
    x = np.zeros(4, np.float32)
    with pytest.raises(TypingError):
        mixed(x, np.zeros(4))
    with pytest.raises(TypingError, match="must be lanes of a vector of 2"):
        too_far(x, x)
