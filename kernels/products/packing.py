"""Copies of parts of the factors of a product, laid out in the order in which it reads them.

A factor is copied panel after panel, and within a panel term after term: for the left factor a panel is
TILE_ROWS rows, for the right one up to TILE_VECTORS vectors of columns. Rows and columns are *lanes* here:
one code copies both factors, whether lanes or terms lie side by side in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir

from symtests.kernels.machine.instruction_set import TILE_VECTORS
from symtests.kernels.machine.vector_code import (
    INT64,
    Index,
    VectorCode,
    at_least_none,
    at_most,
    constant,
    each,
    own_function,
    while_below,
)

__all__ = ["pack_function", "panel_vectors"]

_QUARTER_BITS = 128  # within so many, every processor exchanges the numbers of two vectors cheaply


def panel_vectors(width: Index, lanes: int) -> Index:
    """Return how many vectors the next panel of the right factor has where so many columns are left.

    A panel of one vector is slow: four vectors are two panels of two.
    """
    vectors = (width + (lanes - 1)) // lanes
    return (vectors - 2).where(vectors.is_equal(4), at_most(vectors, TILE_VECTORS))


def pack_function(module: Any, bits: int, lanes: int, side: str) -> Callable[[Any, Sequence[ir.Value]], None]:
    """Write a function that packs a part of the "left" or "right" factor, once a module; return what writes a call.

    Its arguments are, steps in numbers:

    source, its step from lane to lane, its step from term to term
        Where the part begins; one step is 1.
    terms, width
        Of the part: columns and rows of a left factor, rows and columns of a right one.
    target
        Written: terms times width, the latter rounded up to whole vectors of ``lanes``. The last vector
        of a right part ends with its last column, and so may repeat some; a part narrower than a vector,
        and a left one, has 0 or nothing of meaning behind its last.
    """
    pointer = VectorCode(None, bits, lanes).scalar.as_pointer()

    def write(builder: Any, *values: ir.Value) -> None:
        code = VectorCode(builder, bits, lanes)
        source, target = values[0], values[5]
        lane_step, term_step, terms, width = (Index(builder, value) for value in values[1:5])
        _write(code, side, source, lane_step, term_step, terms, width, target)

    return own_function(module, f"symtests_pack_{side}_{bits}", [pointer, *[INT64] * 4, pointer], write)


def _write(
    code: VectorCode, side: str, source: ir.Value, lane_step: Index, term_step: Index, terms: Index, width: Index,
    target: ir.Value,
) -> None:  # fmt: skip
    builder, lanes, none = code.builder, code.lanes, constant(code.builder, 0)
    most = TILE_VECTORS if side == "right" else 1
    panel_width = most * lanes
    panels = width // panel_width
    if side == "right":
        vectors = (width + (lanes - 1)) // lanes
        panels = at_least_none(panels - 1).where((vectors - vectors // most * most).is_equal(1), panels)
    panels = panels.where(lane_step.is_equal(1), none)
    with each(none, terms) as term:  # through all whole panels: each row of the source is read in one piece
        origin, place = code.at(source, term * term_step), code.at(target, term * panel_width)
        with each(none, panels) as panel:
            for start in range(0, panel_width, lanes):
                numbers = code.load(code.at(origin, panel * panel_width + start))
                code.store(numbers, code.at(place, panel * terms * panel_width + start))
    pack_vector = _vector_function(code)
    last = at_least_none(width - lanes)
    with while_below(panels * panel_width, width) as (first, go_on):
        vectors = panel_vectors(width - first, lanes) if side == "right" else none + 1
        panel = code.at(target, first * terms)
        with each(none, vectors) as vector:
            lane = first + vector * lanes
            if side == "right":
                lane = at_most(lane, last)
            numbers = lane_step, term_step, terms, at_most(width - lane, lanes), vectors * lanes
            place = code.at(panel, vector * lanes)
            pack_vector(builder, [code.at(source, lane * lane_step), *(number.value for number in numbers), place])
        go_on(first + vectors * lanes)


def _vector_function(caller: VectorCode) -> Callable[[Any, Sequence[ir.Value]], None]:
    """Write a function that copies the terms of one vector to every so many numbers."""
    pointer = caller.scalar.as_pointer()

    def write(builder: Any, *values: ir.Value) -> None:
        code = VectorCode(builder, caller.bits, caller.lanes)
        source, target = values[0], values[6]
        lane_step, term_step, terms, count, target_step = (Index(builder, value) for value in values[1:6])
        none, whole, quarter = constant(builder, 0), count.is_equal(code.lanes), _QUARTER_BITS // code.bits
        copied = terms.where(builder.and_(whole, lane_step.is_equal(1)), none)
        with each(none, copied) as term:
            code.store(code.load(code.at(source, term * term_step)), code.at(target, term * target_step))
        side_by_side = builder.and_(whole, term_step.is_equal(1))
        transposed = (terms // quarter * quarter).where(builder.and_(side_by_side, lane_step > 1), none)
        with each(none, transposed, quarter) as term:
            for number, vector in enumerate(_transposed(code, code.at(source, term), lane_step)):
                code.store(vector, code.at(target, (term + number) * target_step))
        with each(copied + transposed, terms) as term:
            origin, place = code.at(source, term * term_step), code.at(target, term * target_step)
            with each(none, count) as lane:
                builder.store(builder.load(code.at(origin, lane * lane_step)), code.at(place, lane))
            with each(count, constant(builder, code.lanes)) as lane:
                builder.store(ir.Constant(code.scalar, 0.0), code.at(place, lane))

    name = f"symtests_pack_vector_{caller.lanes}_{caller.bits}"
    return own_function(caller.builder.module, name, [pointer, *[INT64] * 5, pointer], write)


def _transposed(code: VectorCode, origin: ir.Value, step: Index) -> list[ir.Value]:
    """Return the columns of a matrix with as many rows as a vector has lanes, and as many columns as a quarter."""
    quarter = _QUARTER_BITS // code.bits
    half = quarter // 2
    rows = [code.load(code.at(origin, step * row), quarter) for row in range(code.lanes)]
    # Vector i holds rows i, i + quarter, i + 2 quarter ...: what is left to do stays within quarters.
    vectors = [_joined(code, rows[i::quarter]) for i in range(quarter)]
    for _ in range(half.bit_length()):
        vectors = [_interleaved(code, vectors[i], vectors[i + half], upper) for i in range(half) for upper in (0, half)]
    return vectors


def _joined(code: VectorCode, parts: list[ir.Value]) -> ir.Value:
    """Return one vector of all parts, one behind the other."""
    while len(parts) > 1:
        lanes = range(2 * parts[0].type.count)
        parts = [code.shuffle(low, high, lanes) for low, high in zip(parts[::2], parts[1::2], strict=True)]
    return parts[0]


def _interleaved(code: VectorCode, first: ir.Value, second: ir.Value, start: int) -> ir.Value:
    """Return half of every quarter of both vectors, from ``start`` on, in turns."""
    quarter = _QUARTER_BITS // code.bits
    lanes = [place + start + k for place in range(0, code.lanes, quarter) for k in range(quarter // 2)]
    return code.shuffle(first, second, [number for lane in lanes for number in (lane, lane + code.lanes)])
