"""How long a diagnosis may think: as much work on a slow or busy machine as on a fast one."""

from __future__ import annotations

import time
from typing import Final

import numpy as np

__all__ = ["Clock"]

_ROUNDS: Final = 400
"""Of the work by which the pace of a machine is measured: products and functions of small arrays, as in the search."""
_USUAL: Final = 0.0009
"""Seconds of computing that these rounds take where the budgets were chosen."""
_SLOWEST: Final = 8.0
"""A budget is stretched by no more than this factor."""
_LEFT: Final = np.full((4, 4), 0.25)
_RIGHT: Final = np.full((4, 8), 0.5)


class Clock:
    """Tells when the search for a cause has to end.

    A processor that is shared or slow takes longer for the same work, also in processor time. So a measured piece of
    work sets the pace, and the budget is stretched by how much longer it takes here; it is never shortened.

    Parameters
    ----------
    seconds
        Budget, in seconds of computing of this thread on the machine where the budgets were chosen.
    """

    def __init__(self, seconds: float) -> None:
        stretch = min(max(_pace() / _USUAL, 1.0), _SLOWEST)
        self._deadline = time.thread_time() + seconds * stretch

    @property
    def is_over(self) -> bool:
        """Whether the budget is used up."""
        return time.thread_time() > self._deadline


def _pace() -> float:
    """Return the seconds of computing that the measured work takes now."""
    started = time.thread_time()
    for _ in range(_ROUNDS):
        np.tanh(_LEFT @ _RIGHT).sum()
    return time.thread_time() - started
