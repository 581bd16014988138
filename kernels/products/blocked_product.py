"""The product of large matrices, part by part, so that what is read again is still near.

A block of the right factor is copied to where it stays in the second-level cache, panel after panel of
`TILE_VECTORS` vectors. Some rows of the left factor go along all panels, tile after tile; unless there are
few panels, these rows are copied too (Goto & van de Geijn, Anatomy of High-Performance Matrix
Multiplication, 2008).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from symtests.kernels.machine.instruction_set import TILE_ROWS, TILE_VECTORS, VECTOR_BYTES
from symtests.kernels.machine.vector_code import (
    INT64,
    Index,
    VectorCode,
    at_most,
    constant,
    each,
    own_function,
    when,
    while_below,
)
from symtests.kernels.products.packing import pack_function, panel_vectors
from symtests.kernels.products.product_tile import tile_function

__all__ = ["multiply_by_blocks", "scratch_size"]

_TERMS: Final = 256  # of a block at most: reading and writing the result is then a small part of the work
_BLOCK_BYTES: Final = 256 * 1024  # of a block of the right factor
_ROWS: Final = 32  # of the left factor that are copied at once: two cache lines of float32 of each column
_FEW_COLUMNS: Final = 128  # up to which the left factor is read where it lies


def scratch_size(inner: int, columns: int, bytes_of_number: int) -> int:
    """Return how many numbers of scratch space `multiply_by_blocks` may use."""
    terms = min(_TERMS, inner + 3)
    panel = TILE_VECTORS * VECTOR_BYTES // bytes_of_number
    return terms * (min(_BLOCK_BYTES // bytes_of_number // terms, columns) + 2 * panel + _ROWS)


def _even_parts(count: Index, most: Index, unit: int) -> Index:
    """Return the size of even parts of at most ``most``, rounded up to a multiple of ``unit``."""
    parts = (count + most - 1) // most
    return ((count + parts - 1) // parts).rounded_up(unit)


def _typed(
    _typing_context: Any, left: Any, _left_row_step: Any, _left_column_step: Any,
    _right: Any, _right_row_step: Any, _right_column_step: Any, _start: Any, _start_row_step: Any,
    _result: Any, _result_row_step: Any, _rows: Any, _inner: Any, _columns: Any, _scratch: Any,
) -> Any:  # fmt: skip
    number = types.intp

    def generate(context: Any, builder: Any, signature: Any, values: Sequence[ir.Value]) -> ir.Value:
        arguments = [
            context.make_array(kind)(context, builder, value).data if isinstance(kind, types.Array) else value
            for kind, value in zip(signature.args, values, strict=True)
        ]
        _product_function(builder.module, left.dtype.bitwidth)(builder, arguments)
        return context.get_dummy_value()

    return types.void(left, number, number, left, number, number, left, number, left, *[number] * 4, left), generate


def _product_function(module: Any, bits: int) -> Callable[[Any, Sequence[ir.Value]], None]:
    lanes = VECTOR_BYTES * 8 // bits
    pointer = VectorCode(None, bits, lanes).scalar.as_pointer()
    factor = pointer, INT64, INT64
    arguments = [*factor, *factor, pointer, INT64, pointer, *[INT64] * 4, pointer]

    def write(builder: Any, *values: ir.Value) -> None:
        _write(VectorCode(builder, bits, lanes), *(Index(builder, v) if v.type == INT64 else v for v in values))

    return own_function(module, f"symtests_product_{bits}", arguments, write)


def _write(
    code: VectorCode,
    left: ir.Value, left_row_step: Index, left_column_step: Index,
    right: ir.Value, right_row_step: Index, right_column_step: Index,
    start: ir.Value, start_row_step: Index, result: ir.Value, result_row_step: Index,
    rows: Index, inner: Index, columns: Index, scratch: ir.Value,
) -> None:  # fmt: skip
    builder, none = code.builder, constant(code.builder, 0)
    pack_left = pack_function(builder.module, code.bits, TILE_ROWS, "left")
    pack_right = pack_function(builder.module, code.bits, code.lanes, "right")
    terms_of_block = _even_parts(inner, constant(builder, _TERMS), 4)
    most_columns = constant(builder, _BLOCK_BYTES // (code.bits // 8)) // terms_of_block
    columns_of_block = _even_parts(columns, most_columns, TILE_VECTORS * code.lanes)
    packed_left = code.at(scratch, terms_of_block * columns_of_block)
    with each(none, columns, columns_of_block) as column, each(none, inner, terms_of_block) as term:
        width, terms = at_most(columns - column, columns_of_block), at_most(inner - term, terms_of_block)
        origin = code.at(right, term * right_row_step + column * right_column_step)
        pack_right(builder, [origin, *_values(right_column_step, right_row_step, terms, width), scratch])
        target, first = code.at(result, column), term.is_equal(0)
        source = builder.select(first, code.at(start, column), target)
        source_row_step = start_row_step.where(first, result_row_step)
        with each(none, rows, _ROWS) as row:
            height = at_most(rows - row, _ROWS)
            place = code.at(left, row * left_row_step + term * left_column_step)
            copied = columns > _FEW_COLUMNS
            with when(builder, copied):
                numbers = _values(left_row_step, left_column_step, terms, height)
                pack_left(builder, [place, *numbers, packed_left])
            _write_rows(
                code, builder.select(copied, packed_left, place),
                constant(builder, 1).where(copied, left_row_step),
                constant(builder, TILE_ROWS).where(copied, left_column_step),
                (terms * TILE_ROWS).where(copied, left_row_step * TILE_ROWS),
                scratch, code.at(source, row * source_row_step), source_row_step,
                code.at(target, row * result_row_step), result_row_step, terms, height, width,
            )  # fmt: skip


def _write_rows(
    code: VectorCode, left: ir.Value, left_row_step: Index, left_term_step: Index, left_tile_step: Index,
    packed_right: ir.Value, source: ir.Value, source_row_step: Index, target: ir.Value, target_row_step: Index,
    terms: Index, rows: Index, width: Index,
) -> None:  # fmt: skip
    """Write the product of some rows and a packed block, tile by tile."""
    builder, lanes = code.builder, code.lanes
    with each(constant(builder, 0), (rows + (TILE_ROWS - 1)) // TILE_ROWS) as tile:
        row = tile * TILE_ROWS
        height, following_row = at_most(rows - row, TILE_ROWS), at_most(row + TILE_ROWS, rows - 1)
        with while_below(constant(builder, 0), width) as (column, go_on):
            vectors = panel_vectors(width - column, lanes)
            columns = at_most(width - column, vectors * lanes)
            next_column = column + columns
            here = code.at(target, row * target_row_step + column)
            below = following_row * target_row_step  # behind the last tile any place will do
            following = (row * target_row_step + next_column).where(next_column < width, below)
            arguments = [
                code.at(left, tile * left_tile_step), *_values(left_row_step, left_term_step),
                code.at(packed_right, column * terms),
                code.at(source, row * source_row_step + column), source_row_step.value, here, target_row_step.value,
                *_values(terms, height, columns), code.at(target, following),
            ]  # fmt: skip
            for count in range(1, TILE_VECTORS + 1):
                with when(builder, vectors.is_equal(count)):
                    tile_function(builder.module, code.bits, lanes, count)(builder, arguments)
            go_on(column + vectors * lanes)


def _values(*numbers: Index) -> list[ir.Value]:
    return [number.value for number in numbers]


multiply_by_blocks = cast("Callable[..., None]", intrinsic(_typed))
"""Write a product, added to a start, to the result.

    result_ij <- fma(left_i,n-1, right_n-1,j, ... fma(left_i0, right_0j, start_ij))

Arguments
---------
left, left_row_step, left_column_step
    A flat array, and what leads to the next row and column; one step is 1.
right, right_row_step, right_column_step
    Likewise.
start, start_row_step
    Likewise, row after row; a step of 0 repeats one row. May be the result.
result, result_row_step
    Likewise; written.
rows, inner, columns
    Of the product; inner and columns at least 1.
scratch
    At least `scratch_size`; written.
"""
