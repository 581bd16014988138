"""How often a network of two hidden units learns exclusive or: many random starts, each trained for 3,000 steps.

A start has learned it where the loss comes down to log(2) / 4: no sample's own loss is then above log(2), so that all
four outputs are on the right side of 1/2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Final

from symtests import kernels
from symtests.benchmarks.comparison import Comparison, LongRun, Peer
from symtests.benchmarks.counted_starts import STEPS, words_of
from symtests.benchmarks.population_peers import (
    BATCH,
    NETWORK,
    Train,
    drawn_starts,
    jax_by_hand,
    jax_vmap,
    ours,
    training_of,
    work_of,
)

__all__ = ["comparisons", "share_that_learns"]

_STARTS: Final = 1_000_000
_STARTS_IN_TURN: Final = 1_000


def comparisons() -> tuple[Comparison, ...]:
    """Return the comparison, on two threads, with the long run."""
    known: tuple[tuple[str, Callable[[], Train]], ...] = (
        ("JAX, fused by hand", jax_by_hand), ("JAX, vmap and scan", jax_vmap)
    )  # fmt: skip
    threads = 2
    return (
        Comparison(
            "starts",
            "2-2-1, exclusive or",
            "float32",
            f"start, {STEPS:,} steps",
            partial(work_of, partial(ours, threads), _STARTS_IN_TURN, STEPS, _STARTS_IN_TURN),
            tuple(
                Peer(name, partial(work_of, build, _STARTS_IN_TURN, STEPS, _STARTS_IN_TURN)) for name, build in known
            ),
            threads,
            long_run=LongRun(partial(share_that_learns, _STARTS, threads), 60.0),
        ),
    )


def share_that_learns(count: int, threads: int, progress: Callable[[float], None]) -> str:
    """Train so many starts and return in words which share learns, with its exact interval.

    Parameters
    ----------
    count
        How many starts, at least 1.
    threads
        How many threads train.
    progress
        Told which share of the work is done.
    """
    kernels.compile_population(NETWORK, len(BATCH), training_of(1))
    ends = kernels.train_many(
        NETWORK, drawn_starts(count), BATCH, training_of(STEPS), threads=threads, progress=progress
    )
    learned = int((ends.losses <= math.log(2) / 4).sum())
    return words_of(learned, count)
