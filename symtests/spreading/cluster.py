"""A Dask cluster: reached or refused in a sentence; nothing here is imported unless a scheduler is named."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

import dask
from distributed import Client, Future, LocalCluster

from symtests.spreading.hosts import differing, host
from symtests.validation import InvalidValue

__all__ = ["LOCAL", "Reached"]

LOCAL: Final = "local"
"""Name of a cluster of processes of this machine, started for one run."""
_REACHED: Final = 30.0
"""Seconds that a scheduler may take to answer, and a first worker to come."""
_QUIET: Final[Mapping[str, Any]] = {
    "distributed.admin.system-monitor.disk": False,
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.admin.tick.cycle": "5s",
    "distributed.admin.tick.interval": "1s",
    "distributed.diagnostics.nvml": False,
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.worker.profile.enabled": False,
}
"""Each process of Dask looks at itself up to a hundred times a second, for a dashboard that nobody opens here."""


class Reached:
    """A cluster that answers and has at least one worker.

    Parameters
    ----------
    address
        Of the scheduler, as in ``tcp://host:8786``, or `LOCAL`.
    workers
        How many a local cluster has, each of one thread.

    Raises
    ------
    InvalidValue
        Where there is no such scheduler, or no worker.
    """

    def __init__(self, address: str, workers: int) -> None:
        self.address = address
        self._cluster: LocalCluster | None = None
        self._client: Client | None = None
        for logger in ("distributed", "tornado"):  # what they say of a lost worker, progress and sentences say
            logging.getLogger(logger).setLevel(logging.CRITICAL)
        try:
            if address == LOCAL:
                self._cluster = _local_cluster(workers)
            self._client = Client(self._cluster or address, timeout=_REACHED, set_as_default=False)
            self._client.wait_for_workers(1, timeout=_REACHED)
        except (OSError, TimeoutError, ValueError) as error:
            self.close()
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise InvalidValue(
                f"scheduler={address!r}: cannot be used ({said}); start `dask scheduler`, and on each machine "
                f"`dask worker {address}`"
            ) from None

    @property
    def client(self) -> Client:
        """The connection to it."""
        assert self._client is not None
        return self._client

    def require_same_hosts(self) -> None:
        """See that all workers work with what this machine works with.

        Raises
        ------
        InvalidValue
            Where one does not, or cannot load symtests.
        """
        here = host()
        try:
            found = self.client.run(host)
        except Exception as error:  # whatever the import there may raise
            raise InvalidValue(
                f"scheduler={self.address!r}: a worker cannot load symtests ({type(error).__name__}: {error}); "
                f"install symtests {here.symtests} with its extra 'cluster' on each, for Python {here.python}"
            ) from None
        for worker, there in found.items():
            if there != here:
                raise InvalidValue(f"scheduler={self.address!r}: {differing(worker, there, here)}")

    def submit(self, function: Callable[..., Any], *arguments: Any, key: str) -> Future:
        """Have a function called by whichever worker is free.

        What is called is packed, as the scheduler reads a task too, and need have none of the modules of the workers.
        """
        return self.client.submit(_call(), pickle.dumps((function, arguments)), key=key, pure=False)

    def close(self) -> None:
        """End the connection, and a local cluster."""
        with suppress(Exception):
            if self._client is not None:
                self._client.close(timeout=5)
        with suppress(Exception):
            if self._cluster is not None:
                self._cluster.close(timeout=10)


def _call() -> Callable[[bytes], Any]:
    """Return a function that travels as code, and not by its name, because it has none."""

    def call(packed: bytes) -> Any:
        from pickle import loads

        function, arguments = loads(packed)
        return function(*arguments)

    return call


def _local_cluster(workers: int) -> LocalCluster:
    with dask.config.set(_QUIET):
        return LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=None, memory_limit=0,
            silence_logs=logging.CRITICAL,
        )  # fmt: skip
