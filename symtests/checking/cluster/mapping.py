"""One function of many items on a Dask cluster, each result as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any, Final, TypeVar

from distributed import Client, as_completed

from symtests.checking.cluster.local import LOCAL, local_cluster
from symtests.validation import InvalidValue

__all__ = ["results_of"]

_REACHED: Final = 30.0

Item = TypeVar("Item")
Result = TypeVar("Result")


def results_of(address: str, function: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
    """Give the results of a function for many items, in the order in which workers of a cluster find them.

    A task whose worker dies is done again on another one. Whoever asks keeps each result as it comes, so that nothing
    is lost with the scheduler.

    Parameters
    ----------
    address
        Of the scheduler, or ``local`` for a cluster on this machine.
    function
        One of symtests' own, which the workers import.
    items
        Plain data.

    Raises
    ------
    InvalidValue
        Where the cluster cannot be reached, or loses its scheduler.
    """
    with ExitStack() as stack:
        try:
            target: Any = address
            if address == LOCAL:
                target = stack.enter_context(local_cluster())
            client = stack.enter_context(Client(target, timeout=_REACHED, set_as_default=False))
            client.wait_for_workers(1, timeout=_REACHED)
        except (OSError, TimeoutError, ValueError) as error:
            raise InvalidValue(f"scheduler={address!r}: cannot be used ({error})") from None
        futures = client.map(function, items, pure=False)
        for future in as_completed(futures, loop=client.loop):
            if future.status == "cancelled":
                raise InvalidValue(f"scheduler={address!r}: does not answer any more; ask the same again to go on")
            yield future.result()
            future.release()
