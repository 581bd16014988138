"""Vector instructions and the arithmetic of indices as LLVM code: what the product of matrices is written with.

Code that is written by a Python function costs a few milliseconds, where Numba would take seconds to find
the types of as much source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from llvmlite import ir
from numba.core import cgutils

__all__ = [
    "INT64",
    "Index",
    "VectorCode",
    "at_least_none",
    "at_most",
    "constant",
    "each",
    "own_function",
    "variable",
    "when",
    "while_below",
]

INT64 = ir.IntType(64)
_INT32 = ir.IntType(32)
_BYTE_POINTER = ir.IntType(8).as_pointer()

Operand: TypeAlias = "Index | int"


@dataclass(frozen=True)
class Index:
    """A number that counts or places elements while the written code runs; arithmetic with it writes instructions."""

    builder: Any
    value: ir.Value

    def _of(self, other: Operand) -> ir.Value:
        return ir.Constant(INT64, other) if isinstance(other, int) else other.value

    def __add__(self, other: Operand) -> Index:
        return Index(self.builder, self.builder.add(self.value, self._of(other)))

    def __sub__(self, other: Operand) -> Index:
        return Index(self.builder, self.builder.sub(self.value, self._of(other)))

    def __mul__(self, other: Operand) -> Index:
        return Index(self.builder, self.builder.mul(self.value, self._of(other)))

    def __floordiv__(self, other: Operand) -> Index:
        """Divide numbers that are not negative."""
        return Index(self.builder, self.builder.udiv(self.value, self._of(other)))

    def __lt__(self, other: Operand) -> ir.Value:
        return self.builder.icmp_signed("<", self.value, self._of(other))

    def __gt__(self, other: Operand) -> ir.Value:
        return self.builder.icmp_signed(">", self.value, self._of(other))

    def is_equal(self, other: Operand) -> ir.Value:
        """Return whether both are the same."""
        return self.builder.icmp_signed("==", self.value, self._of(other))

    def where(self, condition: ir.Value, otherwise: Operand) -> Index:
        """Return this number where the condition holds, else the other."""
        return Index(self.builder, self.builder.select(condition, self.value, self._of(otherwise)))

    def rounded_up(self, unit: int) -> Index:
        """Return the smallest multiple of ``unit`` that is no smaller."""
        return (self + (unit - 1)) // unit * unit


def constant(builder: Any, number: int) -> Index:
    """Return a number that is known already."""
    return Index(builder, ir.Constant(INT64, number))


def variable(builder: Any, value: ir.Value) -> ir.Value:
    """Return the place of a variable that holds this value; LLVM keeps it in a register."""
    return cgutils.alloca_once_value(builder, value)  # type: ignore[no-untyped-call] # Numba's stubs leave it out


def at_most(number: Index, most: Operand) -> Index:
    """Return the smaller of both."""
    return number.where(number < most, most)


def at_least_none(number: Index) -> Index:
    """Return the number, or 0 for a negative one."""
    return constant(number.builder, 0).where(number < 0, number)


@contextmanager
def each(start: Index, stop: Operand, step: Operand = 1) -> Iterator[Index]:
    """Write a loop: what is written in this context runs for start, start + step, ... below stop."""
    builder = start.builder
    bounds = start.value, start._of(stop), start._of(step)
    with cgutils.for_range_slice(builder, *bounds, INT64) as (index, _):
        yield Index(builder, index)


@contextmanager
def while_below(start: Index, stop: Index) -> Iterator[tuple[Index, Callable[[Index], None]]]:
    """Write a loop that runs from ``start`` while a number is below ``stop``, and sets the number itself.

    Yields the number, and what writes that it is set for the next time.
    """
    builder = start.builder
    place = variable(builder, start.value)
    test, body, end = (builder.append_basic_block(name) for name in ("test", "body", "end"))
    builder.branch(test)
    builder.position_at_end(test)
    number = Index(builder, builder.load(place))
    builder.cbranch(number < stop, body, end)
    builder.position_at_end(body)
    yield number, lambda following: builder.store(following.value, place)
    builder.branch(test)
    builder.position_at_end(end)


@contextmanager
def when(builder: Any, condition: ir.Value) -> Iterator[None]:
    """Write a branch: what is written in this context runs where the condition holds."""
    with builder.if_then(condition):
        yield


def own_function(
    module: Any, name: str, arguments: Sequence[ir.Type], write: Callable[..., None]
) -> Callable[[Any, Sequence[ir.Value]], None]:
    """Write a function into the module, once, and return what writes a call of it.

    Parameters
    ----------
    module
        LLVM's.
    name
        Of the function; a second function of this name is not written.
    arguments
        Their types.
    write
        Writes the body, from a builder and the values of the arguments.
    """
    function = module.globals.get(name)
    if function is None:
        function = ir.Function(module, ir.FunctionType(ir.VoidType(), arguments), name)
        function.linkage = "internal"
        function.attributes.add("noinline")  # compiled once, not into each place that calls it
        builder = ir.IRBuilder(function.append_basic_block("entry"))
        write(builder, *function.args)
        builder.ret_void()

    def call(builder: Any, values: Sequence[ir.Value]) -> None:
        builder.call(function, values)

    return call


@dataclass(frozen=True)
class VectorCode:
    """Writes instructions on vectors of ``lanes`` numbers of one float type at a builder's position.

    Parameters
    ----------
    builder
        Where instructions go.
    bits
        32 or 64: the float type.
    lanes
        Numbers in a vector.
    """

    builder: Any
    bits: int
    lanes: int

    @property
    def scalar(self) -> ir.Type:
        """The float type."""
        return ir.FloatType() if self.bits == 32 else ir.DoubleType()

    @property
    def vector(self) -> ir.Type:
        """The type of a vector."""
        return ir.VectorType(self.scalar, self.lanes)

    def at(self, pointer: ir.Value, offset: Operand) -> ir.Value:
        """Return the pointer to the number that lies ``offset`` numbers further on."""
        return self.builder.gep(pointer, [ir.Constant(INT64, offset) if isinstance(offset, int) else offset.value])

    def load(self, pointer: ir.Value, lanes: int | None = None) -> ir.Value:
        """Return the vector that begins at the pointer, of ``lanes`` numbers where that is given."""
        kind = self.vector if lanes is None else ir.VectorType(self.scalar, lanes)
        return self.builder.load(self.builder.bitcast(pointer, kind.as_pointer()), align=self.bits // 8)

    def load_for_all(self, pointer: ir.Value) -> ir.Value:
        """Return a vector with the number at the pointer in every lane."""
        one = ir.Constant(self.vector, ir.Undefined)
        one = self.builder.insert_element(one, self.builder.load(pointer), ir.Constant(_INT32, 0))
        return self.shuffle(one, one, [0] * self.lanes)

    def store(self, vector: ir.Value, pointer: ir.Value) -> None:
        """Write the vector to where the pointer points."""
        place = self.builder.bitcast(pointer, vector.type.as_pointer())
        self.builder.store(vector, place, align=self.bits // 8)

    def shuffle(self, first: ir.Value, second: ir.Value, lanes: Sequence[int]) -> ir.Value:
        """Return these lanes of both vectors, those of the second counted on behind those of the first."""
        return self.builder.shuffle_vector(first, second, ir.Constant(ir.VectorType(_INT32, len(lanes)), list(lanes)))

    def first_lanes(self, count: Index) -> ir.Value:
        """Return a mask in which the first ``count`` lanes are set."""
        numbers = ir.VectorType(_INT32, self.lanes)
        some = ir.Constant(numbers, ir.Undefined)
        some = self.builder.insert_element(some, self.builder.trunc(count.value, _INT32), ir.Constant(_INT32, 0))
        some = self.shuffle(some, some, [0] * self.lanes)
        return self.builder.icmp_signed("<", ir.Constant(numbers, list(range(self.lanes))), some)

    def load_masked(self, pointer: ir.Value, mask: ir.Value) -> ir.Value:
        """Return the vector that begins at the pointer; lanes outside the mask are 0 and not read."""
        place = self.builder.bitcast(pointer, self.vector.as_pointer())
        arguments = [place, ir.Constant(_INT32, self.bits // 8), mask, ir.Constant(self.vector, None)]
        return self._call(f"llvm.masked.load.{self._tag}.p0", self.vector, arguments)

    def store_masked(self, vector: ir.Value, pointer: ir.Value, mask: ir.Value) -> None:
        """Write the lanes inside the mask to where the pointer points."""
        place = self.builder.bitcast(pointer, self.vector.as_pointer())
        arguments = [vector, place, ir.Constant(_INT32, self.bits // 8), mask]
        self._call(f"llvm.masked.store.{self._tag}.p0", ir.VoidType(), arguments)

    def fused_multiply_add(self, a: ir.Value, b: ir.Value, c: ir.Value) -> ir.Value:
        """Return a b + c, rounded once, lane by lane."""
        return self._call(f"llvm.fma.{self._tag}", self.vector, [a, b, c])

    def prefetch(self, pointer: ir.Value) -> None:
        """Have the cache line at the pointer brought near."""
        place = self.builder.bitcast(pointer, _BYTE_POINTER)
        arguments = [place, *(ir.Constant(_INT32, number) for number in (0, 3, 1))]  # read, keep, data
        self._call("llvm.prefetch.p0", ir.VoidType(), arguments)

    @property
    def _tag(self) -> str:
        return f"v{self.lanes}f{self.bits}"

    def _call(self, name: str, result: ir.Type, arguments: Sequence[Any]) -> ir.Value:
        kind = ir.FunctionType(result, [argument.type for argument in arguments])
        function = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call] # Numba's stubs leave it out
            self.builder.module, kind, name
        )
        return self.builder.call(function, arguments)
