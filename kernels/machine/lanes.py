"""Vectors and memory, and vectors whose lanes change their places. See `symtests.kernels.machine.vector`.

Only compiled code can call these. A number of lanes stands in the source as a literal, or comes from a
constant of the module: it is part of the type of the result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from llvmlite import ir
from numba.core import config, types
from numba.core.errors import TypingError
from numba.extending import intrinsic

from symtests.float_json import Array
from symtests.kernels.machine.vector import Vector, float_kind, in_every_lane

__all__ = [
    "BLOCK_BYTES",
    "block_lanes",
    "broadcast",
    "lanes_of",
    "load",
    "load_block",
    "prefer_wide_vectors",
    "rearrangement",
    "store",
]

BLOCK_BYTES = 16 if vars(config).get("CPU_NAME") == "generic" else 128
"""Two to eight registers. A processor that may have no fused operation gets a call of a function for every lane: there
a wide vector would only take long to compile. No result depends on the width."""


def block_lanes(dtype: np.dtype[Any]) -> int:
    """Return how many numbers of this dtype `load_block` loads."""
    return BLOCK_BYTES // dtype.itemsize


def _lanes(lanes: Any) -> int | None:
    """Return the number that a literal stands for; None where it is not known yet, or none."""
    return lanes.literal_value if isinstance(lanes, types.IntegerLiteral) and lanes.literal_value > 0 else None


def _is_flat(array: Any) -> bool:
    return (
        isinstance(array, types.Array)
        and array.ndim == 1
        and array.layout == "C"
        and isinstance(array.dtype, types.Float)
    )


def _address(context: Any, builder: Any, kind: Any, array: ir.Value, place: ir.Value, vector: ir.Type) -> ir.Value:
    """Return where the vector begins in the array."""
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [place]), vector.as_pointer())


def _load(_typing_context: Any, array: Any, place: Any, lanes: Any) -> Any:
    count = _lanes(lanes)
    if count is None or not _is_flat(array) or not isinstance(place, types.Integer):
        return None
    kind = Vector(array.dtype, count)
    return kind(array, types.intp, lanes), _loaded


def _load_block(_typing_context: Any, array: Any, place: Any) -> Any:
    if not _is_flat(array) or not isinstance(place, types.Integer):
        return None
    return Vector(array.dtype, BLOCK_BYTES * 8 // array.dtype.bitwidth)(array, types.intp), _loaded


def _loaded(context: Any, builder: Any, signature: Any, values: Sequence[ir.Value]) -> ir.Value:
    kind, array = signature.return_type, signature.args[0]
    address = _address(context, builder, array, values[0], values[1], context.get_value_type(kind))
    return builder.load(address, align=kind.dtype.bitwidth // 8)


def _store(_typing_context: Any, array: Any, place: Any, vector: Any) -> Any:
    if not _is_flat(array) or not isinstance(place, types.Integer) or not isinstance(vector, Vector):
        return None
    if array.dtype != vector.dtype or not array.mutable:
        raise TypingError(f"array and vector of types {array} and {vector}: must have one float type, to be written")

    def generate(context: Any, builder: Any, _signature: Any, values: Sequence[ir.Value]) -> ir.Value:
        address = _address(context, builder, array, values[0], values[1], values[2].type)
        builder.store(values[2], address, align=vector.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, vector), generate


def _broadcast(_typing_context: Any, number: Any, lanes: Any) -> Any:
    count = _lanes(lanes)
    if count is None or not isinstance(number, types.Float):
        return None
    kind = Vector(number, count)

    def generate(context: Any, builder: Any, _signature: Any, values: Sequence[ir.Value]) -> ir.Value:
        return in_every_lane(builder, values[0], context.get_value_type(kind))

    return kind(number, lanes), generate


def _lanes_of(_typing_context: Any, x: Any) -> Any:
    if float_kind(x) is None:
        return None
    count = x.lanes if isinstance(x, Vector) else 1

    def generate(_context: Any, _builder: Any, _signature: Any, _values: Sequence[ir.Value]) -> ir.Value:
        return ir.IntType(64)(count)

    return types.int64(x), generate


def rearrangement(*places: int) -> Callable[[float], float]:
    """Return a compiled function of a vector that takes lane ``places[k]`` of it for lane k of its result.

    Declare it once, as a constant of the module: ``halves_swapped = rearrangement(2, 3, 0, 1)``. The result has as
    many lanes as there are places, so that it can be a part of the vector, the vector several times, or a permutation;
    a single place gives a vector of one lane.
    """

    def typed(_typing_context: Any, vector: Any) -> Any:
        if not isinstance(vector, Vector):
            return None
        if not all(0 <= place < vector.lanes for place in places):
            raise TypingError(f"places={places}: must be lanes of a vector of {vector.lanes}")

        def generate(_context: Any, builder: Any, _signature: Any, values: Sequence[ir.Value]) -> ir.Value:
            given = values[0]
            mask = ir.VectorType(ir.IntType(32), len(places))(list(places))
            return builder.shuffle_vector(given, ir.Constant(given.type, ir.Undefined), mask)

        return Vector(vector.dtype, len(places))(vector), generate

    return cast("Callable[[float], float]", intrinsic(typed))


def _prefer_wide_vectors(_typing_context: Any) -> Any:
    def generate(context: Any, builder: Any, _signature: Any, _values: Sequence[ir.Value]) -> ir.Value:
        # LLVM splits vectors of 512 bits on processors that it takes to run slower with them, unless asked.
        for attribute in ("prefer-vector-width", "min-legal-vector-width"):
            # llvmlite refuses what it does not know in its own `add`; what stands in the set is written as it is.
            set.add(builder.function.attributes, f'"{attribute}"="512"')
        return context.get_dummy_value()

    return types.void(), generate


load: Callable[[Array, int, int], float] = cast("Callable[[Array, int, int], float]", intrinsic(_load))
"""``(array, place, lanes)``: the vector of so many elements of a flat array, from ``place`` on."""

load_block: Callable[[Array, int], float] = cast("Callable[[Array, int], float]", intrinsic(_load_block))
"""``(array, place)``: the vector of 128 bytes of a flat array, from ``place`` on: 32 or 16 elements.

There are as many as `block_lanes` says, fewer on a processor that may have no fused operation.
"""

store: Callable[[Array, int, float], None] = cast("Callable[[Array, int, float], None]", intrinsic(_store))
"""``(array, place, vector)``: write the lanes to a flat array, from ``place`` on."""

broadcast: Callable[[float, int], float] = cast("Callable[[float, int], float]", intrinsic(_broadcast))
"""``(number, lanes)``: the vector with the number in every lane."""

lanes_of: Callable[[float], int] = cast("Callable[[float], int]", intrinsic(_lanes_of))
"""``(x)``: how many lanes a vector has; 1 for a number."""

prefer_wide_vectors: Callable[[], None] = cast("Callable[[], None]", intrinsic(_prefer_wide_vectors))
"""``()``: let the function that says so use registers of 512 bits, where the processor has them.

Say it in an entry point or a routine: what is compiled into another function takes that one's settings.
"""
