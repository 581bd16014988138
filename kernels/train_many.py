"""Training many networks of one shape at once, from a start each."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.kernels.arguments import samples_of
from symtests.kernels.arrays import Layers, Samples, Workspace, aligned, layers_of
from symtests.kernels.machine.lanes import block_lanes
from symtests.kernels.optimizers import Settings, settings_of
from symtests.kernels.populations.choice import obstacle, shape_of, use_population
from symtests.kernels.populations.step import PopulationShape, compiled
from symtests.kernels.populations.training import Counts, take_steps_together
from symtests.kernels.team import pool_of
from symtests.kernels.threads import Meeting, give_up, is_given_up, meeting_point
from symtests.network import DTYPES, Network
from symtests.training import Training
from symtests.validation import InvalidValue, integer_at_least, real_in

__all__ = ["Ends", "even_parts", "train_many", "train_many_fast"]

_PART: Final = 2_000_000
"""Network-steps of XOR's size in one part of the work: a few hundredths of a second between two reports of progress."""
_MOST_PARTS: Final = 10_000


@dataclass(frozen=True, eq=False)
class Ends:
    """Where many trainings have ended.

    Parameters
    ----------
    parameters
        Shape (count, n): a parameter vector a row, in the order of the starts.
    losses
        Shape (count,): the loss at each.
    steps_to_solve
        Shape (count,): after how many steps the loss was at most ``solved_below`` for the first time, -1 where it never
        was; None where no bound was given.
    """

    parameters: Array
    losses: Array
    steps_to_solve: Counts | None


def train_many(
    network: Network,
    starts: Array,
    batch: Batch,
    training: Training,
    *,
    solved_below: float | None = None,
    threads: int = 1,
    progress: Callable[[float], None] | None = None,
) -> Ends:
    """Train one network from each of many starts.

    Each end has the bits that `symtests.kernels.train` gives from the same start, and each loss those of
    `symtests.kernels.loss` there: neither the other starts nor their number nor the threads make a difference.
    Where so many small networks are trained by gradient descent that it pays, code is compiled for their shape, with
    the same bits: see `symtests.kernels.compile_population`. With ``solved_below`` it is not used.

    Parameters
    ----------
    network
        The shape of all networks. What pays is what fits into the nearest cache: a few hundred parameters, times
        activations for a few dozen samples.
    starts
        Shape (count, n), float32 or float64: a parameter vector a row. Not changed.
    batch
        At least one sample, of the dtype of the starts, in any memory layout.
    training
        The optimizer, its settings and the number of steps, the same for all.
    solved_below
        A training ends with the first step after which its loss is at most this number, at least 0.
    threads
        How many threads train, at least 1.
    progress
        Called now and then, by the thread that called this function, with the share of the work that is done, rising
        to 1.

    Raises
    ------
    InvalidValue
        Where shapes or dtypes do not fit, the sample weights sum to 0, or a number is none of these.
    """
    starts = _checked_starts(network, starts)
    shape = None
    if solved_below is None and use_population(network, len(batch), len(starts), training):
        shape = shape_of(network, len(batch))
    return _train(network, starts, batch, training, shape, solved_below, threads, progress)


def train_many_fast(
    network: Network,
    starts: Array,
    batch: Batch,
    training: Training,
    *,
    threads: int = 1,
    progress: Callable[[float], None] | None = None,
) -> Ends:
    """Train one network from each of many starts with a rational tanh and logistic: about twice as fast, less accurate.

    The rational tanh is right to 6 units in the last place of float32, may exceed 1 by one of them, and is no more
    accurate in float64; the logistic is made of it: see `symtests.kernels.elementary.rational_tanh`. Ends are not those
    of `symtests.kernels.train`, but no more depend on the other starts, their number or the threads than they do in
    `train_many`. The losses are the accurate ones of the ends.

    Arguments and errors are those of `train_many`.

    Raises
    ------
    InvalidValue
        Also where the optimizer is not sgd, the loss is softmax_cross_entropy, or the network is not small.
    """
    starts = _checked_starts(network, starts)
    reason = obstacle(network, len(batch), training)
    if reason:
        raise InvalidValue(f"network={network.sizes}: there is no fast form of it, {reason}; use train_many")
    shape = shape_of(network, len(batch), fast=True)
    return _train(network, starts, batch, training, shape, None, threads, progress)


