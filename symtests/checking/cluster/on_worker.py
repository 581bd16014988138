"""What a worker of a cluster does: it keeps processes that judge, and gives each task to one of them."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from distributed import get_worker
from distributed.diagnostics.plugin import WorkerPlugin

from symtests.checking.cluster.orders import Order, Outcome
from symtests.checking.events import Doing, Event, Judged, Prepared, Started, StoryTold
from symtests.checking.known.known_failure import KnownFailure
from symtests.checking.processes.assignment import Assignment, Task
from symtests.checking.processes.fleet import Fleet, Limits
from symtests.checking.results.verdict import Verdict
from symtests.checking.selection import find_property
from symtests.spreading.hosts import host
from symtests.spreading.luggage import Luggage
from symtests.validation import InvalidValue
from symtests.vectors import vector_properties as vector_properties

__all__ = ["Judges", "do"]

_NEVER: Final = 2**31
"""Lost checks after which a worker gives an implementation up: who gave the tasks out counts them over all workers."""

_BETWEEN: Final = 0.5
"""Seconds between two messages of what is being done, each of which passes through the scheduler."""


class Judges(WorkerPlugin):  # type: ignore[misc]
    """Processes that judge, on one worker: they are kept from task to task, as far as there are threads.

    Parameters
    ----------
    name
        Of the run; the plugin and the topic of its messages are called so.
    setup, limits
        What each process is told at its start, and how long a call may take.
    luggage, folder
        Files that are unpacked where the processes run, and the folder from which they come: its path stands in the
        scripts of counterexamples.
    """

    def __init__(self, name: str, setup: Mapping[str, Any], limits: Limits, luggage: Luggage, folder: str) -> None:
        self.name = name
        self._told = dict(setup)
        self._limits = replace(limits, lost_checks=_NEVER)
        self._luggage, self._from = luggage, folder

    def setup(self, worker: Any) -> None:
        """Unpack the files."""
        self._lock = threading.Lock()
        self._idle: list[tuple[Order, Assignment, Fleet]] = []
        self._busy: set[Fleet] = set()
        self._threads = worker.state.nthreads
        self.folder = Path(worker.local_directory).resolve() / self.name
        self._luggage.unpack(self.folder)

    def teardown(self, worker: Any) -> None:  # noqa: ARG002 - Dask hands it over
        """End all processes."""
        with self._lock:
            fleets = [*(fleet for *_, fleet in self._idle), *self._busy]
            self._idle.clear()
        for fleet in fleets:
            fleet.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def do(self, order: Order, worker: Any) -> Outcome:
        """Do a task in a process of this worker."""
        outcome = Outcome(order.number, worker.address, host())
        assignment, fleet = self._take(order)
        try:
            if assignment.capabilities is None:
                fleet.survey()
            if assignment.capabilities is None:
                failure = None if assignment.failure is None else asdict(assignment.failure)
                fleet.close()
                return replace(outcome, failure=failure)
            if order.dtypes and not assignment.dtypes:
                assignment.dtypes = order.dtypes
            outcome = replace(
                outcome, version=assignment.version, fingerprint=assignment.fingerprint,
                capabilities=assignment.capabilities.to_json(), remark=assignment.remark,
            )  # fmt: skip
            if order.dtype:
                assignment.tasks.append(self._task(order))
                outcome = replace(outcome, events=tuple(self._events(fleet, worker)))
            self._give_back(order, assignment, fleet)
        except InvalidValue as error:
            fleet.close()
            return replace(outcome, unusable=str(error))
        except BaseException:
            fleet.close()
            raise
        finally:
            self._busy.discard(fleet)
        return outcome

    def _take(self, order: Order) -> tuple[Assignment, Fleet]:
        """Return a process that has judged the implementation before, or a new one; it makes room for a new one."""
        with self._lock:
            for place, (earlier, assignment, fleet) in enumerate(self._idle):
                if earlier.name == order.name and (not assignment.dtypes or assignment.dtypes == order.dtypes):
                    del self._idle[place]
                    self._busy.add(fleet)
                    return assignment, fleet
            leaving = [self._idle.pop(0)] if len(self._idle) + len(self._busy) >= self._threads and self._idle else []
        for *_, fleet in leaving:
            fleet.close()
        assignment = Assignment(order.name, location=order.location)
        fleet = Fleet([assignment], self._told, self._limits, 1, self.folder)
        with self._lock:
            self._busy.add(fleet)
        return assignment, fleet

    def _give_back(self, order: Order, assignment: Assignment, fleet: Fleet) -> None:
        if assignment.failure is not None:  # the next task begins anew
            fleet.close()
            return
        with self._lock:
            self._idle.append((order, assignment, fleet))

    def _task(self, order: Order) -> Task:
        if not order.reference:
            return Task(order.dtype)
        own = ":" in order.reference and not order.reference.startswith(vector_properties.PREFIX)
        if own and str(self.folder) not in sys.path:
            sys.path.append(str(self.folder))
        known = None if order.known is None else KnownFailure.from_json(order.known)
        return Task(order.dtype, order.reference, find_property(order.reference), known=known)

    def _events(self, fleet: Fleet, worker: Any) -> list[Prepared | Judged | StoryTold]:
        """Judge; tell at once what begins, and return what was found."""
        found: list[Prepared | Judged | StoryTold] = []
        told = 0.0
        for event in fleet.judge():
            if isinstance(event, Started) or (isinstance(event, Doing) and time.monotonic() > told + _BETWEEN):
                told = time.monotonic()
                worker.log_event(self.name, _message(event, worker.address))
            elif isinstance(event, Judged):
                found.append(Judged(self._as_there(event.verdict)))
            elif isinstance(event, (Prepared, StoryTold)):
                found.append(event)
        return found

    def _as_there(self, verdict: Verdict) -> Verdict:
        """Return a verdict whose script speaks of the folder from which the files come."""
        if verdict.counterexample is None:
            return verdict
        here, there = ascii(str(self.folder))[1:-1], ascii(self._from)[1:-1]
        script = verdict.counterexample.script.replace(here, there)
        return replace(verdict, counterexample=replace(verdict.counterexample, script=script))


def _message(event: Event, address: str) -> dict[str, Any]:
    if isinstance(event, Started):
        return {"type": "started", "worker": address, **asdict(event.check)}
    assert isinstance(event, Doing)
    return {"type": "doing", "worker": address, **asdict(event)}


def do(name: str, order: Order) -> Outcome:
    """Do a task of a run on the worker that this is called on."""
    worker = get_worker()
    judges: Judges = worker.plugins[name]
    return judges.do(order, worker)
