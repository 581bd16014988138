"""The connection to a Dask cluster: reached or refused in a sentence, and watched while it is used."""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from distributed import Client, Future, LocalCluster
from distributed.scheduler import KilledWorker

from symtests.checking.cluster.local import LOCAL, local_cluster
from symtests.checking.cluster.on_worker import Judges, do
from symtests.checking.cluster.orders import ClusterLost, Order, Outcome, host
from symtests.validation import InvalidValue

__all__ = ["Connection", "Died"]

_REACHED: Final = 30.0
"""Seconds that a scheduler may take to answer, and a first worker to come."""
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
        self._cluster: LocalCluster | None = None
        self._answers: queue.SimpleQueue[Future | Mapping[str, Any]] = queue.SimpleQueue()
        self._orders: dict[str, Order] = {}
        self._futures: dict[str, Future] = {}
        self._name = ""
        self.workers = 0
        self._counted = self._seen = time.monotonic()
        for logger in ("distributed", "tornado"):  # what they say of a lost worker, progress and sentences say
            logging.getLogger(logger).setLevel(logging.CRITICAL)
        try:
            if address == LOCAL:
                self._cluster = local_cluster(processes)
            self._client = Client(self._cluster or address, timeout=_REACHED, set_as_default=False)
            self._client.wait_for_workers(1, timeout=_REACHED)
        except (OSError, TimeoutError, ValueError) as error:
            self.close()
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise InvalidValue(
                f"scheduler={address!r}: cannot be used ({said}); start `dask scheduler`, and on each machine "
                f"`dask worker {address}`"
            ) from None

    def begin(self, judges: Judges) -> None:
        """See that all workers check with the same, and have them ready; those that come later are readied too.

        Raises
        ------
        InvalidValue
            Where one does not.
        """
        self._name = judges.name
        here = host()
        try:
            found = self._client.run(host)
            for worker, there in found.items():
                if there != here:
                    raise InvalidValue(f"scheduler={self._address!r}: {differing(worker, there, here)}")
            self._client.register_plugin(judges, name=self._name)
        except InvalidValue:
            raise
        except Exception as error:  # whatever the import there may raise
            raise InvalidValue(
                f"scheduler={self._address!r}: a worker cannot load symtests ({type(error).__name__}: {error}); "
                f"install symtests {here.symtests} with its extra 'cluster' on each, for Python {here.python}"
            ) from None
        self._client.subscribe_topic(self._name, self._heard)
        self._count(at_once=True)

    def submit(self, order: Order, attempt: int = 1) -> None:
        """Have a task done by whichever worker is free."""
        key = f"{self._name}-{order.number}-{attempt}"
        self._orders[key] = order
        future = self._client.submit(do, self._name, order, key=key, pure=False)
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
        client: Client | None = getattr(self, "_client", None)
        with suppress(Exception):
            if client is not None and client.status == "running":
                client.cancel(list(self._futures.values()), force=True)
                if self._name:
                    client.unregister_worker_plugin(self._name)
        self._futures.clear()
        with suppress(Exception):
            if client is not None:
                client.close(timeout=5)
        with suppress(Exception):
            if self._cluster is not None:
                self._cluster.close(timeout=10)

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


def differing(worker: str, there: Any, here: Any) -> str:
    """Return the sentence on a worker that checks with something else."""
    for name, what in (("python", "Python"), ("symtests", "symtests")):
        if getattr(there, name) != getattr(here, name):
            return (
                f"the worker {worker} has {what} {getattr(there, name)}, and this machine {getattr(here, name)}; they "
                "would not check the same: install the same on both"
            )
    return (
        f"the worker {worker} has other code of symtests than this machine, or other versions of NumPy, Numba or "
        "Hypothesis; they would not check the same: install the same on both"
    )