def _train(
    network: Network,
    starts: Array,
    batch: Batch,
    training: Training,
    shape: PopulationShape | None,
    solved_below: float | None,
    threads: int,
    progress: Callable[[float], None] | None,
) -> Ends:
    """Train with the kernel for the shape, or with the general one where that is None."""
    dtype = starts.dtype.newbyteorder("=")
    samples = samples_of(network, batch, dtype)
    threshold = math.nan if solved_below is None else real_in("solved_below", solved_below, 0.0, math.inf)
    threads = integer_at_least("threads", threads, 1)
    lanes = block_lanes(dtype)
    blocks = _in_blocks(starts, lanes, dtype)
    solved, losses = np.empty(len(blocks) * lanes, np.int64), aligned(len(blocks) * lanes, dtype)
    # Here and not in a thread: where a function is cached depends on settings that are Numba's, and not a thread's.
    kernel = None if shape is None else compiled(shape)
    work = _Work(
        layers_of(network), settings_of(training), training.steps, threshold, samples, kernel, blocks, solved, losses,
        max(1, _PART // _step_cost(network, len(batch), lanes)), meeting_point(),
    )  # fmt: skip
    done = 0
    parts = even_parts(network, training, len(batch), len(blocks), lanes, threads)
    with closing(_finished(work, parts, threads)) as finished:  # it ends the threads where progress raises
        for part in finished:
            done += part
            if progress is not None:
                progress(done / len(blocks))
    ends = blocks.transpose(0, 2, 1).reshape(-1, network.parameter_count)[: len(starts)]
    return Ends(ends, losses[: len(starts)], None if solved_below is None else solved[: len(starts)])


@dataclass(frozen=True, eq=False)
class _Work:
    """All that is trained; a part of it is some blocks in a row.

    `few_steps` of a block take some hundredths of a second; nobody goes on long after `meeting` is given up.
    """

    layers: Layers
    settings: Settings
    steps: int
    threshold: float
    samples: Samples
    kernel: Callable[[Array, Array, Array, int, int], None] | None
    blocks: Array
    solved: Counts
    losses: Array
    few_steps: int
    meeting: Meeting

    def train(self, first: int, stop: int) -> int:
        """Train the blocks from ``first`` on, up to ``stop``, in memory of its own; return how many that were."""
        try:
            return self._trained(first, stop)
        except BaseException:
            give_up(self.meeting)
            raise

    def _trained(self, first: int, stop: int) -> int:
        _, count, lanes = self.blocks.shape
        size, dtype = count * lanes, self.blocks.dtype
        networks = slice(first * lanes, stop * lanes)
        parameters, steps = self.blocks[first:stop].reshape(-1), self.steps
        if self.kernel is not None:
            data = np.concatenate([self.samples.x, self.samples.y, self.samples.scales])
            rate = np.array([-self.settings.learning_rate], dtype)
            while steps > 0 and not is_given_up(self.meeting):  # it looks at nothing itself
                taken = min(steps, self.few_steps)
                self.kernel(parameters, data, rate, taken, stop - first)
                steps -= taken
            steps = 0  # what is left are the losses
        take_steps_together(
            self.layers,
            self.settings,
            steps,
            self.threshold,
            parameters,
            self.samples,
            self._workspace(lanes, size),
            aligned(size, dtype),
            aligned(size, dtype),
            aligned(lanes, dtype),
            self.solved[networks],
            self.losses[networks],
            self.meeting,
        )
        return stop - first

    def _workspace(self, lanes: int, size: int) -> Workspace:
        samples, dtype = self.samples.weights.size, self.blocks.dtype
        units = samples * lanes * int(self.layers.sizes[1:].sum())
        hidden = units - self.samples.y.size * lanes
        return Workspace(*(aligned(elements, dtype) for elements in (units, hidden, units, size, size)))


def _checked_starts(network: Network, starts: Array) -> Array:
    starts = np.asarray(starts)
    if starts.ndim != 2 or starts.shape[1] != network.parameter_count:
        raise InvalidValue(
            f"starts=<array of shape {starts.shape}>: must have shape (count, {network.parameter_count}), a parameter "
            "vector a row"
        )
    if starts.dtype.name not in DTYPES:
        raise InvalidValue(f"starts=<{starts.dtype}>: must be float32 or float64; use astype")
    return starts


def _in_blocks(starts: Array, lanes: int, dtype: np.dtype[Any]) -> Array:
    """Return a copy of the starts, shape (blocks, n, lanes); what is left of the last block repeats the last start."""
    count, size = starts.shape
    blocks = -(-count // lanes)
    copy = aligned(blocks * size * lanes, dtype).reshape(blocks, size, lanes)
    whole = count // lanes
    copy[:whole] = starts[: whole * lanes].reshape(whole, lanes, size).transpose(0, 2, 1)
    if whole < blocks:
        left = np.minimum(np.arange(whole * lanes, blocks * lanes), count - 1)
        copy[whole] = starts[left].T
    return copy


def even_parts(
    network: Network, training: Training, samples: int, blocks: int, lanes: int, threads: int
) -> list[tuple[int, int]]:
    """Divide the blocks into even parts of some hundredths of a second, as many for each thread."""
    cost = (training.steps + 1) * _step_cost(network, samples, lanes)
    size = max(1, _PART // cost, blocks // _MOST_PARTS)
    each = -(-blocks // (size * threads))
    count = min(blocks, each * threads)
    return [(blocks * part // count, blocks * (part + 1) // count) for part in range(count)]


def _step_cost(network: Network, samples: int, lanes: int) -> int:
    """Return how many network-steps of XOR's size a step of a block takes."""
    return lanes * max(1, network.parameter_count * samples // 36)


def _finished(work: _Work, parts: list[tuple[int, int]], threads: int) -> Generator[int, None, None]:
    """Do the parts and yield the number of blocks of each when it is done."""
    if threads == 1 or len(parts) < 2:
        for part in parts:
            yield work.train(*part)
        return
    with pool_of(min(threads, len(parts))) as pool:
        waiting: set[Future[int]] = set()
        try:
            for part in parts:
                waiting.add(pool.submit(work.train, *part))
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        except BaseException:  # a part failed, or the caller was interrupted or went on without the rest
            give_up(work.meeting)
            for future in waiting:
                future.cancel()
            raise
