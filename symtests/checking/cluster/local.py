"""A cluster of processes of this machine, started for one run; Dask's own bookkeeping is turned down for it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

import dask
from distributed import LocalCluster

__all__ = ["LOCAL", "local_cluster"]

LOCAL: Final = "local"
"""Name of such a cluster where the address of a scheduler is asked for."""
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


def local_cluster(workers: int | None = None) -> LocalCluster:
    """Start a scheduler, and workers of one thread each.

    Parameters
    ----------
    workers
        How many; as many as there are cores unless given.
    """
    with dask.config.set(_QUIET):
        return LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=None, memory_limit=0,
            silence_logs=logging.CRITICAL,
        )  # fmt: skip
