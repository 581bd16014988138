"""Child processes whose libraries use one thread each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["ONE_THREAD", "with_one_thread"]

ONE_THREAD: Final[Mapping[str, str]] = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
"""What keeps the usual libraries of linear algebra from starting threads of their own."""


def with_one_thread(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which libraries use one thread, unless it says how many.

    Processes run beside each other on all cores already; more threads only wait for one another.
    """
    return {**ONE_THREAD, **environment}
