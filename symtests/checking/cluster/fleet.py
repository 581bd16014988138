"""The tasks of a check as tasks of a Dask cluster: which are given out, and what becomes of each."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from symtests.checking.cluster.connection import Connection, Died, differing
from symtests.checking.cluster.luggage import Luggage
from symtests.checking.cluster.on_worker import Judges
from symtests.checking.cluster.orders import ClusterLost, Order, Outcome, host
from symtests.checking.events import Check, Doing, Event, Judged, Prepared, Preparing, Started, Waiting, Workers
from symtests.checking.one_check.judge_check import errored
from symtests.checking.one_check.wording import as_sentence, counted
from symtests.checking.processes.assignment import Candidate, Task
from symtests.checking.processes.fleet import Limits
from symtests.checking.results.verdict import OWN_FAULT, Failure
from symtests.implementations.base import Capabilities
from symtests.implementations.misbehaviour import LOST
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
    candidates
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
        candidates: Sequence[Candidate],
        setup: Mapping[str, Any],
        limits: Limits,
        address: str,
        processes: int,
        luggage: Luggage,
    ) -> None:
        self._candidates = {candidate.name: candidate for candidate in candidates}
        self._setup = dict(setup)
        self._limits = limits
        self._luggage = luggage
        self._numbers = 0
        self._surveys: dict[int, Candidate] = {}
        self._tasks: dict[int, tuple[Candidate, Task]] = {}
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
        for candidate in self._candidates.values():
            number = self._number()
            self._surveys[number] = candidate
            self._connection.submit(Order(number, candidate.name, candidate.location or candidate.name))
        while self._connection.open_orders:
            told = self._connection.next()
            if isinstance(told, Outcome):
                self._surveyed(told)
            elif isinstance(told, tuple):
                candidate = self._candidates[told[0].name]
                candidate.failure = _died(told[1])

    def _surveyed(self, outcome: Outcome) -> None:
        if outcome.unusable:
            advice = f"this is said by the worker {outcome.worker}; install there what is missing"
            raise InvalidValue(f"{outcome.unusable} ({advice})")
        if outcome.host != host():
            raise InvalidValue(differing(outcome.worker, outcome.host, host()))
        candidate = self._surveys[outcome.number]
        if outcome.capabilities is None:
            assert outcome.failure is not None
            candidate.failure = Failure(**outcome.failure)
            return
        candidate.version, candidate.fingerprint = outcome.version, outcome.fingerprint
        candidate.capabilities = Capabilities(**outcome.capabilities)
        candidate.remark = outcome.remark

    def judge(self) -> Iterator[Event]:
        """Have the tasks of all candidates done; give what happens as it happens.

        Raises
        ------
        ClusterLost
            Where the cluster cannot go on; what was given by then holds.
        """
        for candidate in self._candidates.values():
            if candidate.failure is not None:
                yield from self._fail(candidate, candidate.failure, list(candidate.tasks))
            elif candidate.tasks and candidate.record is None:
                yield Preparing(candidate.name, candidate.remark)
            for task in candidate.tasks if candidate.failure is None else ():
                number = self._number()
                self._tasks[number] = candidate, task
                self._connection.submit(self._order(number, candidate, task))
            candidate.tasks.clear()
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

    def _order(self, number: int, candidate: Candidate, task: Task) -> Order:
        known = None if task.known is None else task.known.to_json()
        location = candidate.location or candidate.name
        return Order(number, candidate.name, location, candidate.dtypes, task.dtype, task.reference, known)

    def _answered(self, outcome: Outcome) -> Iterator[Event]:
        """Give what a worker has found, which must be about the same implementation as the survey's."""
        asked = self._tasks.pop(outcome.number, None)
        if asked is None:  # it was given up, or answered before
            return
        candidate, task = asked
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
            yield Doing(candidate.name, "")

    def _prepared(self, event: Prepared, outcome: Outcome) -> Iterator[Event]:
        """Note the line of an implementation, which every worker must write alike; give up one that cannot be asked."""
        candidate = self._candidates[event.implementation]
        if candidate.record is None:
            candidate.record = dict(event.record)
            yield event
        for name in ("version", "fingerprint"):
            if event.record[name] != candidate.record.get(name):
                raise ClusterLost(
                    f"{candidate.name} has another {name} on the worker {outcome.worker} than elsewhere; install the "
                    "same on all workers"
                )
        if event.record["smoke"] is not None and candidate.failure is None:
            yield from self._give_up(candidate, Failure(**event.record["smoke"]))

    def _count_lost(self, event: Judged) -> Iterator[Event]:
        """Give up an implementation that has hung or ended its process in too many checks."""
        verdict, failure = event.verdict, event.verdict.failure
        candidate = self._candidates[verdict.implementation]
        if verdict.word == "known" or failure is None or failure.kind not in LOST or candidate.failure is not None:
            return
        self._lost[candidate.name] += 1
        if self._lost[candidate.name] >= self._limits.lost_checks:
            lost = counted(self._lost[candidate.name], "check")
            reason = f"not tried: {lost} before this one ended in the same way ({failure.message})"
            yield from self._give_up(candidate, replace(failure, message=reason))

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

    def _give_up(self, candidate: Candidate, failure: Failure) -> Iterator[Event]:
        """Take back all that is left of an implementation."""
        candidate.failure = failure
        orders = self._connection.withdraw(lambda order: order.name == candidate.name)
        left = [self._tasks.pop(order.number)[1] for order in orders if order.number in self._tasks]
        yield from self._fail(candidate, failure, left)

    def _fail(self, candidate: Candidate, failure: Failure, tasks: Sequence[Task]) -> Iterator[Event]:
        if candidate.record is None:
            yield Prepared(candidate.name, candidate.prepared(failure))
        for task in tasks:
            if task.prop is not None:
                sentence = as_sentence(failure.message)
                yield Judged(errored(candidate.name, task.prop, task.dtype, failure, sentence, self._setup["seed"]))


def _said(message: Mapping[str, Any]) -> Iterator[Event]:
    """Give what a worker says of its work."""
    if message["type"] == "started":
        yield Started(Check(message["implementation"], message["property"], message["dtype"]))
    else:
        yield Doing(message["implementation"], message["what"], message["seconds"])


def _died(error: Died) -> Failure:
    return Failure(OWN_FAULT, f"the workers of the cluster that judged it died, again and again ({error})")
