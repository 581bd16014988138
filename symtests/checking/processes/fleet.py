"""Several child processes at work: which implementation each one judges, and what is done when one hangs or dies."""

from __future__ import annotations

import queue
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from symtests.checking.events import Check, Doing, Event, Judged, Prepared, Preparing, Started, StoryTold, Waiting
from symtests.checking.one_check.judge_check import errored
from symtests.checking.one_check.wording import as_sentence, counted
from symtests.checking.processes.assignment import Assignment, Task
from symtests.checking.processes.isolation import Inbox, Worker
from symtests.checking.results.verdict import OWN_FAULT, Failure, Verdict
from symtests.implementations.base import Capabilities
from symtests.implementations.misbehaviour import LOST
from symtests.validation import InvalidValue

__all__ = ["Fleet", "Limits"]

_LOOK: Final = 0.5
"""Seconds between two looks for silent processes."""
_RETRIES: Final = 3
"""Processes that may end before they have said what their implementation is."""


@dataclass(frozen=True)
class Limits:
    """How long one call may take in seconds, the first calls longer; after how many lost checks one gives up.

    `silence` is after how many seconds without a sign of life a process that judges is given up.
    """

    call: float = 30.0
    first_call: float = 120.0
    lost_checks: int = 3
    silence: float = 60.0


@dataclass
class _Post:
    """What a worker is for and what it is doing: loading, loaded, preparing, idle, leaving, or a task.

    `found` is the verdict of a violation while the implementation is asked what is wrong with it; `broken` is why the
    process is given up; `dtype` is that of its latest task.
    """

    assignment: Assignment
    doing: str | Task
    found: Verdict | None = None
    broken: Failure | None = None
    dtype: str | None = None


