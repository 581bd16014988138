"""A hundred thousand XOR networks at once: 2-2-1, float32, tanh, bce, plain gradient descent.

Beside the same work in other libraries stands the shortest time in which the processor could issue so many operations:
each addition, multiplication, division or fused multiply-add counts as one of the fused multiply-adds of which it
issues the most, and what selects, compares and moves counts as nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np
from numba import njit

from symtests import kernels
from symtests.benchmarks.comparison import Comparison, NotMeasured, Peer, Work
from symtests.benchmarks.population_peers import (
    BATCH,
    NETWORK,
    Train,
    jax_by_hand,
    jax_vmap,
    ours,
    training_of,
    work_of,
)
from symtests.float_json import Array
from symtests.kernels.machine.intrinsics import fused_multiply_add
from symtests.kernels.machine.lanes import load as load_lanes
from symtests.kernels.machine.lanes import prefer_wide_vectors, store
from symtests.kernels.populations.choice import shape_of
from symtests.kernels.populations.step import compiled

__all__ = ["comparisons"]

_NETWORKS: Final = 100_000
_STEPS: Final = 60
_CHAINS: Final = 6  # of operations that wait for each other: what fills the processor and fits into its registers
_LANES: Final = 16


def comparisons() -> tuple[Comparison, ...]:
    """Return the comparisons: the accurate and the fast form on one thread, the accurate one on two."""
    by_hand, accurate = _work(jax_by_hand, 30), _work(partial(ours, 1))
    peers = (
        Peer("JAX, fused by hand", by_hand, 3.0),
        Peer("JAX, vmap and scan", _work(jax_vmap, 5), 20.0),
        Peer("operations at the peak", partial(_peak, False), 0.5),
    )
    fast = (
        Peer("JAX, fused by hand", by_hand, 5.0),
        Peer("accurate tanh", accurate),
        Peer("operations at the peak", partial(_peak, True)),
    )
    return (
        _comparison("2-2-1, 100,000 networks", partial(ours, 1), peers, quick=True),
        _comparison("2-2-1, 100,000 networks, fast tanh", _ours_fast, fast),
        _comparison("2-2-1, 100,000 networks", partial(ours, 2), (Peer("one thread", accurate, 1.8),), threads=2),
    )


def _comparison(
    name: str, build: Callable[[], Train], peers: tuple[Peer, ...], *, threads: int = 1, quick: bool = False
) -> Comparison:
    of_one = "training step of one network"
    return Comparison("populations", name, "float32", of_one, _work(build), peers, threads, quick)


def _work(build: Callable[[], Train], steps: int = _STEPS) -> Callable[[], Work]:
    return partial(work_of, build, _NETWORKS, steps, float(_NETWORKS * steps))


def _ours_fast() -> Train:
    return lambda starts, steps: kernels.train_many_fast(NETWORK, starts, BATCH, training_of(steps)).parameters


def _peak(fast: bool) -> Work:
    """Return as many fused multiply-adds, on registers alone, as our kernel has operations."""
    train = _ours_fast() if fast else ours(1)
    turns, numbers = 200_000, np.full(_LANES * (_CHAINS + 1), 0.5, np.float32)
    answer = work_of(lambda: train, 1, 1, 1).answer  # this work has no answer of its own
    return Work(
        lambda: _multiply_and_add(numbers, turns), answer, turns * _CHAINS * _LANES / _operations_of_a_step(fast)
    )


def _operations_of_a_step(fast: bool) -> float:
    """Return how many operations the compiled code has for a step of one network."""
    kernel: Any = compiled(shape_of(NETWORK, len(BATCH), fast=fast))
    function: Any = njit(error_model="numpy")(kernel.py_func)  # what comes from the cache cannot be looked at
    nothing = np.zeros(0, np.float32)
    function(nothing, nothing, nothing, 0, 0)
    (code,) = function.inspect_llvm().values()
    found = re.findall(r"= f(?:add|sub|mul|div) <(\d+) x float>|call <(\d+) x float> @llvm\.fma", code)
    lanes = sum(int(operation or fused) for operation, fused in found)
    stored = sum(int(count) for count in re.findall(r"store <(\d+) x float>", code))
    if not lanes or not stored:
        raise NotMeasured("the operations of the compiled code cannot be counted")
    return lanes * NETWORK.parameter_count / stored  # a step of a network stores each of its parameters once


@njit(forceinline=True)
def _chained(x: float, factor: float) -> float:
    return fused_multiply_add(x, factor, factor)


@njit(nogil=True)
def _multiply_and_add(numbers: Array, turns: int) -> None:
    """Take so many turns of six independent chains of fused multiply-adds of sixteen lanes."""
    prefer_wide_vectors()
    factor = load_lanes(numbers, 96, 16)
    a, b, c = load_lanes(numbers, 0, 16), load_lanes(numbers, 16, 16), load_lanes(numbers, 32, 16)
    d, e, f = load_lanes(numbers, 48, 16), load_lanes(numbers, 64, 16), load_lanes(numbers, 80, 16)
    for _ in range(turns):
        a, b, c = _chained(a, factor), _chained(b, factor), _chained(c, factor)
        d, e, f = _chained(d, factor), _chained(e, factor), _chained(f, factor)
    store(numbers, 0, a + b + c + d + e + f)
