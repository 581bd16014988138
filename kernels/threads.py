"""Threads that share one training: who computes what, and where all wait for each other.

Every thread runs the same compiled code for the whole of a training. Samples, rows of weight matrices and
parameters are shared out, but never the terms of a sum: the bits are those of a single thread.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from symtests.kernels.compiling.compile_policy import routine, scalar_function
from symtests.network import Network
from symtests.validation import integer_at_least

__all__ = [
    "LEAST_WORK",
    "Meeting",
    "give_up",
    "given_up",
    "is_given_up",
    "meeting_point",
    "share",
    "useful_threads",
    "wait_for_all",
]

Meeting = npt.NDArray[np.int64]
"""What the threads of one training share so as to wait for each other."""

LEAST_WORK: Final = 250_000
"""Multiply-adds of a forward pass that a thread should have: some ten microseconds, far longer than threads wait."""

_UNIT: Final = 8  # rows are shared out in whole tiles, and numbers in whole vectors
_PATIENCE: Final = 2000  # looks at the counter before the processor is left to others
_COUNT, _YIELD = 0, 8  # places in the array, a cache line apart
_GIVEN_UP: Final = 2**62  # no training waits so often


def useful_threads(network: Network, samples: int, threads: int, least_work: int) -> int:
    """Return how many of the threads that are offered pay.

    Parameters
    ----------
    network, samples
        One forward pass takes ``samples`` times the number of weights multiply-adds.
    threads
        How many there may be.
    least_work
        Multiply-adds of a forward pass that each thread must have; with 0 all threads are used.

    Raises
    ------
    InvalidValue
        Where threads is below 1, or least_work below 0.
    """
    if threads == 1:
        return 1
    threads, least_work = integer_at_least("threads", threads, 1), integer_at_least("least_work", least_work, 0)
    if least_work == 0:
        return threads
    work = samples * sum(m * n for m, n in zip(network.sizes[:-1], network.sizes[1:], strict=True))
    return max(1, min(threads, work // least_work))


def meeting_point() -> Meeting:
    """Return what `wait_for_all` counts with; all threads of one training have the same."""
    place = np.zeros(16, np.int64)
    place[_YIELD] = _address_of_yield()
    return place


def give_up(meeting: Meeting) -> None:
    """End every wait at a meeting point, those to come too."""
    # A plain store is enough: an addition in another thread is made before it or after it, and the number stays large.
    meeting[_COUNT] = _GIVEN_UP


def is_given_up(meeting: Meeting) -> bool:
    """Return whether `give_up` was called."""
    return bool(meeting[_COUNT] >= _GIVEN_UP)


@cache
def _address_of_yield() -> int:
    """Return the address of the system's function that lets another thread run."""
    if sys.platform == "win32":
        function = ctypes.windll.kernel32.SwitchToThread
    else:
        function = ctypes.CDLL(None).sched_yield
    return cast("int", ctypes.cast(function, ctypes.c_void_p).value)


@scalar_function
def share(count: int, thread: int, threads: int) -> int:
    """Return the first of ``count`` things that fall to this thread; ``thread + 1`` gives the one behind its last."""
    if thread == threads:
        return count
    return count * thread // threads // _UNIT * _UNIT


def _atomic_add(_typing_context: Any, numbers: Any, _place: Any, _change: Any) -> Any:
    def generate(context: Any, builder: Any, _signature: Any, values: Sequence[ir.Value]) -> ir.Value:
        data = context.make_array(numbers)(context, builder, values[0]).data
        return builder.atomic_rmw("add", builder.gep(data, [values[1]]), values[2], "seq_cst")

    return types.int64(numbers, types.int64, types.int64), generate


def _atomic_load(_typing_context: Any, numbers: Any, _place: Any) -> Any:
    def generate(context: Any, builder: Any, _signature: Any, values: Sequence[ir.Value]) -> ir.Value:
        data = context.make_array(numbers)(context, builder, values[0]).data
        return builder.load_atomic(builder.gep(data, [values[1]]), "monotonic", 8)

    return types.int64(numbers, types.int64), generate


def _call_address(_typing_context: Any, _address: Any) -> Any:
    def generate(context: Any, builder: Any, _signature: Any, values: Sequence[ir.Value]) -> ir.Value:
        kind = ir.FunctionType(ir.IntType(32), [])
        builder.call(builder.inttoptr(values[0], kind.as_pointer()), [])
        return context.get_dummy_value()

    return types.void(types.int64), generate


_fetch_and_add = cast("Callable[[npt.NDArray[np.int64], int, int], int]", intrinsic(_atomic_add))
_load = cast("Callable[[npt.NDArray[np.int64], int], int]", intrinsic(_atomic_load))
_call = cast("Callable[[int], None]", intrinsic(_call_address))


@routine
def wait_for_all(meeting: Meeting, threads: int, time: int) -> bool:
    """Return when all threads have called this for the ``time``-th time, counted from 1.

    Returns
    -------
    bool
        Whether they have; False tells the thread to leave, as another one has failed.
    """
    if threads == 1:
        return True
    _fetch_and_add(meeting, np.int64(_COUNT), np.int64(1))
    looks = 0
    arrived = _fetch_and_add(meeting, np.int64(_COUNT), np.int64(0))
    while arrived < time * threads:
        looks += 1
        if looks > _PATIENCE:
            _call(meeting[_YIELD])
        arrived = _fetch_and_add(meeting, np.int64(_COUNT), np.int64(0))
    return arrived < _GIVEN_UP


@scalar_function
def given_up(meeting: Meeting) -> bool:
    """Return what `is_given_up` does, in a loop of compiled code."""
    return _load(meeting, np.int64(_COUNT)) >= _GIVEN_UP
