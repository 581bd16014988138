"""A tile of a product of matrices: a part of the result that stays in registers until all its terms are added."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir

from symtests.kernels.machine.instruction_set import TILE_ROWS
from symtests.kernels.machine.vector_code import (
    INT64,
    Index,
    VectorCode,
    at_most,
    constant,
    each,
    own_function,
    variable,
)

__all__ = ["tile_function"]

_LINE_BITS = 64 * 8  # of a cache line


def tile_function(module: Any, bits: int, lanes: int, vectors: int) -> Callable[[Any, Sequence[ir.Value]], None]:
    """Write a function that computes a tile, once a module, and return what writes a call of it.

        result_ij <- fma(left_i,n-1, right_n-1,j, ... fma(left_i0, right_0j, start_ij))

    Its arguments are, steps in numbers:

    left, its step from row to row, its step from term to term
        The left factor.
    right
        The right one, packed: term after term, as many vectors of each.
    start, its step from row to row
        What the sums start from; may be the result.
    result, its step from row to row
        Written.
    terms, rows, columns
        Of the tile: at most TILE_ROWS rows; at least one vector of columns where it has several vectors,
        the last of which then ends with the last column and may repeat columns of the one before.
    next
        Where the following tile of the result begins.
    """
    pointer = VectorCode(None, bits, lanes).scalar.as_pointer()
    arguments = [pointer, INT64, INT64, pointer, pointer, INT64, pointer, INT64, INT64, INT64, INT64, pointer]

    def write(builder: Any, *values: ir.Value) -> None:
        _write(VectorCode(builder, bits, lanes), vectors, *values)

    return own_function(module, f"symtests_tile_{vectors}_{bits}", arguments, write)


def _write(
    code: VectorCode, vectors: int,
    left: ir.Value, left_row_step: ir.Value, left_term_step: ir.Value, right: ir.Value,
    start: ir.Value, start_row_step: ir.Value, result: ir.Value, result_row_step: ir.Value,
    terms: ir.Value, rows: ir.Value, columns: ir.Value, following: ir.Value,
) -> None:  # fmt: skip
    builder = code.builder

    def index(value: ir.Value) -> Index:
        return Index(builder, value)

    # A row behind the last is the last once more: computed again, and stored again to the same place.
    last = index(rows) - 1
    row_numbers = [at_most(constant(builder, row), last) for row in range(TILE_ROWS)]
    columns_of_vectors = [constant(builder, vector * code.lanes) for vector in range(vectors)]
    mask = None
    if vectors == 1:
        mask = code.first_lanes(index(columns))
    else:
        columns_of_vectors[-1] = index(columns) - code.lanes
    sums = []
    for row in row_numbers:
        origin = code.at(start, row * index(start_row_step))
        places = [code.at(origin, column) for column in columns_of_vectors]
        values = [code.load(place) if mask is None else code.load_masked(place, mask) for place in places]
        sums.append([variable(builder, value) for value in values])
    for row in row_numbers:
        place = code.at(following, row * index(result_row_step))
        for number in range(0, vectors * code.lanes, _LINE_BITS // code.bits):
            code.prefetch(code.at(place, number))
    offsets = [row * index(left_row_step) for row in row_numbers]
    _add_terms(code, left, offsets, index(left_term_step), right, index(terms), sums)
    for row, of_row in zip(row_numbers, sums, strict=True):
        target = code.at(result, row * index(result_row_step))
        for column, total in zip(columns_of_vectors, of_row, strict=True):
            place, value = code.at(target, column), builder.load(total)
            if mask is None:
                code.store(value, place)
            else:
                code.store_masked(value, place, mask)


def _add_terms(
    code: VectorCode, left: ir.Value, offsets: Sequence[Index], left_step: Index, right: ir.Value, terms: Index,
    sums: Sequence[Sequence[ir.Value]],
) -> None:  # fmt: skip
    """Add the terms in ascending order.

    LLVM unrolls this loop as far as it pays; unrolled here, all loads move to its top and spill.
    """
    builder, vectors = code.builder, len(sums[0])
    left_variable, right_variable = variable(builder, left), variable(builder, right)
    with each(constant(builder, 0), terms):
        left_place, right_place = builder.load(left_variable), builder.load(right_variable)
        row_of_right = [code.load(code.at(right_place, vector * code.lanes)) for vector in range(vectors)]
        for offset, of_row in zip(offsets, sums, strict=True):
            factor = code.load_for_all(code.at(left_place, offset))
            for vector, total in zip(row_of_right, of_row, strict=True):
                builder.store(code.fused_multiply_add(factor, vector, builder.load(total)), total)
        builder.store(code.at(left_place, left_step), left_variable)
        builder.store(code.at(right_place, vectors * code.lanes), right_variable)
