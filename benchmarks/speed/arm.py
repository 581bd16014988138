"""A process that times benchmarks in turns, as the one that asks it sees it."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

__all__ = ["Arm", "ArmFault", "Offered", "Task"]

WORKER: Final = Path(__file__).with_name("worker.py")
_LONGEST_LINE: Final = 16 * 2**20
_KEPT: Final = 4000
"""Characters of the end of its output that are told where it fails."""


class ArmFault(Exception):
    """A worker ended, hung or wrote what is no answer; the message says which."""


@dataclass(frozen=True)
class Task:
    """What a worker does.

    Parameters
    ----------
    python
        The interpreter of its environment.
    words
        ``("function", place, name)``, or ``("suite", file of wanted names, pytest argument, ...)``.
    folder
        Where it runs.
    environment
        Its environment variables.
    """

    python: str
    words: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Offered:
    """A benchmark that a worker is ready to time: its name, how many calls last long enough, and its output."""

    name: str
    calls: int
    output: Mapping[str, Any]


class Arm:
    """A worker in a process group of its own; closing it kills the group.

    Parameters
    ----------
    task
        What it does.
    core
        The processor that it may use, or -1 for all.
    seconds
        How long it may take to get ready for a benchmark.

    Attributes
    ----------
    order
        The names of all benchmarks, in the order in which they come; empty before the first came.
    running
        The benchmark that it has begun last; empty before the first.
    left_out
        Why a benchmark that was met could not be timed, by its name.
    """

    def __init__(self, task: Task, core: int, seconds: float) -> None:
        self._seconds = seconds
        self.order: list[str] = []
        self.running = ""
        self._failed = False
        self.left_out: dict[str, str] = {}
        asked, self._ask = os.pipe()
        self._said, said = os.pipe()
        self._output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `close`
        try:
            self._process = subprocess.Popen(
                [task.python, str(WORKER), str(asked), str(said), str(core), *task.words],
                stdin=subprocess.DEVNULL, stdout=self._output, stderr=subprocess.STDOUT, cwd=task.folder,
                env=dict(task.environment), pass_fds=(asked, said), start_new_session=True,
            )  # fmt: skip
        finally:
            os.close(asked)
            os.close(said)
        self._read = b""

    def next(self) -> Offered | None:
        """Return the next benchmark; None where there is none any more."""
        while True:
            message = self._message(self._seconds)
            if "at" in message:
                return Offered(message["at"], int(message["calls"]), message["output"])
            if "end" in message:
                return None
            self._note(message)

    def time(self, groups: int, calls: int, seconds: float) -> list[tuple[int, int]]:
        """Return wall and processor nanoseconds of so many groups of calls."""
        self._tell({"time": groups, "calls": calls})
        return [(int(wall), int(processor)) for wall, processor in self._message(seconds)["times"]]

    def again(self) -> bool:
        """Let it run its benchmark from the setup on, with its data elsewhere in memory; False where it cannot."""
        self._tell({"again": True})
        while True:
            message = self._message(self._seconds)
            if "at" in message:
                return True
            if "gone" in message:
                return False
            self._note(message)

    def go_on(self) -> None:
        """Let it go on to the next benchmark."""
        self._tell({"go": True})

    @property
    def has_ended(self) -> bool:
        """Whether it could not go on: it ended, hung or wrote what is no answer."""
        return self._failed

    def close(self) -> None:
        """Kill its process group, and close the pipes."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for descriptor in (self._ask, self._said):
            with suppress(OSError):
                os.close(descriptor)
        self._output.close()

    def _note(self, message: Mapping[str, Any]) -> None:
        """Enter what it says besides."""
        if "left_out" in message:
            self.left_out.setdefault(str(message["left_out"]), str(message["why"]))
        elif "running" in message:
            self.running = str(message["running"])
        elif "order" in message:
            self.order = [str(name) for name in message["order"]]

    def _tell(self, message: Mapping[str, Any]) -> None:
        try:
            os.write(self._ask, json.dumps(message).encode() + b"\n")
        except BrokenPipeError:
            raise self._fault(self._ended()) from None

    def _message(self, seconds: float) -> dict[str, Any]:
        end = time.monotonic() + seconds
        while b"\n" not in self._read:
            ready, _, _ = select.select([self._said], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                raise self._fault(f"it did not answer within {seconds:.0f} s{self._shown()}")
            chunk = os.read(self._said, 2**16)
            if not chunk:
                raise self._fault(self._ended())
            self._read += chunk
            if len(self._read) > _LONGEST_LINE:
                raise self._fault("it wrote a line of more than 16 MiB")
        line, _, self._read = self._read.partition(b"\n")
        try:
            found: dict[str, Any] = json.loads(line)
        except ValueError:
            raise self._fault(f"it wrote what is no answer: {line[:80]!r}") from None
        return found

    def _fault(self, message: str) -> ArmFault:
        self._failed = True
        return ArmFault(message)

    def _ended(self) -> str:
        status = self._process.wait()
        return f"its process ended with status {status}{self._shown()}"

    def _shown(self) -> str:
        """Return the end of what it has printed."""
        self._output.seek(0)
        text = self._output.read()[-_KEPT:].decode(errors="replace").strip()
        return f"; it printed:\n{text}" if text else ""
