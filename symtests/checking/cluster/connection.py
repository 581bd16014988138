"""The connection to a Dask cluster: reached or refused in a sentence, and watched while it is used."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from distributed import Future
from distributed.scheduler import KilledWorker

from symtests.checking.cluster.on_worker import Judges, do
from symtests.checking.cluster.orders import Order, Outcome
from symtests.spreading.cluster import Reached
from symtests.spreading.place import ClusterLost

__all__ = ["Connection", "Died"]

_WITHOUT_WORKERS: Final = 600.0
"""Seconds without any worker after which a run ends."""
_LOOK: Final = 0.5
_COUNT: Final = 2.0
"""Seconds between two looks how many workers there are."""
_FETCH: Final = 60.0
"""Seconds that the fetch of an answer may take; its worker may have died, so that the task is done again."""


class Died(Exception):
    """The workers that did a task have died, several times."""


class Connection:
    """A cluster while one run uses it.

    Parameters
    ----------
    address
        Of the scheduler, as in ``tcp://host:8786``, or ``local``.
    processes
        How many workers a local cluster has.

    Raises
    ------
    InvalidValue
        Where there is no such scheduler, no worker, or one that checks with something else than this machine.
    """

    def __init__(self, address: str, processes: int) -> None:
        self._address = address
        self._answers: queue.SimpleQueue[Future | Mapping[str, Any]] = queue.SimpleQueue()
        self._orders: dict[str, Order] = {}
        self._futures: dict[str, Future] = {}
        self._name = ""
        self.workers = 0
        self._counted = self._seen = time.monotonic()
        self._reached = Reached(address, processes)
        self._client = self._reached.client

    def begin(self, judges: Judges) -> None:
        """See that all workers check with the same, and have them ready; those that come later are readied too.

        Raises
        ------
        InvalidValue
            Where one does not.
        """
        self._name = judges.name
        self._reached.require_same_hosts()
        self._client.register_plugin(judges, name=self._name)
        self._client.subscribe_topic(self._name, self._heard)
        self._count(at_once=True)

    def submit(self, order: Order, attempt: int = 1) -> None:
        """Have a task done by whichever worker is free."""
        key = f"{self._name}-{order.number}-{attempt}"
        self._orders[key] = order
        future = self._reached.submit(do, self._name, order, key=key)
        self._futures[key] = future
        future.add_done_callback(self._answers.put)

    def withdraw(self, unwanted: Callable[[Order], bool]) -> list[Order]:
        """Take back the tasks that are not wanted any more; return them."""
        keys = [key for key, order in self._orders.items() if unwanted(order)]
        futures = [self._futures.pop(key) for key in keys]
        withdrawn = [self._orders.pop(key) for key in keys]
        with suppress(Exception):
            self._client.cancel(futures)
        return withdrawn

    @property
    def open_orders(self) -> int:
        """How many tasks have no answer yet."""
        return len(self._orders)

    def next(self) -> Outcome | Mapping[str, Any] | tuple[Order, Died] | None:
        """Wait for an answer, for what a worker says of its work, or half a second.

        A task is told with `Died` where its workers died again and again.

        Raises
        ------
        ClusterLost
            Where the scheduler is gone, or there have been no workers for long.
        """
        self._count()
        try:
            told = self._answers.get(timeout=_LOOK)
        except queue.Empty:
            if self._client.status not in ("running", "connecting"):
                self._lost("does not answer any more")
            return None
        if not isinstance(told, Future):
            return told
        order = self._orders.get(told.key)
        if order is None:  # it was taken back
            return None
        if told.status == "cancelled":
            self._lost("does not answer any more")
        try:
            outcome: Outcome = told.result(timeout=_FETCH)
        except KilledWorker as error:
            self._forget(told.key)
            return order, Died(str(error))
        except TimeoutError:
            told.add_done_callback(self._answers.put)
            return None
        except (OSError, RuntimeError) as error:
            self._lost(f"lost a task ({type(error).__name__}: {error})")
        self._forget(told.key)
        return outcome

    def close(self) -> None:
        """End what the run has on the workers, and the connection."""
        with suppress(Exception):
            if self._client.status == "running":
                self._client.cancel(list(self._futures.values()), force=True)
                if self._name:
                    self._client.unregister_worker_plugin(self._name)
        self._futures.clear()
        self._reached.close()

    def _heard(self, event: tuple[float, Mapping[str, Any]]) -> None:
        self._answers.put(event[1])

    def _forget(self, key: str) -> None:
        del self._orders[key]
        self._futures.pop(key).release()

    def _count(self, *, at_once: bool = False) -> None:
        """Note how many workers there are."""
        now = time.monotonic()
        if not at_once and now < self._counted + _COUNT:
            return
        self._counted = now
        if self._client.status == "running":
            with suppress(Exception):  # a connection that is lost is told by its futures
                self.workers = len(self._client.nthreads())
        if self.workers:
            self._seen = now
        elif now > self._seen + _WITHOUT_WORKERS:
            self._lost(f"has had no worker for {_WITHOUT_WORKERS:.0f} s")

    def _lost(self, how: str) -> None:
        raise ClusterLost(f"the scheduler {self._address} {how}")
