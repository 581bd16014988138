"""A child process that judges one implementation: it asks the implementation, which lives in a process further on."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from symtests.checking.results.verdict import OWN_FAULT, Failure
from symtests.implementations.direct import OUTPUT_KEPT
from symtests.implementations.guarded import Guarded, signal_name

__all__ = ["Inbox", "Worker"]

# With `-c` and `-m` Python searches the current folder first: a checkout there would hide the installed package.
_RUN_WORKER: Final = (
    "import sys; sys.path[:] = filter(None, sys.path); from symtests.checking.processes.worker import main; main()"
)
_LAST_WORDS: Final = 2.0
"""Seconds to wait for what is left in the pipes of a process that has ended."""
_LOOK: Final = 1.0
"""Seconds between two looks whether a guard that was told to kill has done so."""
_OBEDIENCE: Final = 4.0
"""Seconds that it may take for that."""
_LONGEST_MESSAGE: Final = 64 * 2**20
"""Bytes of a message; no verdict is as long."""


class Worker:
    """A child process that judges the checks of one implementation (`symtests.checking.processes.worker`).

    It runs below a guard, so that it ends, with all that it has started, when this process does.

    Parameters
    ----------
    setup
        Its first line of input.
    inbox
        Receives a pair of this worker and each message; the last message is None, when the process has ended.
    folder
        Where it runs; the current folder unless given.

    Attributes
    ----------
    last_heard
        Reading of `time.monotonic` at its latest message.
    """

    def __init__(self, setup: Mapping[str, Any], inbox: Inbox, folder: Path | None = None) -> None:
        self._inbox = inbox
        self._output = bytearray()
        self._how = ""
        self._malformed = False
        self._killed: float | None = None
        self.last_heard = time.monotonic()
        self._process = Guarded([sys.executable, "-c", _RUN_WORKER], folder)
        self._readers = [
            threading.Thread(target=self._read_answers, daemon=True),
            threading.Thread(target=self._read_output, daemon=True),
        ]
        self._waiter = threading.Thread(target=self._wait, daemon=True)
        for thread in (*self._readers, self._waiter):
            thread.start()
        self.ask(setup)

    def ask(self, job: Mapping[str, Any]) -> None:
        """Send one line; a process that has ended does not read it, and its end is told in the inbox."""
        unsent = memoryview(json.dumps(job).encode("ascii") + b"\n")
        try:
            while unsent:
                unsent = unsent[os.write(self._process.input.fileno(), unsent) :]
        except (OSError, ValueError):  # ValueError: the pipe is closed already
            return

    def kill(self) -> None:
        """End the process and all that it has started; its end is told in the inbox."""
        self._killed = self._killed or time.monotonic()
        self._process.kill()

    def join(self) -> None:
        """Wait until the process has ended and its pipes are read."""
        self._waiter.join()

    @property
    def output(self) -> str:
        """The end of what was written to standard error."""
        return self._output.decode(errors="replace").strip()[-OUTPUT_KEPT:]

    def end(self) -> Failure:
        """Return how the process ended, as a failure: of symtests, as nothing else runs in it."""
        if self._malformed:
            message = "the process that judges wrote what is no message"
        elif not self._how.lstrip("-").isdecimal():
            message = f"the process that judges {self._how or 'was killed together with its guard'}"
        elif self._how.startswith("-"):
            name = signal_name(-int(self._how))
            hint = "; the system does so when memory runs out" if name == "SIGKILL" else ""
            message = f"the process that judges was killed by {name}{hint}"
        else:
            message = f"the process that judges ended with status {self._how}"
        return Failure(OWN_FAULT, message, self.output)

    def _read_answers(self) -> None:
        pipe, unread = self._process.answers.fileno(), b""
        while chunk := os.read(pipe, 65536):
            *lines, rest = chunk.split(b"\n")
            if lines:
                lines[0] = unread + lines[0]
                unread = b""
            unread += rest
            if not all(map(self._take, lines)) or len(unread) > _LONGEST_MESSAGE:
                self._malformed = True
                self.kill()
                return

    def _take(self, line: bytes) -> bool:
        """Put the message that a line is into the inbox; tell whether it is one."""
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            return False
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            return False
        self.last_heard = time.monotonic()
        if message["type"] != "alive":
            self._inbox.put((self, message))
        return True

    def _read_output(self) -> None:
        for chunk in iter(lambda: os.read(self._process.errors.fileno(), 65536), b""):
            self._output = (self._output + chunk)[-4 * OUTPUT_KEPT :]

    def _wait(self) -> None:
        """Wait for the process; end what it has left behind, and tell of its end."""
        while (how := self._process.status(_LOOK)) is None:
            if self._killed is not None and time.monotonic() > self._killed + _OBEDIENCE:
                self._process.kill_guard()
        self._how = how
        for reader in self._readers:
            reader.join(_LAST_WORDS)
        if not any(reader.is_alive() for reader in self._readers):  # else a pipe that is being read would be closed
            self._process.end()
        self._inbox.put((self, None))


Inbox = queue.SimpleQueue[tuple[Worker, "Mapping[str, Any] | None"]]
"""Messages of all workers in the order in which they come."""
