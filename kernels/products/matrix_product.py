"""The one product of matrices from which forward and backward pass are made.

    result_ij <- fma(left_i,n-1, right_n-1,j, ... fma(left_i1, right_1j, fma(left_i0, right_0j, start_ij)))

Every element takes its n terms in ascending order, one fused multiply-add each. How the work is cut into
tiles, and who computes which rows, changes no element's own sequence of operations: columns of equal
content come out equal, wherever they stand and however many others there are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from symtests.float_json import Array
from symtests.kernels.compiling.compile_policy import routine, scalar_function
from symtests.kernels.products.blocked_product import multiply_by_blocks

__all__ = ["Matrix", "matrix", "multiply", "repeated", "transposed"]


class Matrix(NamedTuple):
    """A matrix in a flat array: element (i, k) is ``values[i * row_step + k * column_step]``; one step is 1."""

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


@scalar_function
def repeated(values: Array) -> Matrix:
    """Return the matrix with ``values`` in every row."""
    return Matrix(values, np.int64(0), np.int64(1))


@routine
def multiply(
    left: Matrix, right: Matrix, start: Matrix, result: Array, rows: int, inner: int, columns: int, scratch: Array
) -> None:
    """Write start + left right, all of shape (rows, columns), to ``result``, row after row.

    Parameters
    ----------
    left, right
        Of shapes (rows, inner) and (inner, columns).
    start
        What the sums start from; its rows lie in one piece each.
    result
        Flat; written.
    rows, inner, columns
        The last two are at least 1.
    scratch
        At least `symtests.kernels.products.blocked_product.scratch_size`; written.
    """
    multiply_by_blocks(
        left.values, left.row_step, left.column_step, right.values, right.row_step, right.column_step,
        start.values, start.row_step, result, columns, rows, inner, columns, scratch,
    )  # fmt: skip
