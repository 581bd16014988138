"""One function of many items on a Dask cluster; nothing here is imported unless a scheduler is named."""

from __future__ import annotations

import secrets
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar

from distributed import Client, Future, as_completed
from distributed.diagnostics.plugin import WorkerPlugin
from distributed.scheduler import KilledWorker

from symtests.spreading.cluster import Reached
from symtests.spreading.luggage import Luggage
from symtests.spreading.place import AHEAD, ClusterLost, Place

__all__ = ["by_cluster"]

_ROUNDS: Final = 3
"""How often a task is given out whose workers die: each time, the scheduler itself tries several workers."""
_FETCH: Final = 60.0
"""Seconds that the fetch of a result may take; its worker may have died, so that the task is done again."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Unpacked(WorkerPlugin):  # type: ignore[misc]
    """Files on a worker, in a folder in which it looks for modules."""

    def __init__(self, name: str, luggage: Luggage) -> None:
        self.name, self._luggage = name, luggage

    def setup(self, worker: Any) -> None:
        """Unpack the files."""
        self._folder = Path(worker.local_directory).resolve() / self.name
        self._luggage.unpack(self._folder)
        sys.path.insert(0, str(self._folder))

    def teardown(self, worker: Any) -> None:  # noqa: ARG002 - Dask hands it over
        """Remove them."""
        with suppress(ValueError):
            sys.path.remove(str(self._folder))
        shutil.rmtree(self._folder, ignore_errors=True)


def by_cluster(function: Callable[[Item], Result], items: Iterable[Item], place: Place) -> Iterator[Result]:
    """Give the results of a function for many items: see `symtests.spreading.place.results_of`."""
    assert place.scheduler is not None
    reached = Reached(place.scheduler, place.processes)
    name = f"symtests-{secrets.token_hex(6)}"
    try:
        reached.require_same_hosts()
        if place.luggage is not None:
            reached.client.register_plugin(_Unpacked(name, place.luggage), name=name)
        yield from _results(function, items, reached, name)
    finally:
        with suppress(Exception):
            if place.luggage is not None and reached.client.status == "running":
                reached.client.unregister_worker_plugin(name)
        reached.close()


def _results(
    function: Callable[[Item], Result], items: Iterable[Item], reached: Reached, name: str
) -> Iterator[Result]:
    waiting, client = iter(items), reached.client
    completed = as_completed(loop=client.loop)
    running: dict[str, tuple[Item, int, Future]] = {}
    numbers = 0

    def submit(item: Item, round_: int) -> None:
        nonlocal numbers
        numbers += 1
        future = reached.submit(function, item, key=f"{name}-{numbers}")
        running[future.key] = item, round_, future
        completed.add(future)

    while True:
        for item in islice(waiting, max(0, AHEAD * _threads(client) - len(running))):
            submit(item, 1)
        if not running:
            return
        future = next(completed)
        if future.status == "cancelled":
            raise ClusterLost(f"the scheduler {reached.address} does not answer any more")
        item, round_, _ = running[future.key]
        try:
            result = future.result(timeout=_FETCH)
        except KilledWorker as error:
            if round_ == _ROUNDS:
                raise ClusterLost(f"the workers that did a task died, again and again ({error})") from None
            del running[future.key]
            submit(item, round_ + 1)
            continue
        except TimeoutError:
            completed.add(future)
            continue
        del running[future.key]
        yield result


def _threads(client: Client) -> int:
    """Return how many tasks are done at a time; 1 while there is no worker, or no answer."""
    with suppress(Exception):
        return max(1, sum(client.nthreads().values()))
    return 1
