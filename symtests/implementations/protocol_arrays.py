"""Arrays in the answers of a command: numbers in a row, which must be as many as were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symtests.float_json import Array
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.protocol import array_of
from symtests.network import Network
from symtests.parameters import Parameters

__all__ = ["table", "tables", "vector"]


def vector(operation: str, field: str, numbers: list[float | str], network: Network, dtype: Any) -> Parameters:
    """Return the numbers of all parameters as such.

    Raises
    ------
    Misbehaviour
        Where they are too many or too few.
    """
    expected = network.parameter_count
    if len(numbers) != expected:
        raise Misbehaviour(
            "wrong shape",
            f"{operation} answered {field} with {len(numbers)} numbers, and a network of sizes {network.sizes} with "
            f"bias={network.bias} has {expected}",
        )
    return Parameters(network, array_of(numbers, dtype))


def tables(
    operation: str, field: str, lists: list[list[float | str]], rows: int, sizes: Sequence[int], dtype: Any
) -> tuple[Array, ...]:
    """Return a table for each layer, of so many rows and the layer's number of columns.

    Raises
    ------
    Misbehaviour
        Where there are too many tables or too few, or one has another shape.
    """
    if len(lists) != len(sizes):
        raise Misbehaviour("wrong shape", f"{operation} answered {len(lists)} {field} for {len(sizes)} layers")
    each = enumerate(zip(lists, sizes, strict=True))
    return tuple(table(operation, f"{field}[{n}]", numbers, rows, size, dtype) for n, (numbers, size) in each)


def table(operation: str, field: str, numbers: list[float | str], rows: int, columns: int, dtype: Any) -> Array:
    """Return numbers row by row as a table.

    Raises
    ------
    Misbehaviour
        Where they are too many or too few.
    """
    if len(numbers) != rows * columns:
        raise Misbehaviour(
            "wrong shape",
            f"{operation} answered {field} with {len(numbers)} numbers, where {rows} samples of {columns} were asked",
        )
    return array_of(numbers, dtype).reshape(rows, columns)
