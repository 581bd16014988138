"""Several child processes at work: which implementation each one judges, and what is done when one hangs or dies."""

from __future__ import annotations

import queue
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from symtests.checking.cells.cell import errored
from symtests.checking.cells.replay import lost_as_known
from symtests.checking.cells.wording import as_sentence, counted
from symtests.checking.events import Cell, Event, Judged, Prepared, Preparing, Started, StoryTold
from symtests.checking.processes.candidate import Candidate, Task
from symtests.checking.processes.isolation import Inbox, Worker
from symtests.checking.results.verdict import Counterexample, Failure, Verdict
from symtests.implementations.base import Capabilities
from symtests.validation import InvalidValue

__all__ = ["Fleet", "Limits"]

_GRACE: Final = 15.0
"""Seconds beyond the time limit of a call after which a silent process is given up: it blocks its own watcher."""
_LOOK: Final = 0.5
"""Seconds between two looks for silent processes."""


@dataclass(frozen=True)
class Limits:
    """How long one call may take in seconds, the first calls longer; after how many lost cells one gives up."""

    call: float = 30.0
    first_call: float = 120.0
    lost_cells: int = 3


@dataclass
class _Post:
    """What a worker is for and what it is doing: loading, loaded, preparing, idle, leaving, or a task.

    `found` is the verdict of a violation while the implementation is asked what is wrong with it; `dtype` is that of
    its latest task.
    """

    candidate: Candidate
    doing: str | Task
    since: float
    counterexample: Mapping[str, Any] | None = None
    found: Mapping[str, Any] | None = None
    hang: Failure | None = None
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
    """

    def __init__(
        self, candidates: Sequence[Candidate], setup: Mapping[str, Any], limits: Limits, processes: int
    ) -> None:
        self._candidates = candidates
        self._lost_cells: Counter[Candidate] = Counter()
        self._undiagnosed: set[Candidate] = set()
        self._setup = {**setup, "call_limit": limits.call, "first_call_limit": limits.first_call, "path": sys.path}
        self._limits = limits
        self._processes = processes
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
        while self._employ_all() or self._posts:
            yield from self._assign()
            yield from self._handle_next()

    def close(self) -> None:
        """End all processes."""
        for worker in self._posts:
            worker.kill()
        for worker in self._posts:
            worker.join()
        self._posts.clear()

    def _start(self, candidate: Candidate) -> None:
        found_by = candidate.location or candidate.name
        worker = Worker({**self._setup, "name": candidate.name, "found_by": found_by}, self._inbox)
        self._posts[worker] = _Post(candidate, "loading", time.monotonic())

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
                post.doing, post.since = "preparing", time.monotonic()
                worker.ask({"job": "prepare", "dtypes": candidate.smoked})
                if candidate.record is None:
                    yield Preparing(candidate.name)
            elif post.doing in ("loaded", "idle") and not candidate.tasks:
                self._dismiss(worker)
            elif post.doing == "idle":
                yield from self._give(worker, post, candidate.next_task(post.dtype))

    def _give(self, worker: Worker, post: _Post, task: Task) -> Iterator[Event]:
        post.doing, post.since, post.counterexample, post.found = task, time.monotonic(), None, None
        post.dtype = task.dtype
        if task.law is None:
            worker.ask({"job": "story", "dtype": task.dtype})
            return
        announce = task.ended is not None
        job = {"job": "cell", "law": task.reference, "dtype": task.dtype, "announce": announce}
        job["known"] = None if task.known is None else task.known.to_json()
        worker.ask({**job, "diagnose": post.candidate not in self._undiagnosed})
        if not announce:
            yield Started(Cell(post.candidate.name, task.law.id, task.dtype))

    def _handle_next(self) -> Iterator[Event]:
        """Wait for the next message and act on it; kill workers that have been silent for too long."""
        self._kill_silent()
        try:
            worker, message = self._inbox.get(timeout=_LOOK)
        except queue.Empty:
            return
        post = self._posts.get(worker)
        if post is None:
            return
        if message is None:
            del self._posts[worker]
            yield from self._ended(worker, post)
        elif post.doing != "leaving":
            yield from self._heard(worker, post, message)

    def _heard(self, worker: Worker, post: _Post, message: Mapping[str, Any]) -> Iterator[Event]:
        kind, candidate = message["type"], post.candidate
        if kind == "unusable":
            if candidate.capabilities is None:
                raise InvalidValue(message["message"])
            self._dismiss(worker)  # it could be found before
            yield from self._fail_all(candidate, Failure("raised", message["message"]))
        elif kind == "loaded":
            candidate.version, candidate.fingerprint = message["version"], message["fingerprint"]
            candidate.capabilities = Capabilities(**message["capabilities"])
            post.doing = "loaded"
        elif kind == "ready":
            post.doing = "idle"
            failure = None if message["smoke"] is None else Failure(**message["smoke"])
            if candidate.record is None:
                yield Prepared(candidate.name, candidate.prepared(failure))
            candidate.ready = failure is None
            if failure is not None:
                yield from self._fail_all(candidate, failure)
        elif kind == "hung":
            post.counterexample = message["counterexample"]
            post.hang = Failure("hung", message["message"], _both(message["where"], worker.output))
            worker.kill()
        elif kind == "found":
            post.found = message["verdict"]
        elif kind == "call":
            post.counterexample = message["counterexample"]
        elif kind == "story":
            post.doing = "idle"
            if message["story"] is not None:
                yield StoryTold(message["story"])
        elif kind == "verdict" and isinstance(post.doing, Task):
            task, post.doing = post.doing, "idle"
            if task.ended is None:
                yield Judged(Verdict.from_json(message["verdict"]))
            else:
                yield self._lost(candidate, task, task.ended, "in one run and not in the next", None, post.since)

    def _ended(self, worker: Worker, post: _Post) -> Iterator[Event]:
        """Act on the end of a process: what was under way is lost, or tried once more to see at which question."""
        candidate, task = post.candidate, post.doing
        if task == "leaving":
            return
        failure = post.hang or worker.end()
        if not isinstance(task, Task):
            if candidate.capabilities is None and post.hang is None:
                failure = replace(failure, message=f"{failure.message} while it was imported")
            if not candidate.ready and (task == "preparing" or not self._workers_of(candidate)):
                candidate.failure = failure  # the survey notes it; a check fails all cells
                if candidate.tasks:
                    yield from self._fail_all(candidate, failure)
                return
            self._lost_cells[candidate] += 1  # a further process that did not get as far as the first
        elif post.found is not None:  # it ended under questions that came after the verdict
            self._undiagnosed.add(candidate)
            yield Judged(Verdict.from_json(post.found))
        elif task.law is not None:
            if post.hang is None and task.ended is None and candidate.failure is None:
                candidate.tasks.appendleft(replace(task, ended=failure))
                return
            yield self._lost(candidate, task, failure, "", post.counterexample, post.since)
        if self._lost_cells[candidate] >= self._limits.lost_cells:
            lost = counted(self._lost_cells[candidate], "cell")
            reason = f"not tried: {lost} before this one ended in the same way ({failure.message})"
            yield from self._fail_all(candidate, replace(failure, message=reason))

    def _lost(
        self,
        candidate: Candidate,
        task: Task,
        failure: Failure,
        how_often: str,
        counterexample: Mapping[str, Any] | None,
        since: float,
    ) -> Judged:
        """Return the verdict of a cell that hung, or during which the process ended."""
        assert task.law is not None
        sentence = as_sentence(f"{failure.message} {how_often}".strip())
        verdict = self._errored(candidate, task, failure, sentence)
        found = None if counterexample is None else Counterexample.from_json(counterexample)
        verdict = replace(verdict, counterexample=found, seconds=time.monotonic() - since)
        verdict = lost_as_known(verdict, task.law, task.known, failure)
        self._lost_cells[candidate] += verdict.word != "known"
        return Judged(verdict)

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
        """Kill workers whose own watcher cannot speak, because something in them does not let other threads run."""
        for worker, post in self._posts.items():
            limit = self._limits.call if isinstance(post.doing, Task) else self._limits.first_call
            silent = time.monotonic() - worker.last_heard
            if silent > limit + _GRACE and post.hang is None:
                post.hang = Failure("hung", f"the process gave no sign of life for {silent:.0f} s", worker.output)
                worker.kill()


def _both(where: str, output: str) -> str:
    return f"{where}\n{output}".strip()
