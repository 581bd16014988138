"""Training over mini-batches, epoch after epoch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from symtests.batch import Batch
from symtests.kernels.arguments import check_batch, check_parameters
from symtests.kernels.runs import Run
from symtests.kernels.threads import LEAST_WORK
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training
from symtests.validation import InvalidValue, integer_at_least

__all__ = ["train_in_batches"]

Order = npt.NDArray[np.int64]


def train_in_batches(
    network: Network, parameters: Parameters, data: Batch, training: Training, *,
    batch_size: int, epochs: int, order: npt.ArrayLike | None = None, order_seed: int | None = None,
    threads: int = 1, least_work: int = LEAST_WORK,
) -> Parameters:  # fmt: skip
    """Return the parameters after ``epochs`` passes over the data, one step for each batch of samples.

    An epoch goes through the samples in some order and cuts it into batches of ``batch_size``; the last
    batch takes what is left. The loss of a batch is that of `symtests.network` for its samples alone. The
    optimizer starts from a fresh state and keeps it through all batches and epochs. The bits are those of
    as many calls of `symtests.kernels.train` with one step each, as far as the optimizer has no state.

    Parameters
    ----------
    network, parameters, data, threads, least_work
        As for `symtests.kernels.loss`; none is changed.
    training
        The optimizer and its settings. Its number of steps has no meaning here.
    batch_size
        Samples in a batch, at least 1; the whole data where they are fewer.
    epochs
        How many, at least 0.
    order
        For each epoch the places of its samples, integers of shape (epochs, any number); a place may be
        absent or repeated.
    order_seed
        Instead of an order: epoch after epoch takes ``numpy.random.default_rng(order_seed).permutation(N)``.
        With neither, every epoch takes the samples as they lie.

    Raises
    ------
    InvalidValue
        Where shapes or dtypes do not fit, or all sample weights of a batch are 0.
    """
    dtype = check_parameters(network, parameters)
    check_batch(network, data, dtype)
    batch_size = integer_at_least("batch_size", batch_size, 1)
    orders = _orders(len(data), integer_at_least("epochs", epochs, 0), order, order_seed)
    batch_size = min(batch_size, len(data) if order is None else max(1, np.shape(order)[1]))
    if data.sample_weights is not None:
        orders = _with_weight(orders, data.sample_weights != 0, batch_size)
    run = Run(network, parameters, len(data), batch_size, threads, least_work)
    run.write_samples(data)
    run.train_epochs(training, orders)
    return run.parameters("parameters")


def _orders(samples: int, epochs: int, order: npt.ArrayLike | None, order_seed: int | None) -> Iterator[Order]:
    """Return the order of each epoch; a bad one is refused at once."""
    if order is None:
        if order_seed is None:
            return iter([np.arange(samples)] * epochs)
        random = np.random.default_rng(integer_at_least("order_seed", order_seed, 0))
        return (random.permutation(samples) for _ in range(epochs))
    if order_seed is not None:
        raise InvalidValue(f"order_seed={order_seed}: must be left out where an order is given")
    given = np.asarray(order)
    if given.ndim != 2 or len(given) != epochs or given.dtype.kind not in "iu":
        raise InvalidValue(
            f"order=<{given.dtype} array of shape {given.shape}>: must be integers of shape ({epochs}, samples), "
            "a row for each epoch"
        )
    if given.size and not (given.min() >= 0 and given.max() < samples):
        raise InvalidValue(f"order=<from {given.min()} to {given.max()}>: must lie in 0..{samples - 1}")
    return (np.array(row, np.int64) for row in given)


def _with_weight(orders: Iterator[Order], has_weight: npt.NDArray[np.bool_], batch_size: int) -> Iterator[Order]:
    """Pass on orders whose batches all have a sample with a weight above 0."""
    for order in orders:
        starts = range(0, order.size, batch_size)
        if not all(has_weight[order[start : start + batch_size]].any() for start in starts):
            raise InvalidValue("sample_weights=<all 0 in a batch>: must have a sum above 0 in every batch")
        yield order
