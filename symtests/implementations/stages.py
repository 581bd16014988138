"""What one forward and one backward pass compute on their way, in the form in which adapters answer it."""

from __future__ import annotations

from typing import NamedTuple

from symtests.float_json import Array

__all__ = ["Stages"]


class Stages(NamedTuple):
    """z_1 .. z_L of shape (N, units), a_0 = x .. a_{L-1}, and the error signals dL/dz_1 .. dL/dz_L."""

    pre_activations: tuple[Array, ...]
    activations: tuple[Array, ...]
    error_signals: tuple[Array, ...]
