"""The ways in which the same numbers may lie in memory, as NumPy's arrays have them."""

from __future__ import annotations

from typing import Final

import numpy as np

from symtests.float_json import Array

__all__ = ["LAYOUTS", "changes", "lay_out", "lines"]

# Each layout by the lines of NumPy that make it of an array `a`, so that a script can show what was handed over.
# What lies between the numbers is finite, so that whoever reads it by mistake gets a wrong number and not a NaN.
_LINES: Final = {
    "column by column": ("{a} = np.asfortranarray({a})",),
    "every other number": ("{a} = np.stack([{a}, 2 * {a} + 1], axis=-1)[..., 0]",),
    "rows of a wider table": ("{a} = np.concatenate([{a}, 2 * {a} + 1], axis=-1)[..., :{a}.shape[-1]]",),
    "backwards": ("{a} = np.flip(np.flip({a}).copy())",),
    "not aligned": (
        "room = np.frombuffer(bytearray(1) + {a}.tobytes(), np.uint8)[1:]",
        "{a} = room.view({a}.dtype).reshape({a}.shape)",
    ),
    "read-only": ("{a} = {a}.copy()", "{a}.flags.writeable = False"),
}
LAYOUTS: Final = tuple(_LINES)
"""Names of the layouts: in columns; with another number after each; in the first columns of a table twice as wide; from
the last to the first, with negative strides; at an address that no processor would choose; where nothing may write."""


def lay_out(array: Array, layout: str) -> Array:
    """Return a copy with the same numbers, shape and dtype in another memory layout.

    Parameters
    ----------
    array
        Floats of one or two dimensions, of native byte order.
    layout
        One name of `LAYOUTS`.
    """
    plain = np.ascontiguousarray(array)
    if layout == "column by column":
        return plain.copy(order="F")
    if layout == "every other number":
        return np.stack([plain, 2 * plain + 1], axis=-1)[..., 0]
    if layout == "rows of a wider table":
        return np.concatenate([plain, 2 * plain + 1], axis=-1)[..., : plain.shape[-1]]
    if layout == "backwards":
        return np.flip(np.flip(plain).copy())
    if layout == "not aligned":
        room = np.frombuffer(bytearray(1) + plain.tobytes(), np.uint8)[1:]
        return room.view(plain.dtype).reshape(plain.shape)
    copy = plain.copy()
    copy.flags.writeable = False
    return copy


def lines(name: str, layout: str) -> tuple[str, ...]:
    """Return lines of Python that give the array called `name` this layout, with NumPy as ``np``."""
    return tuple(line.format(a=name) for line in _LINES[layout])


def changes(shape: tuple[int, ...], layout: str) -> bool:
    """Tell whether an array of this shape lies otherwise in this layout than row after row."""
    if layout == "column by column":
        return sum(length > 1 for length in shape) > 1
    if layout == "rows of a wider table":
        return len(shape) > 1 and shape[0] > 1
    return layout != "backwards" or int(np.prod(shape)) > 1
