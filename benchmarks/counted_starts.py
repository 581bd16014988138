"""How many of millions of random starts learn exclusive or, in blocks that any process or machine can count."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from symtests import kernels
from symtests.benchmarks.population_peers import BATCH, NETWORK, training_of
from symtests.binomial import interval
from symtests.float_json import Array
from symtests.spreading.block import Block
from symtests.spreading.hosts import host
from symtests.spreading.place import Place, results_of
from symtests.spreading.record import TaskRecord

__all__ = ["BLOCK", "STEPS", "count", "counted", "starts_of", "words_of"]

BLOCK: Final = 50_000
"""Starts of a block: about five seconds of a core."""
STEPS: Final = 3_000
MISS: Final = 0.05
_DRAWN_TOGETHER: Final = 1_000_000
_FILE: Final = "counted_starts.jsonl"


def starts_of(block: Block) -> Array:
    """Return the starts of a block, a parameter vector a row, all of them from N(0, 1).

    A million of them are drawn from one seed, so that a start is the same however many are asked for.
    """
    drawn, offset = divmod(block.first, _DRAWN_TOGETHER)
    random = np.random.default_rng(drawn)
    return random.standard_normal((offset + block.count, NETWORK.parameter_count), np.float32)[offset:]


def count(block: Block, steps: int = STEPS) -> tuple[Block, int]:
    """Train from each start of a block; return how many have learned."""
    kernels.compile_population(NETWORK, len(BATCH), training_of(1))
    ends = kernels.train_many(NETWORK, starts_of(block), BATCH, training_of(steps), threads=1)
    return block, int((ends.losses <= math.log(2) / 4).sum())


def counted(
    blocks: Sequence[Block], place: Place, out: Path, others: Iterable[Path] = (), steps: int = STEPS
) -> Iterator[tuple[Block, int]]:
    """Give how many learn of each block: first what is on record, then what is counted, which goes on record at once.

    Parameters
    ----------
    blocks
        What is counted.
    place
        Where it is done.
    out, others
        Folder of the record, and folders of others that are taken over.
    steps
        Of gradient descent.
    """
    record = TaskRecord(out, _FILE, {"symtests": host().fingerprint, "steps": steps}, ["learned"], others)
    yield from ((block, record[block.name]["learned"]) for block in blocks if block.name in record)
    left = [block for block in blocks if block.name not in record]
    for block, learned in results_of(partial(count, steps=steps), left, place) if left else ():
        record.add(block.name, {"learned": learned})
        yield block, learned


def words_of(learned: int, starts: int) -> str:
    """Say which share learns, with its exact interval."""
    low, high = interval(learned, starts, MISS)
    return (
        f"{learned:,} of {starts:,} starts learn it, {100 * learned / starts:.3f} %; exact {100 - 100 * MISS:g} % "
        f"interval of the share: {100 * low:.3f} to {100 * high:.3f} %"
    )
