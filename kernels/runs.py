"""One run of the compiled training loop: the memory that it works on, and who takes part."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from symtests.batch import Batch
from symtests.float_json import Array
from symtests.kernels.arrays import layers_of, layout_of, memory_for
from symtests.kernels.optimizers import Settings, settings_of
from symtests.kernels.team import team
from symtests.kernels.threads import useful_threads
from symtests.kernels.train import PARAMETERS, Schedule, take_steps
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

__all__ = ["Run"]

_NO_ORDER: Final = np.empty(0, np.int64)
_NO_STEPS: Final = settings_of(Training(steps=0))


class Run:
    """The memory of one call: parameters and samples are copied in, results are copied out.

    Parameters
    ----------
    network, parameters
        What is run, and where it starts.
    samples
        How many samples there are.
    batch_size
        How many of them pass through the network at once; 0 for all of them, as they lie.
    threads
        How many may share the work.
    least_work
        See `symtests.kernels.threads.useful_threads`.
    """

    def __init__(
        self, network: Network, parameters: Parameters, samples: int, batch_size: int, threads: int, least_work: int
    ) -> None:
        vector = parameters.vector
        dtype = vector.dtype.newbyteorder("=")
        self.threads = threads = useful_threads(network, batch_size or samples, threads, least_work)
        self._network, self._samples, self._batch_size = network, samples, batch_size
        self._memory = memory_for(layout_of(network, samples, batch_size, dtype.itemsize, threads), dtype)
        self._memory.parameters[...] = vector
        self._equal_weights = True

    def write(self, name: str, table: Array) -> None:
        """Copy a table into the part of this name, whatever its memory layout."""
        getattr(self._memory, name).reshape(table.shape)[...] = table

    def write_samples(self, batch: Batch) -> None:
        """Copy all samples."""
        self.write("x", batch.x)
        self.write("y", batch.y)
        self._equal_weights = batch.sample_weights is None
        self._memory.weights[...] = 1 if batch.sample_weights is None else batch.sample_weights

    def look(self, wanted: int) -> float:
        """Compute what is wanted, as `symtests.kernels.train.Schedule` says, and return the loss."""
        return self._take_steps(_NO_STEPS, 0, wanted, [_NO_ORDER])

    def train(self, training: Training) -> None:
        """Take the steps of the training from a fresh optimizer state; each takes all samples."""
        self._memory.mean[...] = self._memory.square[...] = 0
        self._take_steps(settings_of(training), training.steps, PARAMETERS, [_NO_ORDER])

    def train_epochs(self, training: Training, orders: Iterable[npt.NDArray[np.int64]]) -> None:
        """Take a step for each batch of each epoch, from a fresh optimizer state; an order lists an epoch's samples."""
        self._memory.mean[...] = self._memory.square[...] = 0
        self._take_steps(settings_of(training), None, PARAMETERS, orders)

    def _take_steps(
        self, settings: Settings, steps: int | None, wanted: int, orders: Iterable[npt.NDArray[np.int64]]
    ) -> float:
        """Go through the orders with one state of the optimizer; without a number of steps, take one a batch."""
        threads, layers, loss = self.threads, layers_of(self._network), 0.0
        powers = np.ones(2 * threads)
        with team(threads) as in_each_thread:
            for order in orders:
                count = -(-order.size // self._batch_size) if steps is None else steps
                schedule = Schedule(count, self._batch_size, self._equal_weights, wanted, threads)
                shared = self._memory, order, powers
                loss = in_each_thread(partial(take_steps, layers, settings, schedule, *shared))
        return float(loss)

    def parameters(self, name: str) -> Parameters:
        """Return a copy of the parameters, or of their gradient."""
        return Parameters(self._network, getattr(self._memory, name).copy())

    def inputs(self) -> Array:
        """Return a copy of the inputs, shape (N, n_0)."""
        return self._memory.x.reshape(self._samples, -1).copy()

    def outputs(self) -> Array:
        """Return a copy of the linear outputs z_L, shape (N, m)."""
        width = self._network.sizes[-1]
        return self._memory.pre_activations[-self._samples * width :].reshape(self._samples, width).copy()

    def tables(self, name: str) -> tuple[Array, ...]:
        """Return copies of what a part holds of each layer, shape (N, n_l)."""
        part, tables, start = getattr(self._memory, name), [], 0
        for width in self._network.sizes[1:]:
            if start < part.size:
                stop = start + self._samples * width
                tables.append(part[start:stop].reshape(self._samples, width).copy())
                start = stop
        return tuple(tables)
