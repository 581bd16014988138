"""Every element of a product is one chain of fused operations, whatever the shape around it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from symtests.kernels.machine.intrinsics import fused_multiply_add
from symtests.kernels.products.blocked_product import scratch_size
from symtests.kernels.products.matrix_product import Matrix, multiply
from tests.kernels.bits import DTYPES, Dtype, Numbers, from_python, fused, same_bits

MULTIPLY = from_python(multiply)


def product(left: Numbers, right: Numbers, start: Numbers) -> Numbers:
    """start + left @ right by the kernel; factors may be C- or F-ordered."""
    rows, inner, columns = *left.shape, right.shape[1]
    size = rows * columns
    result = np.full(size + 64, 7, start.dtype)
    scratch = np.full(scratch_size(inner, columns, start.itemsize) + 64, np.nan, start.dtype)
    from_ = Matrix(start.reshape(-1), columns if len(start) == rows else 0, 1)
    MULTIPLY(described(left), described(right), from_, result[:size], rows, inner, columns, scratch[:-64])
    assert (result[size:] == 7).all()
    assert np.isnan(scratch[-64:]).all()
    return result[:size].reshape(rows, columns)


def described(matrix: Numbers) -> Matrix:
    """C-ordered as it is; F-ordered by the steps of its transpose."""
    if matrix.flags.c_contiguous:
        return Matrix(matrix.reshape(-1), matrix.shape[1], 1)
    return Matrix(matrix.T.reshape(-1), 1, matrix.shape[0])


def drawn(seed: int, dtype: Dtype, rows: int, inner: int, columns: int) -> tuple[Numbers, Numbers, Numbers]:
    random = np.random.default_rng(seed)
    shapes = (rows, inner), (inner, columns), (rows, columns)
    left, right, start = (random.normal(size=shape).astype(dtype) for shape in shapes)
    return left, right, start


# Less and more than a tile, a vector, one to five vectors, and a block of terms.
@pytest.mark.parametrize("shape", [(3, 5, 2), (1, 9, 1), (2, 6, 17), (9, 7, 9), (12, 5, 33), (17, 4, 1), (1, 259, 2)])
@pytest.mark.parametrize("dtype", DTYPES)
def test_element_is_the_chain_in_ascending_order(dtype: Dtype, shape: tuple[int, int, int]) -> None:
    left, right, start = drawn(1, dtype, *shape)
    expected = start.copy()
    for i in range(shape[0]):
        for j in range(shape[2]):
            for k in range(shape[1]):
                expected[i, j] = fused(left[i, k], right[k, j], expected[i, j])
    assert same_bits(product(left, right, start), expected)


@given(
    seed=st.integers(0, 2**32 - 1),
    dtype=st.sampled_from(DTYPES),
    rows=st.integers(1, 40),
    inner=st.integers(1, 40),
    columns=st.integers(1, 130),
    transposed=st.tuples(st.booleans(), st.booleans()),
    data=st.data(),
)
def test_element_does_not_depend_on_what_is_beside_it(
    seed: int, dtype: Dtype, rows: int, inner: int, columns: int, transposed: tuple[bool, bool], data: st.DataObject
) -> None:
    left, right, start = drawn(seed, dtype, rows, inner, columns)
    i, j = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    alone = product(left[i : i + 1].copy(), right[:, j : j + 1].copy(), start[i : i + 1, j : j + 1].copy())
    left, right = (
        np.asfortranarray(matrix) if flipped else matrix
        for matrix, flipped in zip((left, right), transposed, strict=True)
    )
    assert same_bits(product(left, right, start)[i : i + 1, j : j + 1], alone)


def test_operands_are_only_read() -> None:
    left, right, start = drawn(2, np.float64, 12, 5, 3)
    copies = left.copy(), right.copy()
    product(left, right, start)
    assert same_bits(left, copies[0])
    assert same_bits(right, copies[1])


def test_float32_is_never_widened() -> None:
    product(*drawn(3, np.float32, 2, 2, 2))
    compiled: Any = multiply
    code = next(text for signature, text in compiled.inspect_llvm().items() if "float32" in str(signature))
    assert "fpext" not in code
    assert "llvm.fma" in code


def chain(left, right, start, rows, inner, columns, result):  # Numba finds the types
    for i in range(rows):
        for j in range(columns):
            sum_ = start[j]
            for k in range(inner):
                sum_ = fused_multiply_add(left[i * inner + k], right[k * columns + j], sum_)
            result[i * columns + j] = sum_


OPTIONS: dict[str, Any] = {"_nrt": False, "error_model": "numpy"}
CHAIN = njit(**OPTIONS)(chain)


@pytest.mark.thorough
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("flipped", [(False, False), (True, False), (False, True)])
def test_twenty_thousand_shapes(flipped: tuple[bool, bool], dtype: Dtype) -> None:
    """The three products of a layer: the chain in every element, and none in halves of the rows, as threads share them.

    Two columns and two rows are equal each: they come out equal.
    """
    random = np.random.default_rng(7)
    numbers = random.normal(size=300_000).astype(dtype)
    for case in range(20_000):
        rows, inner = (int(number) for number in random.integers(1, 30, 2))
        if case % 50 == 0:
            inner = int(random.integers(250, 600))
        columns = 2 + case % 129
        at = int(random.integers(0, 1000))
        left = numbers[at : at + rows * inner].reshape(rows, inner).copy()
        right = numbers[at + 31 : at + 31 + inner * columns].reshape(inner, columns).copy()
        start = numbers[at : at + columns].copy()
        (i, j), row = random.integers(0, columns, 2), int(random.integers(0, rows))
        left[row], right[:, i], start[i] = left[-1], right[:, j], start[j]
        expected = np.empty((rows, columns), dtype)
        CHAIN(left.reshape(-1), right.reshape(-1), start, rows, inner, columns, expected.reshape(-1))
        a, b = (np.asfortranarray(m) if flip else m for m, flip in zip((left, right), flipped, strict=True))
        found = product(a, b, start[None])
        assert (found == expected).all(), (rows, inner, columns)
        assert (found[:, i] == found[:, j]).all()
        assert (found[row] == found[-1]).all()
        cut = rows // 2
        if cut and not flipped[0]:
            assert (product(a[:cut], b, start[None]) == expected[:cut]).all()
