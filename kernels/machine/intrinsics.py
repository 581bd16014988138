"""Single machine operations that Numba does not offer by name, the same for float32 and float64.

Each is one IEEE 754 operation, a selection or a change of bits, has no branch, and compiles to the same
operation for a number and for each lane of a `symtests.kernels.machine.vector.Vector`, which it takes as well:
``float`` stands for both. All arguments must have one float type, and vectors one width; a number among
vectors stands for a vector full of it. A float64 that slipped into float32 arithmetic does not compile.
Only compiled code can call them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, cast

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.errors import TypingError
from numba.extending import intrinsic

from symtests.kernels.machine.vector import common_kind, float_kind, in_every_lane

__all__ = [
    "absolute",
    "at_least",
    "at_most",
    "choose",
    "copy_sign",
    "exponent_field",
    "fused_multiply_add",
    "keep_apart",
    "polynomial",
    "power_of_two",
    "scale_by_power_of_two",
    "significand",
    "square_root",
    "where_less",
    "where_nan",
]

Emit: TypeAlias = Callable[..., ir.Value]
"""From a builder and the LLVM values of the arguments to the LLVM value of the result."""

_FLOAT32 = ir.IntType(32), 23, 127
_FLOAT64 = ir.IntType(64), 52, 1023


def _layout(kind: ir.Type) -> tuple[ir.Type, int, int]:
    """Return the integer type of the same width, the bits behind the leading one, the bias of the exponent."""
    if not isinstance(kind, ir.VectorType):
        return _FLOAT32 if kind == ir.FloatType() else _FLOAT64
    integer, bits, bias = _layout(kind.element)
    return ir.VectorType(integer, kind.count), bits, bias


def _call(builder: Any, name: str, *values: ir.Value) -> ir.Value:
    """Return the result of the LLVM intrinsic of this name."""
    kind = values[0].type
    vector = isinstance(kind, ir.VectorType)
    suffix = (f"v{kind.count}" if vector else "") + ("f32" if _layout(kind)[1] == _FLOAT32[1] else "f64")
    function = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call] # Numba's stubs leave it out
        builder.module, ir.FunctionType(kind, [kind] * len(values)), f"{name}.{suffix}"
    )
    return builder.call(function, values)


def _operation(emit: Emit) -> Callable[..., float]:
    """Return a function of numbers, or lane by lane of vectors, of one float type, whose code ``emit`` writes."""

    def typed(_typing_context: Any, *arguments: Any) -> Any:
        kind = common_kind(arguments)
        if kind is None:
            raise TypingError(f"arguments of types {arguments}: must have one float type, and vectors one width")

        def generate(context: Any, builder: Any, _signature: Any, values: Sequence[ir.Value]) -> ir.Value:
            wanted = context.get_value_type(kind)
            return emit(builder, *(in_every_lane(builder, value, wanted) for value in values))

        return kind(*arguments), generate

    # Numba reads the names of the arguments here; the builder stands where its typing context is.
    typed.__signature__ = inspect.signature(emit)  # type: ignore[attr-defined] # functions may have it
    return cast("Callable[..., float]", intrinsic(typed))


def _where_less(builder: Any, a: ir.Value, b: ir.Value, then: ir.Value, otherwise: ir.Value) -> ir.Value:
    return builder.select(builder.fcmp_ordered("<", a, b), then, otherwise)


def _where_nan(builder: Any, x: ir.Value, then: ir.Value, otherwise: ir.Value) -> ir.Value:
    return builder.select(builder.fcmp_unordered("uno", x, x), then, otherwise)


def _power_of_two(builder: Any, t: ir.Value) -> ir.Value:
    integer, bits, _ = _layout(t.type)
    return builder.bitcast(builder.shl(builder.bitcast(t, integer), integer(bits)), t.type)


def _scale_by_power_of_two(builder: Any, x: ir.Value, t: ir.Value, zero: ir.Value) -> ir.Value:
    integer, bits, bias = _layout(x.type)
    k = builder.sub(builder.bitcast(t, integer), builder.bitcast(zero, integer))
    half = builder.ashr(k, integer(1))
    # 2^k may be out of range, its two factors are not; only the second product can round.
    for part in (half, builder.sub(k, half)):
        factor = builder.shl(builder.add(part, integer(bias)), integer(bits))
        x = builder.fmul(x, builder.bitcast(factor, x.type))
    return x


def _significand(builder: Any, x: ir.Value) -> ir.Value:
    integer, bits, bias = _layout(x.type)
    fraction = builder.and_(builder.bitcast(x, integer), integer((1 << bits) - 1))
    return builder.bitcast(builder.or_(fraction, integer(bias << bits)), x.type)


def _exponent_field(builder: Any, x: ir.Value) -> ir.Value:
    integer, bits, bias = _layout(x.type)
    field = builder.lshr(builder.bitcast(x, integer), integer(bits))
    # The float 2^bits + n holds a small n in its lowest bits: no integer has to be converted.
    offset = integer((bias + bits) << bits)
    return builder.fsub(builder.bitcast(builder.or_(field, offset), x.type), builder.bitcast(offset, x.type))


def _choose(_typing_context: Any, x: Any, _single: Any, _double: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Sequence[ir.Value]) -> ir.Value:
        constant = values[1] if float_kind(x) == types.float32 else values[2]
        return context.cast(builder, constant, types.float64, signature.return_type)

    return x(x, types.float64, types.float64), generate


def _polynomial(_typing_context: Any, x: Any, single: Any, double: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Sequence[ir.Value]) -> ir.Value:
        given = cgutils.unpack_tuple(  # type: ignore[no-untyped-call] # Numba's stubs leave it out
            builder, values[1] if float_kind(x) == types.float32 else values[2]
        )
        terms = [context.cast(builder, term, types.float64, signature.return_type) for term in given]
        power = values[0]
        while True:
            pairs = zip(terms[::2], terms[1::2], strict=False)
            left_over = terms[len(terms) & ~1 :]
            terms = [_call(builder, "llvm.fma", high, power, low) for low, high in pairs] + left_over
            if len(terms) == 1:
                return terms[0]
            power = builder.fmul(power, power)

    return x(x, single, double), generate


def _keep_apart(_typing_context: Any) -> Any:
    def generate(context: Any, builder: Any, _signature: Any, _values: Sequence[ir.Value]) -> ir.Value:
        builder.function.attributes.add("noinline")
        return context.get_dummy_value()

    return types.void(), generate


keep_apart = cast("Callable[[], None]", intrinsic(_keep_apart))
"""``()``: have the calling function compiled once, not into each of its callers, where that would take long."""

fused_multiply_add: Callable[[float, float, float], float] = _operation(
    lambda builder, a, b, c: _call(builder, "llvm.fma", a, b, c)
)
"""``(a, b, c)``: a b + c, rounded once."""

square_root: Callable[[float], float] = _operation(lambda builder, x: _call(builder, "llvm.sqrt", x))
"""``(x)``: the square root, correctly rounded."""

absolute: Callable[[float], float] = _operation(lambda builder, x: _call(builder, "llvm.fabs", x))
"""``(x)``: x without its sign."""

copy_sign: Callable[[float, float], float] = _operation(
    lambda builder, size, sign: _call(builder, "llvm.copysign", size, sign)
)
"""``(size, sign)``: the size of the first with the sign of the second."""

where_less: Callable[[float, float, float, float], float] = _operation(_where_less)
"""``(a, b, then, otherwise)``: ``then`` where a < b, else ``otherwise``, also where a or b is NaN."""

where_nan: Callable[[float, float, float], float] = _operation(_where_nan)
"""``(x, then, otherwise)``: ``then`` where x is NaN, else ``otherwise``."""

at_least: Callable[[float, float], float] = _operation(lambda builder, x, low: _where_less(builder, x, low, low, x))
"""``(x, low)``: the larger of both; x where x is NaN."""

at_most: Callable[[float, float], float] = _operation(lambda builder, x, high: _where_less(builder, high, x, high, x))
"""``(x, high)``: the smaller of both; x where x is NaN."""

power_of_two: Callable[[float], float] = _operation(_power_of_two)
"""``(t)``: 2^k, where the lowest bits of t hold k plus the bias of the exponent."""

scale_by_power_of_two: Callable[[float, float, float], float] = _operation(_scale_by_power_of_two)
"""``(x, t, zero)``: x 2^k, rounded once even where it is subnormal, for k = bits of t minus bits of ``zero``."""

significand: Callable[[float], float] = _operation(_significand)
"""``(x)``: f in [1, 2) with x = 2^k f, for a normal x above 0."""

exponent_field: Callable[[float], float] = _operation(_exponent_field)
"""``(x)``: k plus the bias of the exponent, as a float, for a normal x = 2^k f above 0 with f in [1, 2)."""

choose = cast("Callable[[float, float, float], float]", intrinsic(_choose))
"""``(x, single, double)``: the constant for the type of x, ``single`` for float32 and ``double`` for float64."""

polynomial = cast("Callable[[float, tuple[float, ...], tuple[float, ...]], float]", intrinsic(_polynomial))
"""``(x, single, double)``: c_0 + c_1 x + c_2 x^2 + ..., the coefficients chosen by the type of x.

Neighbours are folded in pairs, (c_0 + c_1 x) + (c_2 + c_3 x) x^2 + ... (Estrin 1960): the chain of
operations that wait for each other grows with the logarithm of the degree.
"""
