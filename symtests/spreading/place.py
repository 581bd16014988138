"""Where tasks are done: one function of many items, by processes of this machine or by a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from multiprocessing import get_context
from typing import Final, TypeVar

from symtests.spreading.luggage import Luggage
from symtests.validation import InvalidValue

__all__ = ["AHEAD", "ClusterLost", "Place", "require_dask", "results_of"]

AHEAD: Final = 2
"""Tasks for each process that are given out at a time: few, so that little is lost where a run is stopped."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class ClusterLost(Exception):
    """The cluster cannot go on with a run; what was found is kept. The message says what to do."""


@dataclass(frozen=True)
class Place:
    """Where tasks are done.

    Parameters
    ----------
    processes
        How many of this machine, or of how many workers a local cluster is.
    scheduler
        Of a Dask cluster, as in ``tcp://host:8786``, or ``local``; None for processes alone.
    luggage
        Files that go along to a cluster, to a folder in which its workers then look for modules.
    """

    processes: int = 1
    scheduler: str | None = None
    luggage: Luggage | None = None


def results_of(function: Callable[[Item], Result], items: Iterable[Item], place: Place) -> Iterator[Result]:
    """Give the results of a function for many items, in the order in which they are found.

    Whoever asks keeps each result as it comes, so that nothing is lost where a run is stopped. On a cluster, a task
    whose worker dies is done again on another one.

    Parameters
    ----------
    function
        One that the processes can import.
    items
        Plain data. They are taken as they are needed, so that who gives them may stop at any time.
    place
        Where it is done.

    Raises
    ------
    InvalidValue
        Where the cluster cannot be reached, or works with something else than this machine.
    ClusterLost
        Where the cluster is lost.
    """
    if place.scheduler is None:
        yield from _by_processes(function, items, place.processes)
        return
    require_dask(place.scheduler)
    from symtests.spreading.on_cluster import by_cluster  # loads Dask

    yield from by_cluster(function, items, place)


def require_dask(scheduler: str) -> None:
    """Refuse a scheduler in a sentence where Dask is not installed."""
    if find_spec("distributed") is None:
        raise InvalidValue(f"scheduler={scheduler!r}: needs Dask; run pip install 'symtests[cluster]'")


def _by_processes(function: Callable[[Item], Result], items: Iterable[Item], processes: int) -> Iterator[Result]:
    waiting = iter(items)
    running: set[Future[Result]] = set()
    # Started afresh, as on every system: a process that is copied while threads run may hang.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        try:
            while True:
                running |= {pool.submit(function, item) for item in islice(waiting, AHEAD * processes - len(running))}
                if not running:
                    return
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        finally:
            for future in running:
                future.cancel()
