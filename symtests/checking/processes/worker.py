"""A child process that judges the cells of one implementation: run as ``python -m symtests.checking.processes.worker``.

It reads JSON lines from its standard input and answers with JSON lines on its standard output. Both are moved to
private descriptors before the implementation is imported, which finds its input empty and whose output, of whatever
size, goes to standard error. The first line sets up; each further line is a job; at the end of the input the process
kills itself with all that the implementation has started.
"""

from __future__ import annotations

import io
import json
import math
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any, Final

from symtests.checking.cells.cell import judge_cell, origin_of
from symtests.checking.cells.failure import OUTPUT_KEPT
from symtests.checking.counterexamples.counterexample import of_call
from symtests.checking.diagnosis import with_diagnosis
from symtests.checking.known.known_failure import KnownFailure
from symtests.checking.profile import Profile
from symtests.checking.results.plain import plain
from symtests.checking.selection import find_law
from symtests.checking.smoke import smoke_check
from symtests.checking.story import tell_story
from symtests.diagnosis import Examination
from symtests.implementations import find
from symtests.implementations.fingerprint import fingerprint_of
from symtests.implementations.process import Command
from symtests.implementations.subject import Call, Subject
from symtests.properties.base import Case, Property
from symtests.validation import InvalidValue

__all__ = ["main"]

_HEARTBEAT: Final = 1.0
"""Seconds between two signs of life."""
_GLANCE: Final = 0.05
"""Seconds between two looks at the call that is under way."""


class _Worker:
    """One implementation, the answers to the parent, and what is under way for a watcher to see."""

    def __init__(self, setup: Mapping[str, Any], answers: IO[str]) -> None:
        self.name: str = setup["name"]
        self.found_by: str = setup["found_by"]
        self.profile = Profile.from_json(setup["profile"])
        self.seed: int = setup["seed"]
        self.database = None if setup["database"] is None else Path(setup["database"])
        self.call_limit: float = setup["call_limit"]
        self.first_call_limit: float = setup["first_call_limit"]
        self.answers = answers
        self.lock = threading.Lock()
        self.implementation: object = None
        self.subjects: dict[str, Subject] = {}
        self.examinations: dict[str, Examination] = {}
        self.calls: Counter[tuple[str, str]] = Counter()
        # Read by the watcher: what is called, in which cell and case.
        self.loading: Call | None = None
        self.subject: Subject | None = None
        self.law: Property | None = None
        self.case: Case | None = None
        self.announcing = False
        self.prepared = False

    def answer(self, kind: str, **values: Any) -> None:
        """Write one line to the parent."""
        line = json.dumps(plain({"type": kind, **values}), allow_nan=False)
        with self.lock:
            self.answers.write(line + "\n")
            self.answers.flush()

    def load(self) -> None:
        """Import the implementation and tell what it says of itself."""
        self.loading = Call("import", time.monotonic())
        try:
            self.implementation = find(self.found_by)
            if isinstance(self.implementation, Command):  # the watcher knows better how long which call may take
                self.implementation.limits = replace(self.implementation.limits, request=math.inf)
            first = Subject(self.implementation, "float64", self.name)
        except InvalidValue as error:
            self.answer("unusable", message=str(error))
            return
        finally:
            self.loading = None
        code = fingerprint_of(self.found_by, sys.modules, Path.cwd())
        self.answer("loaded", version=first.version, capabilities=first.capabilities.to_json(), fingerprint=code)

    def work(self, job: Mapping[str, Any]) -> None:
        """Do one job and answer it."""
        if job["job"] == "prepare":
            self.answer("ready", smoke=self._smoke(job["dtypes"]))
            self.prepared = True
        elif job["job"] == "story":
            self.subject = self._subject(job["dtype"])
            self.answer("story", story=tell_story(self.subject))
        else:
            self._judge(job)

    def _smoke(self, dtypes: list[str]) -> dict[str, Any] | None:
        for dtype in dtypes:
            self.subject = self._subject(dtype)
            failure = smoke_check(self.subject)
            if failure is not None:
                return asdict(failure)
        return None

    def _judge(self, job: Mapping[str, Any]) -> None:
        self.subject = self._subject(job["dtype"])
        self.law, self.case, self.announcing = find_law(job["law"]), None, job["announce"]
        verdict = judge_cell(
            self.subject,
            self.law,
            self.profile,
            seed=self.seed,
            database=self.database,
            on_case=self._note_case,
            known=None if job["known"] is None else KnownFailure.from_json(job["known"]),
        )
        if verdict.word == "violated" and job["diagnose"]:
            self.answer("found", verdict=verdict.to_json())  # kept by the parent if further questions end the process
            verdict = with_diagnosis(verdict, self.law, self.subject, self._examination(job["dtype"]))
        self.law, self.case, self.announcing = None, None, False
        self.answer("verdict", verdict=verdict.to_json())

    def _subject(self, dtype: str) -> Subject:
        if dtype not in self.subjects:
            self.subjects[dtype] = Subject(self.implementation, dtype, self.name)
            self.subjects[dtype].on_call = self._note_call
        return self.subjects[dtype]

    def _examination(self, dtype: str) -> Examination:
        if dtype not in self.examinations:
            self.examinations[dtype] = Examination(self._subject(dtype), self.profile.diagnosis_seconds)
        return self.examinations[dtype]

    def _note_case(self, case: Case) -> None:
        self.case = case

    def _note_call(self, call: Call) -> None:
        assert self.subject is not None
        self.calls[self.subject.dtype, call.operation] += 1
        if self.announcing:
            self.answer("call", counterexample=self._counterexample(call, f"the process ended in {call.operation}"))

    def _counterexample(self, call: Call, sentence: str) -> dict[str, Any] | None:
        """Return the case under way as a counterexample; None outside of a cell."""
        if self.subject is None or self.law is None or self.case is None:
            return None
        origin = origin_of(self.subject, self.law, self.profile, self.seed)
        return asdict(of_call(origin, self.case, call, sentence))

    def watch(self, main_thread: int) -> None:
        """Send signs of life, and tell of a call that takes too long; run in a thread of its own."""
        next_sign = 0.0
        while True:
            now = time.monotonic()
            call = self.loading or (self.subject and self.subject.current_call)
            if call and now - call.started > self._limit(call):
                self._tell_of_hang(call, main_thread)
                return
            if now >= next_sign:
                self.answer("alive")
                next_sign = now + _HEARTBEAT
            time.sleep(_GLANCE)

    def _limit(self, call: Call) -> float:
        """Return how long a call may take: the first ones may compile."""
        first = self.subject is None or self.calls[self.subject.dtype, call.operation] <= 1
        return self.first_call_limit if first or not self.prepared else self.call_limit

    def _tell_of_hang(self, call: Call, main_thread: int) -> None:
        limit = self._limit(call)
        frame = sys._current_frames().get(main_thread)
        stack = "".join(traceback.format_stack(frame)) if frame is not None else ""
        sentence = f"{call.operation} had not answered after {limit:g} s"
        self.answer(
            "hung",
            message=sentence,
            where=stack[-OUTPUT_KEPT:],
            counterexample=self._counterexample(call, sentence),
        )


