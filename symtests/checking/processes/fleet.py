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

from symtests.checking.cells.cell import errored
from symtests.checking.cells.wording import as_sentence, counted
from symtests.checking.events import Cell, Doing, Event, Judged, Prepared, Preparing, Started, StoryTold, Waiting
from symtests.checking.processes.candidate import Candidate, Task
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

    candidate: Candidate
    doing: str | Task
    found: Verdict | None = None
    broken: Failure | None = None
    dtype: str | None = None


class Fleet:
    """Child processes, at most `processes` at a time, that judge the cells of several implementations.

    Parameters
    ----------
    candidates
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
        candidates: Sequence[Candidate],
        setup: Mapping[str, Any],
        limits: Limits,
        processes: int,
        kept_in: Path | None = None,
    ) -> None:
        self._candidates = candidates
        self._lost: Counter[Candidate] = Counter()
        self._broken: Counter[Candidate] = Counter()
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
        waiting = deque([*self._candidates, *self._candidates][: max(self._processes, len(self._candidates))])
        while waiting or any(post.doing in ("loading", "leaving") for post in self._posts.values()):
            while waiting and len(self._posts) < self._processes:
                self._start(waiting.popleft())
            for _ in self._handle_next():
                pass
            if waiting and len(self._posts) == self._processes:
                self._dismiss_one_loaded()

    def judge(self) -> Iterator[Event]:
        """Do the tasks of all candidates; give what happens as it happens."""
        for candidate in self._candidates:
            if candidate.failure is not None:
                yield from self._fail_all(candidate, candidate.failure)
        while self._employ_all() and not self._rests:
            yield from self._assign()
            yield from self._handle_next()

    @property
    def _rests(self) -> bool:
        """Whether the processes are kept, and have nothing to do."""
        left = any(candidate.tasks for candidate in self._candidates)
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

    def _start(self, candidate: Candidate) -> None:
        found_by = candidate.location or candidate.name
        worker = Worker({**self._setup, "name": candidate.name, "found_by": found_by}, self._inbox, self._kept_in)
        self._posts[worker] = _Post(candidate, "loading")

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
            wanting = [candidate for candidate in self._candidates if self._wants_worker(candidate)]
            if not wanting:
                break
            self._start(max(wanting, key=lambda c: len(c.tasks) / (1 + len(self._workers_of(c)))))
        return bool(self._posts)

    def _wants_worker(self, candidate: Candidate) -> bool:
        """Tell whether one more has something to do."""
        if not candidate.tasks or candidate.failure is not None:
            return False
        arriving = sum(not isinstance(self._posts[worker].doing, Task) for worker in self._workers_of(candidate))
        return arriving < len(candidate.tasks)

    def _may_prepare(self, candidate: Candidate) -> bool:
        """Tell whether a worker may prepare: the first alone, so that no two compile the same; the others load."""
        return candidate.ready or all(self._posts[each].doing != "preparing" for each in self._workers_of(candidate))

    def _workers_of(self, candidate: Candidate) -> list[Worker]:
        return [w for w, post in self._posts.items() if post.candidate is candidate and post.doing != "leaving"]

    def _assign(self) -> Iterator[Event]:
        """Give every worker that waits something to do."""
        for worker, post in list(self._posts.items()):
            candidate = post.candidate
            if post.doing == "loaded" and candidate.tasks and self._may_prepare(candidate):
                post.doing = "preparing"
                worker.ask({"job": "prepare", "dtypes": candidate.smoked})
                if candidate.record is None:
                    yield Preparing(candidate.name, candidate.remark)
            elif post.doing in ("loaded", "idle") and not candidate.tasks:
                if self._kept_in is None:
                    self._dismiss(worker)
            elif post.doing == "idle":
                yield from self._give(worker, post, candidate.next_task(post.dtype))

    def _give(self, worker: Worker, post: _Post, task: Task) -> Iterator[Event]:
        post.doing, post.found, post.dtype = task, None, task.dtype
        if task.law is None:
            worker.ask({"job": "story", "dtype": task.dtype})
            return
        known = None if task.known is None else task.known.to_json()
        worker.ask({"job": "cell", "law": task.reference, "dtype": task.dtype, "known": known})
        if not task.again:
            yield Started(Cell(post.candidate.name, task.law.id, task.dtype))

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
            yield from self._unusable(worker, post.candidate, str(message.get("message")))
        elif post.doing != "leaving":
            try:
                yield from self._heard(worker, post, message)
            except (KeyError, TypeError, ValueError):  # what judges is ours, and so is the fault
                post.broken = Failure(OWN_FAULT, f"the process that judges sent a broken message: {str(message)[:200]}")
                worker.kill()

    def _heard(self, worker: Worker, post: _Post, message: Mapping[str, Any]) -> Iterator[Event]:
        """Act on a message, of a kind that can come now."""
        kind, candidate = message["type"], post.candidate
        if kind == "doing":
            yield Doing(candidate.name, message["what"], message["seconds"])
        elif kind == "lost" and post.doing == "loading":
            self._dismiss(worker)
            yield from self._not_loaded(candidate, Failure(**message["failure"]))
        elif kind == "loaded" and post.doing == "loading":
            candidate.version, candidate.fingerprint = message["version"], message["fingerprint"]
            candidate.capabilities = Capabilities(**message["capabilities"])
            candidate.remark = candidate.remark or str(message.get("remark", ""))
            post.doing = "loaded"
        elif kind == "ready" and post.doing == "preparing":
            yield from self._ready(post, None if message["smoke"] is None else Failure(**message["smoke"]))
        elif kind == "found" and isinstance(post.doing, Task):
            post.found = self._verdict_of(post, post.doing, message)
        elif kind == "story" and isinstance(post.doing, Task):
            post.doing = "idle"
            yield Doing(candidate.name, "")
            if message["story"] is not None:
                yield StoryTold(message["story"])
        elif kind == "verdict" and isinstance(post.doing, Task):
            verdict, post.doing = self._verdict_of(post, post.doing, message), "idle"
            yield Judged(verdict)
            yield from self._count_lost(candidate, verdict)
        else:
            raise ValueError(kind)

    def _unusable(self, worker: Worker, candidate: Candidate, message: str) -> Iterator[Event]:
        """Refuse an implementation that cannot be found or made."""
        if candidate.capabilities is None:
            raise InvalidValue(message)
        self._dismiss(worker)  # it could be found before
        yield from self._fail_all(candidate, Failure("raised", message))

    def _verdict_of(self, post: _Post, task: Task, message: Mapping[str, Any]) -> Verdict:
        """Return the verdict of a message, which must be about what was asked."""
        verdict = Verdict.from_json(message["verdict"])
        if task.law is None or (verdict.implementation, verdict.property, verdict.dtype) != (
            post.candidate.name, task.law.id, task.dtype,
        ):  # fmt: skip
            raise ValueError("a verdict that was not asked for")
        return verdict

    def _ready(self, post: _Post, failure: Failure | None) -> Iterator[Event]:
        candidate, post.doing = post.candidate, "idle"
        if candidate.record is None:
            yield Prepared(candidate.name, candidate.prepared(failure))
        candidate.ready = failure is None
        if failure is not None:
            yield from self._fail_all(candidate, failure)

    def _not_loaded(self, candidate: Candidate, failure: Failure) -> Iterator[Event]:
        """Note that a process of an implementation did not get as far as saying what it is."""
        if candidate.ready:  # an earlier one did: this one is missed, and no more
            self._lost[candidate] += 1
            return
        yield from self._give_up(candidate, failure)

    def _give_up(self, candidate: Candidate, failure: Failure) -> Iterator[Event]:
        """Note in the survey that nothing can be judged, and say it of each task when there are tasks."""
        candidate.failure = failure
        if candidate.tasks:
            yield from self._fail_all(candidate, failure)

    def _count_lost(self, candidate: Candidate, verdict: Verdict) -> Iterator[Event]:
        """Give up an implementation that has hung or ended its process in too many checks."""
        failure = verdict.failure
        if verdict.word == "known" or failure is None or failure.kind not in LOST:
            return
        self._lost[candidate] += 1
        if self._lost[candidate] >= self._limits.lost_checks:
            lost = counted(self._lost[candidate], "check")
            reason = f"not tried: {lost} before this one ended in the same way ({failure.message})"
            yield from self._fail_all(candidate, replace(failure, message=reason))

    def _ended(self, worker: Worker, post: _Post) -> Iterator[Event]:
        """Act on the end of a process that judges: what was under way is tried once more, elsewhere."""
        candidate, task = post.candidate, post.doing
        if task == "leaving":
            return
        failure = post.broken or worker.end()
        if post.found is not None:  # it ended under questions that came after the verdict
            yield Judged(post.found)
        elif not isinstance(task, Task):
            self._broken[candidate] += 1
            if self._broken[candidate] > _RETRIES or candidate.capabilities is None:
                yield from self._give_up(candidate, failure)
        elif task.law is not None and not task.again:
            candidate.tasks.appendleft(replace(task, again=True))
        elif task.law is not None:
            during = replace(failure, message=f"{failure.message} during {task.law.id} in {task.dtype}, twice")
            yield Judged(self._errored(candidate, task, during, as_sentence(during.message)))

    def _fail_all(self, candidate: Candidate, failure: Failure) -> Iterator[Event]:
        """Give up an implementation: no cell that remains is tried."""
        candidate.failure = failure
        if candidate.record is None:
            yield Prepared(candidate.name, candidate.prepared(failure))
        while candidate.tasks:
            task = candidate.tasks.popleft()
            if task.law is not None:
                yield Judged(self._errored(candidate, task, failure, as_sentence(failure.message)))

    def _errored(self, candidate: Candidate, task: Task, failure: Failure, sentence: str) -> Verdict:
        assert task.law is not None
        return errored(candidate.name, task.law, task.dtype, failure, sentence, self._setup["seed"])

    def _kill_silent(self) -> None:
        """Kill workers that give no sign of life: something has stopped them."""
        for worker, post in self._posts.items():
            silent = time.monotonic() - worker.last_heard
            if silent > self._limits.silence and post.broken is None:
                message = f"the process that judges gave no sign of life for {silent:.0f} s"
                post.broken = Failure(OWN_FAULT, message, worker.output)
                worker.kill()