class Fleet:
    """Child processes, at most `processes` at a time, that judge the checks of several implementations.

    Parameters
    ----------
    assignments
        The implementations; child processes find them by their names.
    setup
        What every worker is told at its start, besides the name of its implementation.
    limits, processes
        How long a call may take, and how many child processes there may be.
    kept_in
        Where they run, for a fleet whose processes are kept when there is nothing left to do, until it is closed.
    """

    def __init__(
        self,
        assignments: Sequence[Assignment],
        setup: Mapping[str, Any],
        limits: Limits,
        processes: int,
        kept_in: Path | None = None,
    ) -> None:
        self._assignments = assignments
        self._lost: Counter[Assignment] = Counter()
        self._broken: Counter[Assignment] = Counter()
        self._setup = {**setup, "call_limit": limits.call, "first_call_limit": limits.first_call, "path": sys.path}
        self._limits = limits
        self._processes = processes
        self._kept_in = kept_in
        self._inbox: Inbox = queue.SimpleQueue()
        self._posts: dict[Worker, _Post] = {}

    def survey(self) -> None:
        """Import each implementation and note what it says of itself, or how its process ended.

        Raises
        ------
        InvalidValue
            Where one cannot be found or made.
        """
        # A core that would be free loads a second one.
        waiting = deque([*self._assignments, *self._assignments][: max(self._processes, len(self._assignments))])
        while waiting or any(post.doing in ("loading", "leaving") for post in self._posts.values()):
            while waiting and len(self._posts) < self._processes:
                self._start(waiting.popleft())
            for _ in self._handle_next():
                pass
            if waiting and len(self._posts) == self._processes:
                self._dismiss_one_loaded()

    def judge(self) -> Iterator[Event]:
        """Do the tasks of all candidates; give what happens as it happens."""
        for assignment in self._assignments:
            if assignment.failure is not None:
                yield from self._fail_all(assignment, assignment.failure)
        while self._employ_all() and not self._rests:
            yield from self._assign()
            yield from self._handle_next()

    @property
    def _rests(self) -> bool:
        """Whether the processes are kept, and have nothing to do."""
        left = any(assignment.tasks for assignment in self._assignments)
        return (
            self._kept_in is not None and not left and all(p.doing in ("loaded", "idle") for p in self._posts.values())
        )

    def close(self) -> None:
        """End all processes."""
        for worker in self._posts:
            worker.kill()
        for worker in self._posts:
            worker.join()
        self._posts.clear()

    def _start(self, assignment: Assignment) -> None:
        found_by = assignment.location or assignment.name
        worker = Worker({**self._setup, "name": assignment.name, "found_by": found_by}, self._inbox, self._kept_in)
        self._posts[worker] = _Post(assignment, "loading")

    def _dismiss_one_loaded(self) -> None:
        """Make room in the survey; the worker starts again when it is its turn."""
        for worker, post in self._posts.items():
            if post.doing == "loaded":
                return self._dismiss(worker)
        return None

    def _dismiss(self, worker: Worker) -> None:
        self._posts[worker].doing = "leaving"
        worker.kill()

    def _employ_all(self) -> bool:
        """Start workers where there is work; tell whether there are any workers."""
        while len(self._posts) < self._processes:
            wanting = [assignment for assignment in self._assignments if self._wants_worker(assignment)]
            if not wanting:
                break
            self._start(max(wanting, key=lambda c: len(c.tasks) / (1 + len(self._workers_of(c)))))
        return bool(self._posts)

    def _wants_worker(self, assignment: Assignment) -> bool:
        """Tell whether one more has something to do."""
        if not assignment.tasks or assignment.failure is not None:
            return False
        arriving = sum(not isinstance(self._posts[worker].doing, Task) for worker in self._workers_of(assignment))
        return arriving < len(assignment.tasks)

    def _may_prepare(self, assignment: Assignment) -> bool:
        """Tell whether a worker may prepare: the first alone, so that no two compile the same; the others load."""
        return assignment.ready or all(self._posts[each].doing != "preparing" for each in self._workers_of(assignment))

    def _workers_of(self, assignment: Assignment) -> list[Worker]:
        return [w for w, post in self._posts.items() if post.assignment is assignment and post.doing != "leaving"]

    def _assign(self) -> Iterator[Event]:
        """Give every worker that waits something to do."""
        for worker, post in list(self._posts.items()):
            assignment = post.assignment
            if post.doing == "loaded" and assignment.tasks and self._may_prepare(assignment):
                post.doing = "preparing"
                worker.ask({"job": "prepare", "dtypes": assignment.smoked})
                if assignment.record is None:
                    yield Preparing(assignment.name, assignment.remark)
            elif post.doing in ("loaded", "idle") and not assignment.tasks:
                if self._kept_in is None:
                    self._dismiss(worker)
            elif post.doing == "idle":
                yield from self._give(worker, post, assignment.next_task(post.dtype))

    def _give(self, worker: Worker, post: _Post, task: Task) -> Iterator[Event]:
        post.doing, post.found, post.dtype = task, None, task.dtype
        if task.prop is None:
            worker.ask({"job": "story", "dtype": task.dtype})
            return
        known = None if task.known is None else task.known.to_json()
        worker.ask({"job": "check", "property": task.reference, "dtype": task.dtype, "known": known})
        if not task.again:
            yield Started(Check(post.assignment.name, task.prop.id, task.dtype))

    def _handle_next(self) -> Iterator[Event]:
        """Wait for the next message and act on it; kill workers that have been silent for too long."""
        self._kill_silent()
        try:
            worker, message = self._inbox.get(timeout=_LOOK)
        except queue.Empty:
            yield Waiting()
            return
        post = self._posts.get(worker)
        if post is None:
            return
        if message is None:
            del self._posts[worker]
            yield from self._ended(worker, post)
        elif message["type"] == "unusable" and post.doing == "loading":
            yield from self._unusable(worker, post.assignment, str(message.get("message")))
        elif post.doing != "leaving":
            try:
                yield from self._heard(worker, post, message)
            except (KeyError, TypeError, ValueError):  # what judges is ours, and so is the fault
                post.broken = Failure(OWN_FAULT, f"the process that judges sent a broken message: {str(message)[:200]}")
                worker.kill()

    def _heard(self, worker: Worker, post: _Post, message: Mapping[str, Any]) -> Iterator[Event]:
        """Act on a message, of a kind that can come now."""
        kind, assignment = message["type"], post.assignment
        if kind == "doing":
            yield Doing(assignment.name, message["what"], message["seconds"])
        elif kind == "lost" and post.doing == "loading":
            self._dismiss(worker)
            yield from self._not_loaded(assignment, Failure(**message["failure"]))
        elif kind == "loaded" and post.doing == "loading":
            assignment.version, assignment.fingerprint = message["version"], message["fingerprint"]
            assignment.capabilities = Capabilities(**message["capabilities"])
            assignment.remark = assignment.remark or str(message.get("remark", ""))
            post.doing = "loaded"
        elif kind == "ready" and post.doing == "preparing":
            yield from self._ready(post, None if message["smoke"] is None else Failure(**message["smoke"]))
        elif kind == "found" and isinstance(post.doing, Task):
            post.found = self._verdict_of(post, post.doing, message)
        elif kind == "story" and isinstance(post.doing, Task):
            post.doing = "idle"
            yield Doing(assignment.name, "")
            if message["story"] is not None:
                yield StoryTold(message["story"])
        elif kind == "verdict" and isinstance(post.doing, Task):
            verdict, post.doing = self._verdict_of(post, post.doing, message), "idle"
            yield Judged(verdict)
            yield from self._count_lost(assignment, verdict)
        else:
            raise ValueError(kind)

    def _unusable(self, worker: Worker, assignment: Assignment, message: str) -> Iterator[Event]:
        """Refuse an implementation that cannot be found or made."""
        if assignment.capabilities is None:
            raise InvalidValue(message)
        self._dismiss(worker)  # it could be found before
        yield from self._fail_all(assignment, Failure("raised", message))

    def _verdict_of(self, post: _Post, task: Task, message: Mapping[str, Any]) -> Verdict:
        """Return the verdict of a message, which must be about what was asked."""
        verdict = Verdict.from_json(message["verdict"])
        if task.prop is None or (verdict.implementation, verdict.property, verdict.dtype) != (
            post.assignment.name, task.prop.id, task.dtype,
        ):  # fmt: skip
            raise ValueError("a verdict that was not asked for")
        return verdict

    def _ready(self, post: _Post, failure: Failure | None) -> Iterator[Event]:
        assignment, post.doing = post.assignment, "idle"
        if assignment.record is None:
            yield Prepared(assignment.name, assignment.prepared(failure))
        assignment.ready = failure is None
        if failure is not None:
            yield from self._fail_all(assignment, failure)

    def _not_loaded(self, assignment: Assignment, failure: Failure) -> Iterator[Event]:
        """Note that a process of an implementation did not get as far as saying what it is."""
        if assignment.ready:  # an earlier one did: this one is missed, and no more
            self._lost[assignment] += 1
            return
        yield from self._give_up(assignment, failure)

    def _give_up(self, assignment: Assignment, failure: Failure) -> Iterator[Event]:
        """Note in the survey that nothing can be judged, and say it of each task when there are tasks."""
        assignment.failure = failure
        if assignment.tasks:
            yield from self._fail_all(assignment, failure)

    def _count_lost(self, assignment: Assignment, verdict: Verdict) -> Iterator[Event]:
        """Give up an implementation that has hung or ended its process in too many checks."""
        failure = verdict.failure
        if verdict.word == "known" or failure is None or failure.kind not in LOST:
            return
        self._lost[assignment] += 1
        if self._lost[assignment] >= self._limits.lost_checks:
            lost = counted(self._lost[assignment], "check")
            reason = f"not tried: {lost} before this one ended in the same way ({failure.message})"
            yield from self._fail_all(assignment, replace(failure, message=reason))

    def _ended(self, worker: Worker, post: _Post) -> Iterator[Event]:
        """Act on the end of a process that judges: what was under way is tried once more, elsewhere."""
        assignment, task = post.assignment, post.doing
        if task == "leaving":
            return
        failure = post.broken or worker.end()
        if post.found is not None:  # it ended under questions that came after the verdict
            yield Judged(post.found)
        elif not isinstance(task, Task):
            self._broken[assignment] += 1
            if self._broken[assignment] > _RETRIES or assignment.capabilities is None:
                yield from self._give_up(assignment, failure)
        elif task.prop is not None and not task.again:
            assignment.tasks.appendleft(replace(task, again=True))
        elif task.prop is not None:
            during = replace(failure, message=f"{failure.message} during {task.prop.id} in {task.dtype}, twice")
            yield Judged(self._errored(assignment, task, during, as_sentence(during.message)))

    def _fail_all(self, assignment: Assignment, failure: Failure) -> Iterator[Event]:
        """Give up an implementation: no check that remains is tried."""
        assignment.failure = failure
        if assignment.record is None:
            yield Prepared(assignment.name, assignment.prepared(failure))
        while assignment.tasks:
            task = assignment.tasks.popleft()
            if task.prop is not None:
                yield Judged(self._errored(assignment, task, failure, as_sentence(failure.message)))

    def _errored(self, assignment: Assignment, task: Task, failure: Failure, sentence: str) -> Verdict:
        assert task.prop is not None
        return errored(assignment.name, task.prop, task.dtype, failure, sentence, self._setup["seed"])

    def _kill_silent(self) -> None:
        """Kill workers that give no sign of life: something has stopped them."""
        for worker, post in self._posts.items():
            silent = time.monotonic() - worker.last_heard
            if silent > self._limits.silence and post.broken is None:
                message = f"the process that judges gave no sign of life for {silent:.0f} s"
                post.broken = Failure(OWN_FAULT, message, worker.output)
                worker.kill()