def main() -> None:
    """Serve the parent until its end of the pipe closes."""
    requests, answers = _private_pipes()
    first = requests.readline()
    if not first:
        return
    setup = json.loads(first)
    sys.path.extend(entry for entry in setup["path"] if entry not in sys.path)
    _draw_the_same_for_all()
    worker = _Worker(setup, answers)
    jobs: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(requests, jobs), daemon=True).start()
    threading.Thread(target=worker.watch, args=(threading.get_ident(),), daemon=True).start()
    worker.load()
    while True:
        worker.work(jobs.get())


def _private_pipes() -> tuple[IO[str], IO[str]]:
    """Move both pipes to the parent away from the standard descriptors; child processes do not inherit them."""
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # last words are lost if they wait in a buffer
    return requests, answers


def _receive(requests: IO[str], jobs: queue.SimpleQueue[Mapping[str, Any]]) -> None:
    """Take jobs from the parent; when it closes the pipe, or is gone, end this process and its children."""
    try:
        for line in requests:
            jobs.put(json.loads(line))
    finally:
        if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
            os.killpg(os.getpgrp(), signal.SIGKILL)
        os._exit(0)


def _draw_the_same_for_all() -> None:
    """Keep Hypothesis from drawing numbers that stand in the source files of the current folder.

    It mixes them into what it draws, so that two implementations would be asked different questions. There is no
    setting for this; versions that do not do it have no such function.
    """
    try:
        from hypothesis.internal.conjecture import providers
    except ImportError:  # an older version
        return
    if hasattr(providers, "_get_local_constants"):
        providers._get_local_constants = lambda: providers._local_constants
