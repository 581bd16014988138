"""Judges the checks of one implementation and tells the parent; the implementation lives in another process."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, Final

from symtests.checking.closer_look import closer_look
from symtests.checking.diagnosis import with_diagnosis
from symtests.checking.known.known_failure import KnownFailure
from symtests.checking.one_check.failure import failure_of
from symtests.checking.one_check.judge_check import judge_check
from symtests.checking.profile import Profile
from symtests.checking.results.plain import plain
from symtests.checking.results.verdict import Failure
from symtests.checking.selection import find_property
from symtests.checking.smoke import smoke_check
from symtests.checking.story import tell_story
from symtests.diagnosis import Examination
from symtests.implementations.checked import CallLimits, Checked
from symtests.implementations.fingerprint import fingerprint_of
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.process import Command
from symtests.implementations.process_pipe import TimeLimits
from symtests.implementations.python_process import PythonProcess
from symtests.shown_text import shown
from symtests.validation import InvalidValue

__all__ = ["Judge"]

_HEARTBEAT: Final = 1.0
"""Seconds between two signs of life."""


class Judge:
    """One implementation in a process of its own, the answers to the parent, and what is known of it in each dtype.

    Parameters
    ----------
    setup
        The first line of the parent.
    answers
        Where messages to the parent are written.
    started
        The implementation, where its process runs already; None where it is a command, which `load` starts.
    """

    def __init__(self, setup: Mapping[str, Any], answers: IO[bytes], started: PythonProcess | None) -> None:
        self._setup = setup
        self._profile = Profile.from_json(setup["profile"])
        self._answers = answers
        self._lock = threading.Lock()
        self._implementation: PythonProcess | Command | None = started
        self._implementations: dict[str, Checked] = {}
        self._examinations: dict[str, Examination] = {}
        self._explains = True

    def load(self) -> bool:
        """Tell what the implementation says of itself; return whether it can be asked."""
        try:
            if self._implementation is None:
                limits = TimeLimits(start=self._setup["first_call_limit"], request=self._setup["call_limit"])
                self._implementation = Command(self._setup["found_by"], limits)
            if isinstance(self._implementation, PythonProcess):
                self._implementation.load()
        except InvalidValue as error:
            self._answer("unusable", message=str(error))
            return False
        except Misbehaviour as problem:
            self._answer("lost", failure=asdict(failure_of(problem)))
            return False
        capabilities = self._implementation.capabilities.to_json()
        self._answer(
            "loaded",
            version=self._implementation.version,
            capabilities=capabilities,
            fingerprint=self._fingerprint(),
            remark=shown(getattr(self._implementation, "remark", "")),
        )
        return True

    def work(self, job: Mapping[str, Any]) -> None:
        """Do one job and answer it."""
        if job["job"] == "prepare":
            self._tell_progress(self._doing)
            failure = self._first_failure(smoke_check, job["dtypes"])
            self._tell_progress(lambda _: None)
            self._answer("ready", smoke=None if failure is None else asdict(failure))
        elif job["job"] == "look closer":
            failure = self._first_failure(closer_look, job["dtypes"])
            self._answer("looked", smoke=None if failure is None else asdict(failure))
        elif job["job"] == "story":
            seconds = self._profile.story_seconds
            self._doing("draws its learning curves", seconds)
            self._answer("story", story=tell_story(self._checked(job["dtype"]), seconds))
        else:
            self._judge(job)

    def live(self) -> None:
        """Send signs of life, for ever; run in a thread of its own."""
        while True:
            self._answer("alive")
            time.sleep(_HEARTBEAT)

    def _answer(self, kind: str, **values: Any) -> None:
        """Write one line to the parent; lone surrogates are escaped."""
        line = json.dumps(plain({"type": kind, **values}), allow_nan=False).encode("ascii") + b"\n"
        with self._lock:
            self._answers.write(line)
            self._answers.flush()

    def _tell_progress(self, tell: Callable[[str], None]) -> None:
        if isinstance(self._implementation, PythonProcess):
            self._implementation.on_progress = tell

    def _fingerprint(self) -> str:
        """Return the fingerprint of the implementation's code, of one in Python as its own process has read it."""
        if isinstance(self._implementation, PythonProcess):
            return self._implementation.fingerprint
        return fingerprint_of(self._setup["found_by"], {}, Path.cwd())

    def _first_failure(self, tried: Callable[[Checked], Failure | None], dtypes: list[str]) -> Failure | None:
        return next(filter(None, (tried(self._checked(dtype)) for dtype in dtypes)), None)

    def _judge(self, job: Mapping[str, Any]) -> None:
        checked, prop = self._checked(job["dtype"]), find_property(job["property"])
        verdict = judge_check(
            checked,
            prop,
            self._profile,
            seed=self._setup["seed"],
            database=None if self._setup["database"] is None else Path(self._setup["database"]),
            known=None if job["known"] is None else KnownFailure.from_json(job["known"]),
            on_doing=lambda what, limit: self._doing(f"{prop.id} {checked.dtype}: {what}", limit),
            reference=job["property"],
        )
        seconds = self._profile.explaining_seconds
        if verdict.word == "violated" and self._explains and seconds > 0:
            self._answer("found", verdict=verdict.to_json())  # kept by the parent if this process ends
            self._doing(f"{prop.id} {checked.dtype}: explains the violation", seconds)
            starts = self._starts
            verdict = with_diagnosis(verdict, prop, checked, self._examination(job["dtype"]), seconds)
            self._explains = starts == self._starts  # what costs a process is not done for each violation
        self._answer("verdict", verdict=verdict.to_json())

    def _doing(self, what: str, seconds: float | None = None) -> None:
        self._answer("doing", what=what, seconds=seconds)

    @property
    def _starts(self) -> int:
        assert self._implementation is not None
        return self._implementation.starts

    def _checked(self, dtype: str) -> Checked:
        if dtype not in self._implementations:
            limits = CallLimits(self._setup["call_limit"], self._setup["first_call_limit"])
            self._implementations[dtype] = Checked(self._implementation, dtype, self._setup["name"], limits)
        return self._implementations[dtype]

    def _examination(self, dtype: str) -> Examination:
        if dtype not in self._examinations:
            self._examinations[dtype] = Examination(self._checked(dtype), self._profile.diagnosis_seconds)
        return self._examinations[dtype]
