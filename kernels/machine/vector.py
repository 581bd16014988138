"""A vector of numbers as one value of compiled code: LLVM's ``<n x float>``, under the name `Vector`.

Numba's vectoriser guesses; this type says. Each operation on a vector is the same IEEE 754 operation on
every lane, so a function that is written for a number and uses nothing but operators, `type(x)(constant)`
and `symtests.kernels.machine.intrinsics` serves numbers and vectors of every width, with the same bits.

Where a number of the same float type meets a vector, it stands for a vector with that number in every lane.
A vector that is wider than a register of the processor becomes several registers, whose operations do not
wait for each other: two to four registers are what hides the latency of an operation.

Vectors live in compiled code only, and only a function that is compiled into its caller
(`symtests.kernels.compiling.compile_policy.scalar_function`) should take or return one: which registers a call
would pass it in depends on the function. They are loaded, stored and rearranged by `symtests.kernels.machine.lanes`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from llvmlite import ir
from numba.core import types
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import lower_builtin, lower_cast, models, register_model, type_callable

__all__ = ["Vector", "common_kind", "float_kind", "in_every_lane"]

Function = TypeVar("Function", bound=Callable[..., Any])

_INT32 = ir.IntType(32)

# Numba gives these no types.
_define_code: Callable[..., Callable[[Function], Function]] = lower_builtin
_define_cast: Callable[..., Callable[[Function], Function]] = lower_cast


class Vector(types.Type):
    """Numba's type of a vector.

    Parameters
    ----------
    dtype
        Numba's float32 or float64.
    lanes
        How many numbers; at least 1. A power of two, unless it may be slow.
    """

    def __init__(self, dtype: types.Float, lanes: int) -> None:
        self.dtype = dtype
        self.lanes = lanes
        super().__init__(name=f"Vector({dtype}, {lanes})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Vector) -> None:
        vector = ir.VectorType(_element(kind.dtype), kind.lanes)
        super().__init__(manager, kind, vector)  # type: ignore[no-untyped-call] # Numba gives it no types


def _element(dtype: types.Float) -> ir.Type:
    return ir.FloatType() if dtype == types.float32 else ir.DoubleType()


def float_kind(kind: Any) -> Any:
    """Return the float type of a number or of the lanes of a vector; None for any other type."""
    if isinstance(kind, Vector):
        return kind.dtype
    return kind if isinstance(kind, types.Float) else None


def common_kind(kinds: Sequence[Any]) -> Any:
    """Return the type of a lanewise result: that of the vectors among the arguments, or of the numbers.

    None where they are not numbers and vectors of one width and one float type.
    """
    vectors = [kind for kind in kinds if isinstance(kind, Vector)]
    common = (vectors or list(kinds))[0]
    dtype = float_kind(common)
    if dtype is None or any(kind not in (common, dtype) for kind in kinds):
        return None
    return common


def in_every_lane(builder: Any, value: ir.Value, kind: ir.Type) -> ir.Value:
    """Return the value as it is where it has the LLVM type ``kind`` already, else a vector full of it."""
    if value.type == kind:
        return value
    nothing = ir.Constant(kind, ir.Undefined)
    first = builder.insert_element(nothing, value, _INT32(0))
    return builder.shuffle_vector(first, nothing, ir.VectorType(_INT32, kind.count)(0))


@infer_getattr
class _VectorClass(AttributeTemplate):
    """Let ``type(x)(1.0)`` be a vector full of ones for a vector x, as it is a number for a number."""

    key = Vector

    def resolve___class__(self, kind: Vector) -> types.NumberClass[Any]:
        return types.NumberClass(kind)


@_define_cast(types.Float, Vector)
def _cast(context: Any, builder: Any, given: Any, wanted: Vector, value: ir.Value) -> ir.Value:
    number = context.cast(builder, value, given, wanted.dtype)
    return in_every_lane(builder, number, context.get_value_type(wanted))


def _define_operator(symbol: Callable[..., Any], instruction: str) -> None:
    """Teach Numba a binary operator of vectors, and of a vector and a number."""

    def typed(_context: Any) -> Callable[[Any, Any], Any]:
        def result(a: Any, b: Any) -> Any:
            return common_kind((a, b)) if isinstance(a, Vector) or isinstance(b, Vector) else None

        return result

    def generate(context: Any, builder: Any, signature: Any, values: Sequence[ir.Value]) -> ir.Value:
        kind = context.get_value_type(signature.return_type)
        return getattr(builder, instruction)(*(in_every_lane(builder, value, kind) for value in values))

    type_callable(symbol)(typed)
    for kinds in ((Vector, Vector), (Vector, types.Float), (types.Float, Vector)):
        _define_code(symbol, *kinds)(generate)


for _symbol, _instruction in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
    (operator.iadd, "fadd"),
    (operator.isub, "fsub"),
    (operator.imul, "fmul"),
    (operator.itruediv, "fdiv"),
):
    _define_operator(_symbol, _instruction)


@type_callable(operator.neg)
def _type_negative(_context: Any) -> Callable[[Any], Any]:
    return lambda x: x if isinstance(x, Vector) else None


@_define_code(operator.neg, Vector)
def _negative(_context: Any, builder: Any, _signature: Any, values: Sequence[ir.Value]) -> ir.Value:
    return builder.fneg(values[0])
