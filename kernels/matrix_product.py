"""The one product of matrices from which forward and backward pass are made.

    result_ij <- fma(left_i,n-1, right_n-1,j, ... fma(left_i1, right_1j, fma(left_i0, right_0j, result_ij)))

Every element starts from what stands in ``result`` and takes its n terms in ascending order, one fused
multiply-add each. Which loop is innermost is chosen by shape, but no choice changes an element's own
sequence of operations: columns of equal content come out equal, wherever they stand and however many
others there are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from symtests.float_json import Array
from symtests.kernels.compile_policy import routine, scalar_function
from symtests.kernels.intrinsics import fused_multiply_add

__all__ = ["Matrix", "add_product", "matrix", "scratch_size", "transposed"]

_FEW = 8  # below this number of rows and columns a loop over a row costs more than it saves
_MANY = 16  # from this number of columns on, rows are long enough for vector registers


class Matrix(NamedTuple):
    """A matrix in a flat array: element (i, k) is ``values[i * row_step + k * column_step]``."""

    values: Array
    row_step: int
    column_step: int


# A plain 1 would be a type of its own to Numba, and every product would be compiled once more for it.
@scalar_function
def matrix(values: Array, columns: int) -> Matrix:
    """Return the matrix whose rows lie one after another in ``values``."""
    return Matrix(values, columns, np.int64(1))


@scalar_function
def transposed(values: Array, columns: int) -> Matrix:
    """Return the transpose of the matrix whose rows lie one after another in ``values``."""
    return Matrix(values, np.int64(1), columns)


def scratch_size(rows: int, inner: int, columns: int) -> int:
    """Return how many elements of scratch space `add_product` may use."""
    return rows * columns + inner * max(rows, columns)


@routine
def add_product(
    left: Matrix, right: Matrix, result: Array, rows: int, inner: int, columns: int, scratch: Array
) -> None:
    """Add the product of ``left`` (rows, inner) and ``right`` (inner, columns) to ``result``.

    ``result`` is flat, row after row; it and ``scratch`` are written.
    """
    if rows < _FEW and columns < _FEW:
        _add_by_elements(left, right, result, rows, inner, columns)
    elif columns >= rows or columns >= _MANY:
        _add_by_rows(left, right, result, rows, inner, columns, scratch)
    else:
        # Factors may change places in a fused multiply-add: the transposed product has longer rows.
        flipped, rest = scratch[:rows * columns], scratch[rows * columns:]
        _copy_by_columns(matrix(result, columns), flipped, rows, columns)
        new_left = Matrix(right.values, right.column_step, right.row_step)
        new_right = Matrix(left.values, left.column_step, left.row_step)
        _add_by_rows(new_left, new_right, flipped, columns, inner, rows, rest)
        _copy_by_columns(matrix(flipped, rows), result, columns, rows)


@routine
def _add_by_elements(left: Matrix, right: Matrix, result: Array, rows: int, inner: int, columns: int) -> None:
    for i in range(rows):
        for j in range(columns):
            sum_ = result[i * columns + j]
            for k in range(inner):
                a = left.values[i * left.row_step + k * left.column_step]
                b = right.values[k * right.row_step + j * right.column_step]
                sum_ = fused_multiply_add(a, b, sum_)
            result[i * columns + j] = sum_


@routine
def _add_by_rows(
    left: Matrix, right: Matrix, result: Array, rows: int, inner: int, columns: int, scratch: Array
) -> None:
    """Take four terms at once for a whole row of the result: the loop over its columns is vectorised."""
    if right.column_step != 1:
        _copy_by_columns(Matrix(right.values, right.column_step, right.row_step), scratch, columns, inner)
        right = matrix(scratch, columns)
    values = right.values
    for i in range(rows):
        row = result[i * columns:(i + 1) * columns]
        place, start, k = i * left.row_step, 0, 0
        while k + 4 <= inner:
            a_0, b_0 = left.values[place], values[start:start + columns]
            place, start = place + left.column_step, start + right.row_step
            a_1, b_1 = left.values[place], values[start:start + columns]
            place, start = place + left.column_step, start + right.row_step
            a_2, b_2 = left.values[place], values[start:start + columns]
            place, start = place + left.column_step, start + right.row_step
            a_3, b_3 = left.values[place], values[start:start + columns]
            place, start = place + left.column_step, start + right.row_step
            for j in range(columns):
                sum_ = fused_multiply_add(a_0, b_0[j], row[j])
                sum_ = fused_multiply_add(a_1, b_1[j], sum_)
                sum_ = fused_multiply_add(a_2, b_2[j], sum_)
                row[j] = fused_multiply_add(a_3, b_3[j], sum_)
            k += 4
        while k < inner:
            a_0, b_0 = left.values[place], values[start:start + columns]
            place, start = place + left.column_step, start + right.row_step
            for j in range(columns):
                row[j] = fused_multiply_add(a_0, b_0[j], row[j])
            k += 1


@routine
def _copy_by_columns(source: Matrix, target: Array, rows: int, columns: int) -> None:
    """Write the ``rows`` by ``columns`` source to ``target``, column after column."""
    for j in range(columns):
        for i in range(rows):
            target[j * rows + i] = source.values[i * source.row_step + j * source.column_step]
