"""Rows of vector registers, for code that is written operation by operation.

A `Row` is any number of lanes, held in registers as wide as the processor's. What stands behind its last lane repeats
a lane, so that no operation meets a number that the program does not. `Writer` appends operations to a function that
Numba compiles; each is one IEEE 754 operation a lane.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import llvmlite.binding as llvm
from llvmlite import ir
from numba.core import cgutils, types

from symtests.kernels.machine.vector import Vector

__all__ = ["Row", "Writer", "register_lanes", "space"]

# A row of wider registers than the processor has would be split, and its lanes gathered in a roundabout way.
_REGISTER_BYTES: Final = 64 if llvm.get_host_cpu_features().get("avx512f") else 32
_INT32: Final = ir.IntType(32)


@dataclass(frozen=True)
class Row:
    """So many lanes, in registers of one type, the first register first."""

    lanes: int
    registers: tuple[ir.Value, ...]


def register_lanes(lanes: int, bytes_of_number: int) -> int:
    """Return how many lanes a register of such a row has: a power of two, and no more than are needed."""
    needed = 1 << (lanes - 1).bit_length()
    return min(needed, _REGISTER_BYTES // bytes_of_number)


def space(lanes: int, bytes_of_number: int) -> int:
    """Return how many numbers a row takes in memory: its registers, each full."""
    register = register_lanes(lanes, bytes_of_number)
    return -(-lanes // register) * register


class Writer:
    """Appends operations on rows of one float type to a function.

    Parameters
    ----------
    context, builder
        Numba's, in the code generator of an intrinsic.
    dtype
        Numba's float32 or float64.
    """

    def __init__(self, context: Any, builder: Any, dtype: types.Float) -> None:
        self._context, self.builder, self._dtype = context, builder, dtype
        self.bytes_of_number = dtype.bitwidth // 8
        self._number = ir.FloatType() if dtype == types.float32 else ir.DoubleType()

    def load(self, numbers: ir.Value, start: int, lanes: int) -> Row:
        """Return the row that begins so many numbers behind a pointer, and has `space` there."""
        return Row(lanes, tuple(
            self.builder.load(address, align=self.bytes_of_number) for address in self._addresses(numbers, start, lanes)
        ))  # fmt: skip

    def store(self, row: Row, numbers: ir.Value, start: int) -> None:
        """Write a row, and what stands behind its last lane."""
        for register, address in zip(row.registers, self._addresses(numbers, start, row.lanes), strict=True):
            self.builder.store(register, address, align=self.bytes_of_number)

    def variable(self, row: Row) -> Variable:
        """Return a variable with this value, for what changes from one turn of a loop to the next."""
        places = [
            cgutils.alloca_once_value(self.builder, register)  # type: ignore[no-untyped-call] # Numba leaves its types out
            for register in row.registers
        ]
        return Variable(self.builder, row.lanes, places)

    def constant(self, value: float, lanes: int) -> Row:
        """Return a row with a number in every lane."""
        kind = self._kind(lanes)
        return Row(lanes, (ir.Constant(kind, [self._number(value)] * kind.count),) * self._registers(lanes))

    def everywhere(self, number: ir.Value, lanes: int) -> Row:
        """Return a row with a number in every lane."""
        kind = self._kind(lanes)
        first = self.builder.insert_element(ir.Constant(kind, ir.Undefined), number, _INT32(0))
        return Row(lanes, (self._shuffle(first, first, [0] * kind.count),) * self._registers(lanes))

    def add(self, a: Row, b: Row) -> Row:
        """Return a + b."""
        return self._lanewise(self.builder.fadd, a, b)

    def subtract(self, a: Row, b: Row) -> Row:
        """Return a - b."""
        return self._lanewise(self.builder.fsub, a, b)

    def multiply(self, a: Row, b: Row) -> Row:
        """Return a b."""
        return self._lanewise(self.builder.fmul, a, b)

    def divide(self, a: Row, b: Row) -> Row:
        """Return a / b."""
        return self._lanewise(self.builder.fdiv, a, b)

    def negative(self, a: Row) -> Row:
        """Return -a."""
        return self._lanewise(self.builder.fneg, a)

    def multiply_add(self, a: Row, b: Row, c: Row) -> Row:
        """Return a b + c, rounded once."""
        return self._lanewise(lambda *values: self._call("llvm.fma", values), a, b, c)

    def square_root(self, a: Row) -> Row:
        """Return the square root."""
        return self._lanewise(lambda *values: self._call("llvm.sqrt", values), a)

    def where_less(self, a: Row, b: Row, then: Row, otherwise: Row) -> Row:
        """Return ``then`` where a < b, else ``otherwise``."""
        return self._lanewise(
            lambda a, b, then, otherwise: self.builder.select(self.builder.fcmp_ordered("<", a, b), then, otherwise),
            a, b, then, otherwise,
        )  # fmt: skip

    def apply(self, function: Callable[..., float], *rows: Row) -> Row:
        """Return what a `symtests.kernels.compiling.compile_policy.scalar_function` makes of each lane."""
        typing = self._context.typing_context
        kind = typing.resolve_value_type(function)
        vector = Vector(self._dtype, self._kind(rows[0].lanes).count)
        signature = typing.resolve_function_type(kind, (vector,) * len(rows), {})
        compiled = self._context.get_function(kind, signature)
        return self._lanewise(lambda *values: compiled(self.builder, values), *rows)

    def take(self, row: Row, places: Sequence[int]) -> Row:
        """Return the row whose lane k is lane ``places[k]`` of this one."""
        wanted = self._kind(len(places)).count
        groups = [list(places[start : start + wanted]) for start in range(0, len(places), wanted)]
        groups[-1] += groups[-1][-1:] * (wanted - len(groups[-1]))
        return Row(len(places), tuple(self._gather(row, group) for group in groups))

    def _gather(self, row: Row, places: list[int]) -> ir.Value:
        """Return one register whose lanes come from as many as they must, two at a time."""
        width = row.registers[0].type.count
        sources = list(dict.fromkeys(place // width for place in places))
        pairs = [sources[at : at + 2] for at in range(0, len(sources), 2)]
        gathered = self._from_two(row, pairs[0], places, width)
        for pair in pairs[1:]:
            more = self._from_two(row, pair, places, width)
            mask = [lane + len(places) * (place // width in pair) for lane, place in enumerate(places)]
            gathered = self._shuffle(gathered, more, mask)
        return gathered

    def _from_two(self, row: Row, sources: list[int], places: list[int], width: int) -> ir.Value:
        """Return a register with those lanes in place that come from one or two registers; the others are any."""
        first, last = row.registers[sources[0]], row.registers[sources[-1]]
        mask = []
        for place in places:
            register, lane = divmod(place, width)
            known = lane if register in sources else 0
            mask.append(known + width * (register == sources[-1] != sources[0]))
        return first if len(sources) == 1 and mask == list(range(width)) else self._shuffle(first, last, mask)

    def _shuffle(self, a: ir.Value, b: ir.Value, mask: list[int]) -> ir.Value:
        return self.builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(_INT32, len(mask)), mask))

    def _lanewise(self, operation: Callable[..., ir.Value], *rows: Row) -> Row:
        registers = zip(*(row.registers for row in rows), strict=True)
        return Row(rows[0].lanes, tuple(operation(*values) for values in registers))

    def _call(self, name: str, values: Sequence[ir.Value]) -> ir.Value:
        kind = values[0].type
        suffix = f"v{kind.count}f{8 * self.bytes_of_number}"
        function = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call] # Numba's stubs leave it out
            self.builder.module, ir.FunctionType(kind, [kind] * len(values)), f"{name}.{suffix}"
        )
        return self.builder.call(function, values)

    def _kind(self, lanes: int) -> ir.VectorType:
        return ir.VectorType(self._number, register_lanes(lanes, self.bytes_of_number))

    def _registers(self, lanes: int) -> int:
        return space(lanes, self.bytes_of_number) // register_lanes(lanes, self.bytes_of_number)

    def _addresses(self, numbers: ir.Value, start: int, lanes: int) -> list[ir.Value]:
        kind = self._kind(lanes)
        places = [start + register * kind.count for register in range(self._registers(lanes))]
        index = ir.IntType(64)
        return [self.builder.bitcast(self.builder.gep(numbers, [index(place)]), kind.as_pointer()) for place in places]


class Variable:
    """A row that can be set anew."""

    def __init__(self, builder: Any, lanes: int, places: Sequence[ir.Value]) -> None:
        self._builder, self._lanes, self._places = builder, lanes, places

    @property
    def row(self) -> Row:
        """The value at this point of the program."""
        return Row(self._lanes, tuple(self._builder.load(place) for place in self._places))

    def set(self, row: Row) -> None:
        """Set the value from this point of the program on."""
        for place, register in zip(self._places, row.registers, strict=True):
            self._builder.store(register, place)
