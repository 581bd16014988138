"""A child process around one implementation: whatever it does there, the check goes on."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import IO, Any, Final, cast

from symtests.checking.cells.failure import OUTPUT_KEPT
from symtests.checking.results.verdict import Failure
from symtests.implementations.one_thread import with_one_thread

__all__ = ["Inbox", "Worker"]

# With `-c` and `-m` Python searches the current folder first: a checkout there would hide the installed package.
_RUN_WORKER: Final = (
    "import sys; sys.path[:] = filter(None, sys.path); from symtests.checking.processes.worker import main; main()"
)
_LAST_WORDS: Final = 2.0
"""Seconds to wait for what is left in the pipes of a process that has ended."""


class Worker:
    """A child process that judges the cells of one implementation (`symtests.checking.processes.worker`).

    It leads a process group of its own, which is killed as a whole when it ends, however it ends: nothing that an
    implementation starts stays behind, except what leaves the group.

    Parameters
    ----------
    setup
        Its first line of input.
    inbox
        Receives a pair of this worker and each message; the last message is None, when the process has ended.

    Attributes
    ----------
    last_heard
        Reading of `time.monotonic` at its latest message.
    """

    def __init__(self, setup: Mapping[str, Any], inbox: Inbox) -> None:
        self._inbox = inbox
        self._output = bytearray()
        self.last_heard = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _RUN_WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env=with_one_thread(os.environ),
        )
        self._requests = cast("IO[bytes]", self._process.stdin)
        self._readers = [
            threading.Thread(target=self._read_answers, args=(self._process.stdout,), daemon=True),
            threading.Thread(target=self._read_output, args=(self._process.stderr,), daemon=True),
        ]
        self._waiter = threading.Thread(target=self._wait, daemon=True)
        for thread in (*self._readers, self._waiter):
            thread.start()
        self.ask(setup)

    def ask(self, job: Mapping[str, Any]) -> None:
        """Send one line; a process that has ended does not read it, and its end is told in the inbox."""
        try:
            self._requests.write(json.dumps(job).encode() + b"\n")
            self._requests.flush()
        except OSError:
            return

    def kill(self) -> None:
        """End the process and its whole group."""
        if hasattr(os, "killpg"):
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):  # it is gone already
                return
        else:
            self._process.kill()

    def join(self) -> None:
        """Wait until the process has ended and its pipes are read."""
        self._waiter.join(2 * _LAST_WORDS)

    @property
    def output(self) -> str:
        """The end of what was written to standard output and standard error."""
        return self._output.decode(errors="replace").strip()[-OUTPUT_KEPT:]

    def end(self) -> Failure:
        """Return how the process ended, as a failure."""
        status = self._process.returncode
        if status is None or status >= 0:
            return Failure("exited", f"it ended the process with status {status}", self.output)
        try:
            name = signal.Signals(-status).name
        except ValueError:  # a signal without a name
            name = f"signal {-status}"
        hint = "; the system does so when memory runs out" if name == "SIGKILL" else ""
        return Failure("killed", f"the process was killed by {name}{hint}", self.output)

    def _read_answers(self, pipe: IO[bytes]) -> None:
        for line in pipe:
            self.last_heard = time.monotonic()
            try:
                message = json.loads(line)
            except ValueError:  # the last line of a process that was killed
                continue
            if message["type"] != "alive":
                self._inbox.put((self, message))

    def _read_output(self, pipe: IO[bytes]) -> None:
        for chunk in iter(lambda: os.read(pipe.fileno(), 65536), b""):
            self._output = (self._output + chunk)[-4 * OUTPUT_KEPT :]

    def _wait(self) -> None:
        """Wait for the process and kill what it leaves behind; if possible before its number can be given away."""
        if hasattr(os, "waitid"):
            os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
            self.kill()
            self._process.wait()
        else:
            self._process.wait()
            self.kill()
        for reader in self._readers:
            reader.join(_LAST_WORDS)
        self._requests.close()
        self._inbox.put((self, None))


Inbox = queue.SimpleQueue[tuple[Worker, "Mapping[str, Any] | None"]]
"""Messages of all workers in the order in which they come."""
