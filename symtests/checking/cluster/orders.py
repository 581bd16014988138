"""What is asked of a worker of a cluster, and what it answers: plain data that both sides can read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from symtests.checking.events import Judged, Prepared, StoryTold
from symtests.spreading.hosts import Host

__all__ = ["Order", "Outcome"]


@dataclass(frozen=True)
class Order:
    """One task: an implementation is looked at, or judged by one property in one dtype, or watched while it learns.

    Parameters
    ----------
    number
        By which the answer is told apart from others.
    name, location
        The implementation, as it is called and as it is found.
    dtypes
        Those in which it is checked; empty while that is unknown, and it is only asked what it is.
    dtype, reference, known
        Of the task; no reference for the learning curves.
    """

    number: int
    name: str
    location: str
    dtypes: tuple[str, ...] = ()
    dtype: str = ""
    reference: str = ""
    known: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Outcome:
    """What a worker answers.

    Parameters
    ----------
    number
        Of the order.
    worker, host
        Who answers.
    version, fingerprint, capabilities, remark
        What the implementation says of itself there; `capabilities` is None where it could not be asked.
    failure
        How its process ended before it said what it is, as the fields of a `Failure`, or None.
    unusable
        Why it cannot be found or made there, or nothing.
    events
        What was found.
    """

    number: int
    worker: str
    host: Host
    version: str = ""
    fingerprint: str = ""
    capabilities: Mapping[str, Any] | None = None
    remark: str = ""
    failure: Mapping[str, Any] | None = None
    unusable: str = ""
    events: tuple[Prepared | Judged | StoryTold, ...] = ()
