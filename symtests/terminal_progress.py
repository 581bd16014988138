"""What a run is doing, in words."""

from __future__ import annotations

import time

from symtests.checking.events import (
    Check,
    Doing,
    Event,
    Judged,
    Planned,
    Prepared,
    Preparing,
    Started,
    StoryTold,
    Workers,
)

__all__ = ["AtWork"]


class AtWork:
    """How far a run is, and what its processes are doing; grows with each event."""

    def __init__(self) -> None:
        self._total = self._done = self._first = 0
        self._planned = False
        self._workers: int | None = None
        self._counted_since = time.monotonic()
        self._work: dict[Check | str, tuple[str, float]] = {}

    def note(self, event: Event) -> None:
        """Take in an event."""
        now = time.monotonic()
        match event:
            case Planned(total, done):
                self._total, self._done, self._first, self._planned = total, done, done, True
                self._counted_since = now
            case Preparing(implementation):
                self._work[implementation] = (f"warming up {implementation}", now)
            case Prepared(implementation):
                self._work.pop(implementation, None)
                if self._done == self._first:  # what was compiled until now says nothing of the time that is left
                    self._counted_since = now
            case Workers(count):
                self._workers = count
            case Started(check):
                self._work[check] = (f"{check.property} {check.implementation} {check.dtype}", now)
            case Doing(implementation, what):
                self._note_doing(implementation, what, now)
            case Judged(verdict):
                self._done += 1
                self._work.pop(Check(verdict.implementation, verdict.property, verdict.dtype), None)
            case StoryTold(story):
                self._work.pop(str(story["implementation"]), None)

    def _note_doing(self, implementation: str, what: str, now: float) -> None:
        """Note what is done: for the check whose property and dtype stand in front, else for the implementation."""
        for check in list(self._work):
            if isinstance(check, Check) and check.implementation == implementation:
                front = f"{check.property} {check.dtype}: "
                if what.startswith(front):
                    self._work[check] = (f"{check.property} {implementation} {check.dtype}: {what[len(front) :]}", now)
                    return
        if what:
            self._work[implementation] = (f"{implementation}: {what}", now)
        else:
            self._work.pop(implementation, None)

    @property
    def count(self) -> str:
        """How many checks are judged, of how many."""
        return f"{self._done}/{self._total}{self._where}" if self._planned else ""

    @property
    def _where(self) -> str:
        """On how many workers of a cluster, where there is one."""
        if self._workers is None:
            return ""
        return f" on {self._workers} worker{'' if self._workers == 1 else 's'}"

    @property
    def longest(self) -> str:
        """What has been done for longest, and how much else is; before the plan, that implementations are sought."""
        if not self._planned:
            return "finding the implementations"
        works = sorted(self._work.copy().values(), key=lambda work: work[1])
        if not works:
            return "waiting for a process"
        return works[0][0] + (f" (and {len(works) - 1} more)" if len(works) > 1 else "")

    @property
    def line(self) -> str:
        """How far the run is, how long it will take, and what is being done, in one line."""
        if not self._planned:
            return f"still {self.longest}"
        left = ""
        if self._done > self._first:
            each = (time.monotonic() - self._counted_since) / (self._done - self._first)
            left = f", about {each * (self._total - self._done):.0f} s left"
        works = "; ".join(work for work, _ in self._work.copy().values()) or "waiting for a process"
        return f"still judging{self._where}: {self._done} of {self._total} checks{left}; {works}"
