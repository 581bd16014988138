"""How every kernel is compiled: the one place that names Numba's options.

Every floating-point operation is rounded as IEEE 754 says and in the order that the source gives:
``fastmath`` stays off, so nothing is reassociated, and nothing is contracted, so a product and a sum
become one fused operation only where the source asks for `intrinsics.fused_multiply_add`. That is why
the scalar and the vectorised form of a loop give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

from symtests.kernels.compiling.checked_cache import check_files_of
from symtests.kernels.compiling.compile_cache import cached_where_possible

__all__ = ["entry_point", "routine", "scalar_function"]

Function = TypeVar("Function", bound=Callable[..., Any])

_OPTIONS: dict[str, Any] = {
    "fastmath": False,
    "error_model": "numpy",  # x/0 is an infinity or NaN; a ZeroDivisionError would put a branch into every loop
    "boundscheck": False,  # shapes are checked once, before a kernel is called
    "nogil": True,  # a kernel touches only the arrays that it was given
    "_nrt": False,  # no kernel allocates: without reference counts, taking a part of an array is free
}

_FOR_KERNELS_ONLY: dict[str, Any] = {  # a wrapper for every one of them would take a tenth of all compile time
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}
_FOR_PYTHON: dict[str, Any] = {"no_cfunc_wrapper": True}  # nothing calls a kernel by its address


def scalar_function(function: Function) -> Function:
    """Compile a function into the kernels that call it, so that loops over it vectorise; Python cannot call it."""
    compiled: Function = njit(forceinline=True, **_OPTIONS, **_FOR_KERNELS_ONLY)(function)
    return compiled


def routine(function: Function) -> Function:
    """Compile a function of arrays that other kernels call; Python cannot call it."""
    compiled: Function = njit(forceinline=False, **_OPTIONS, **_FOR_KERNELS_ONLY)(function)
    return compiled


def entry_point(function: Function) -> Function:
    """Compile a function that Python calls, and keep the machine code on disk."""
    with cached_where_possible() as folder:
        compiled: Function = njit(**_FOR_PYTHON, cache=folder is not None, **_OPTIONS)(function)
        if folder is not None:
            check_files_of(compiled, folder / function.__module__)
    return compiled
