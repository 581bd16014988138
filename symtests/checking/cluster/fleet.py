"""The tasks of a check as tasks of a Dask cluster: which are given out, and what becomes of each."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from symtests.checking.cluster.connection import Connection, Died
from symtests.checking.cluster.on_worker import Judges
from symtests.checking.cluster.orders import Order, Outcome
from symtests.checking.events import Check, Doing, Event, Judged, Prepared, Preparing, Started, Waiting, Workers
from symtests.checking.one_check.judge_check import errored
from symtests.checking.one_check.wording import as_sentence, counted
from symtests.checking.processes.assignment import Assignment, Task
from symtests.checking.processes.fleet import Limits
from symtests.checking.results.verdict import OWN_FAULT, Failure
from symtests.implementations.base import Capabilities
from symtests.implementations.misbehaviour import LOST
from symtests.spreading.hosts import differing, host
from symtests.spreading.luggage import Luggage
from symtests.spreading.place import ClusterLost
from symtests.validation import InvalidValue

__all__ = ["ClusterFleet"]

_ROUNDS: Final = 3
"""How often a task is given out whose workers die: each time, the scheduler itself tries several workers."""


class ClusterFleet:
    """The workers of a cluster, which judge the checks of several implementations.

    Each check is a task of its own, in a process that its worker kills at its time limit. A worker that dies costs what
    it was doing, which the scheduler has done again elsewhere; an answer counts once.

    Parameters
    ----------
    assignments
        The implementations, found by name.
    setup, limits
        What the processes that judge are told at their start, and how long a call may take.
    address, processes
        Of the scheduler, or ``local``, and then of how many workers.
    luggage
        The files that go along.
    """

    def __init__(
        self,
        assignments: Sequence[Assignment],
        setup: Mapping[str, Any],
        limits: Limits,
        address: str,
        processes: int,
        luggage: Luggage,
    ) -> None:
        self._candidates = {assignment.name: assignment for assignment in assignments}
        self._setup = dict(setup)
        self._limits = limits
        self._luggage = luggage
        self._numbers = 0
        self._surveys: dict[int, Assignment] = {}
        self._tasks: dict[int, tuple[Assignment, Task]] = {}
        self._attempts: Counter[int] = Counter()
        self._lost: Counter[str] = Counter()
        self._workers = 0
        self._connection = Connection(address, processes)

    def survey(self) -> None:
        """Have each implementation imported by a worker, and note what it says of itself.

        Raises
        ------
        InvalidValue
            Where one cannot be found or made there, or the workers check with something else than this machine.
        ClusterLost
            Where the cluster does not answer any more.
        """
        name = f"symtests-{secrets.token_hex(6)}"
        self._connection.begin(Judges(name, self._setup, self._limits, self._luggage, str(Path.cwd().resolve())))
        for assignment in self._candidates.values():
            number = self._number()
            self._surveys[number] = assignment
            self._connection.submit(Order(number, assignment.name, assignment.location or assignment.name))
        while self._connection.open_orders:
            told = self._connection.next()
            if isinstance(told, Outcome):
                self._surveyed(told)
            elif isinstance(told, tuple):
                assignment = self._candidates[told[0].name]
                assignment.failure = _died(told[1])

    def _surveyed(self, outcome: Outcome) -> None:
        if outcome.unusable:
            advice = f"this is said by the worker {outcome.worker}; install there what is missing"
            raise InvalidValue(f"{outcome.unusable} ({advice})")
        if outcome.host != host():
            raise InvalidValue(differing(outcome.worker, outcome.host, host()))
        assignment = self._surveys[outcome.number]
        if outcome.capabilities is None:
            assert outcome.failure is not None
            assignment.failure = Failure(**outcome.failure)
            return
        assignment.version, assignment.fingerprint = outcome.version, outcome.fingerprint
        assignment.capabilities = Capabilities(**outcome.capabilities)
        assignment.remark = outcome.remark

    def judge(self) -> Iterator[Event]:
        """Have the tasks of all assignments done; give what happens as it happens.

        Raises
        ------
        ClusterLost
            Where the cluster cannot go on; what was given by then holds.
        """
        for assignment in self._candidates.values():
            if assignment.failure is not None:
                yield from self._fail(assignment, assignment.failure, list(assignment.tasks))
            elif assignment.tasks and assignment.record is None:
                yield Preparing(assignment.name, assignment.remark)
            for task in assignment.tasks if assignment.failure is None else ():
                number = self._number()
                self._tasks[number] = assignment, task
                self._connection.submit(self._order(number, assignment, task))
            assignment.tasks.clear()
        while self._connection.open_orders:
            told = self._connection.next()
            if self._connection.workers != self._workers:
                self._workers = self._connection.workers
                yield Workers(self._workers)
            if isinstance(told, Outcome):
                yield from self._answered(told)
            elif isinstance(told, tuple):
                yield from self._died(*told)
            elif told is not None:
                yield from _said(told)
            else:
                yield Waiting()

    def close(self) -> None:
        """End what the run has on the workers."""
        self._connection.close()

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    def _order(self, number: int, assignment: Assignment, task: Task) -> Order:
        known = None if task.known is None else task.known.to_json()
        location = assignment.location or assignment.name
        return Order(number, assignment.name, location, assignment.dtypes, task.dtype, task.reference, known)

    def _answered(self, outcome: Outcome) -> Iterator[Event]:
        """Give what a worker has found, which must be about the same implementation as the survey's."""
        asked = self._tasks.pop(outcome.number, None)
        if asked is None:  # it was given up, or answered before
            return
        assignment, task = asked
        if outcome.host != host():
            raise ClusterLost(differing(outcome.worker, outcome.host, host()))
        if outcome.unusable:
            raise ClusterLost(f"{outcome.unusable} (on the worker {outcome.worker}; install there what is missing)")
        for event in outcome.events:
            if isinstance(event, Prepared):
                yield from self._prepared(event, outcome)
            else:
                yield event
            if isinstance(event, Judged):
                yield from self._count_lost(event)
        if task.prop is None:
            yield Doing(assignment.name, "")

    def _prepared(self, event: Prepared, outcome: Outcome) -> Iterator[Event]:
        """Note the line of an implementation, which every worker must write alike; give up one that cannot be asked."""
        assignment = self._candidates[event.implementation]
        if assignment.record is None:
            assignment.record = dict(event.record)
            yield event
        for name in ("version", "fingerprint"):
            if event.record[name] != assignment.record.get(name):
                raise ClusterLost(
                    f"{assignment.name} has another {name} on the worker {outcome.worker} than elsewhere; install the "
                    "same on all workers"
                )
        if event.record["smoke"] is not None and assignment.failure is None:
            yield from self._give_up(assignment, Failure(**event.record["smoke"]))

    def _count_lost(self, event: Judged) -> Iterator[Event]:
        """Give up an implementation that has hung or ended its process in too many checks."""
        verdict, failure = event.verdict, event.verdict.failure
        assignment = self._candidates[verdict.implementation]
        if verdict.word == "known" or failure is None or failure.kind not in LOST or assignment.failure is not None:
            return
        self._lost[assignment.name] += 1
        if self._lost[assignment.name] >= self._limits.lost_checks:
            lost = counted(self._lost[assignment.name], "check")
            reason = f"not tried: {lost} before this one ended in the same way ({failure.message})"
            yield from self._give_up(assignment, replace(failure, message=reason))

    def _died(self, order: Order, error: Died) -> Iterator[Event]:
        """Give a task out again whose workers have died; after some rounds, it is not judged."""
        asked = self._tasks.get(order.number)
        if asked is None:
            return
        self._attempts[order.number] += 1
        if self._attempts[order.number] < _ROUNDS:
            self._connection.submit(order, self._attempts[order.number] + 1)
            return
        del self._tasks[order.number]
        yield from self._fail(self._candidates[order.name], _died(error), [asked[1]])

    def _give_up(self, assignment: Assignment, failure: Failure) -> Iterator[Event]:
        """Take back all that is left of an implementation."""
        assignment.failure = failure
        orders = self._connection.withdraw(lambda order: order.name == assignment.name)
        left = [self._tasks.pop(order.number)[1] for order in orders if order.number in self._tasks]
        yield from self._fail(assignment, failure, left)

    def _fail(self, assignment: Assignment, failure: Failure, tasks: Sequence[Task]) -> Iterator[Event]:
        if assignment.record is None:
            yield Prepared(assignment.name, assignment.prepared(failure))
        for task in tasks:
            if task.prop is not None:
                sentence = as_sentence(failure.message)
                yield Judged(errored(assignment.name, task.prop, task.dtype, failure, sentence, self._setup["seed"]))


def _said(message: Mapping[str, Any]) -> Iterator[Event]:
    """Give what a worker says of its work."""
    if message["type"] == "started":
        yield Started(Check(message["implementation"], message["property"], message["dtype"]))
    else:
        yield Doing(message["implementation"], message["what"], message["seconds"])


def _died(error: Died) -> Failure:
    return Failure(OWN_FAULT, f"the workers of the cluster that judged it died, again and again ({error})")
