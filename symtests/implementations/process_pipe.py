"""A command as a child process that is asked a line and answers a line, whatever else it may do."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Sequence
from typing import Final

from symtests.implementations import process_guard
from symtests.implementations.one_thread import with_one_thread
from symtests.validation import InvalidValue

__all__ = ["LONGEST_ANSWER", "ChildProcess", "ProcessFault"]

LONGEST_ANSWER: Final = 64 * 2**20
"""Bytes of a line after which a process is taken for one that never stops writing."""
_OUTPUT_KEPT: Final = 4000
"""Bytes kept of what it writes to standard error: the end, which says most."""
_CHUNK: Final = 2**16
_LAST_WORDS: Final = 2.0
"""Seconds that a process may take to end after its pipes have closed, or after it was killed."""


class ProcessFault(Exception):
    """A process did not answer a line with a line.

    Attributes
    ----------
    kind
        ``hung``, ``exited``, ``killed``, or ``broken protocol`` where it wrote what it must not.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class ChildProcess:
    """A process that answers lines with lines.

    It runs in a process group of its own below a guard (`symtests.implementations.process_guard`), so that it ends
    with this process, and all that it has started ends with it. It is never given to a shell.

    Parameters
    ----------
    words
        The command: a program and its arguments.

    Raises
    ------
    InvalidValue
        Where the system has no process groups.
    """

    def __init__(self, words: Sequence[str]) -> None:
        if not hasattr(os, "killpg"):
            raise InvalidValue(f"command={words[0]!r}: commands need a POSIX system; use one, as in a container")
        control, self._control = os.pipe()
        self._status, status = os.pipe()
        try:
            self._guard = subprocess.Popen(
                [sys.executable, "-I", "-S", process_guard.__file__, str(control), str(status), *words],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                pass_fds=(control, status),
                start_new_session=True,
                env=with_one_thread(os.environ),
            )
        except BaseException:
            os.close(self._control)
            os.close(self._status)
            raise
        finally:
            os.close(control)
            os.close(status)
        assert self._guard.stdin is not None
        assert self._guard.stdout is not None
        assert self._guard.stderr is not None
        self._input, self._answers, self._errors = (
            pipe.fileno() for pipe in (self._guard.stdin, self._guard.stdout, self._guard.stderr)
        )
        for pipe in (self._input, self._answers, self._errors):
            os.set_blocking(pipe, False)
        self._read = bytearray()
        self._written_to_errors = bytearray()
        self._open = {self._answers, self._errors}
        self.kill = weakref.finalize(self, _end, self._guard, self._control, self._status)

    @property
    def errors(self) -> str:
        """The end of what it has written to standard error."""
        return self._written_to_errors.decode(errors="replace").strip()

    def exchange(self, line: bytes, seconds: float) -> bytes:
        """Write a line, read a line; kill the process where that is not all that happens.

        Parameters
        ----------
        line
            With its line break.
        seconds
            How long this may take in all; may be infinite.

        Raises
        ------
        ProcessFault
            Where it wrote something before it was asked, took too long, wrote too much, or ended.
        """
        try:
            self._take(self._answers)
            if self._read:
                raise ProcessFault("broken protocol", f"it wrote {_shown(self._read)} without being asked")
            return self._exchanged(memoryview(line), seconds)
        except BaseException:  # an interrupt too: the answer would be taken for the next one
            self.kill()
            raise

    def end_within(self, seconds: float) -> int | None:
        """Close its input and return the exit status with which it ends, or None if it had to be killed."""
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        ended = os.read(self._status, 20) if _is_ready(self._status, seconds) else b""
        self.kill()
        return int(ended) if ended.lstrip(b"-").isdigit() else None

    def _exchanged(self, unsent: memoryview, seconds: float) -> bytes:
        deadline = time.monotonic() + seconds
        searched = 0
        while True:
            end = self._read.find(b"\n", searched)
            if end >= 0:
                break
            searched = len(self._read)
            if searched > LONGEST_ANSWER:
                raise ProcessFault("broken protocol", f"it wrote {searched >> 20} MiB without a line break")
            if self._answers not in self._open:
                raise self._ended()
            if not self._wait(bool(unsent), deadline):
                raise ProcessFault("hung", f"it had not answered after {seconds:g} s")
            unsent = self._send(unsent)
            self._take(self._answers)
            self._take(self._errors)
        answer = bytes(self._read[:end])
        del self._read[: end + 1]
        if unsent:
            raise ProcessFault("broken protocol", f"it wrote {_shown(answer)} before it had read the request")
        self._take(self._errors)
        return answer

    def _wait(self, sending: bool, deadline: float) -> bool:
        """Wait until a pipe is ready; return whether one is before the deadline."""
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        poll = select.poll()
        for pipe in self._open:
            poll.register(pipe, select.POLLIN)
        if sending:
            poll.register(self._input, select.POLLOUT)
        return bool(poll.poll(min(left, 3600.0) * 1000)) or left > 3600.0

    def _send(self, unsent: memoryview) -> memoryview:
        if not unsent:
            return unsent
        try:
            return unsent[os.write(self._input, unsent[:_CHUNK]) :]
        except BlockingIOError:
            return unsent
        except OSError:  # it does not read any more: what it has written, or its end, says why
            return unsent[:0]

    def _take(self, pipe: int) -> None:
        """Take what is in a pipe, if anything is."""
        if pipe not in self._open:
            return
        try:
            chunk = os.read(pipe, _CHUNK)
        except BlockingIOError:
            return
        if not chunk:
            self._open.discard(pipe)
        elif pipe == self._answers:
            self._read += chunk
        else:
            self._written_to_errors = (self._written_to_errors + chunk)[-_OUTPUT_KEPT:]

    def _ended(self) -> ProcessFault:
        """Return how the process ended, as soon as it has; it has closed its standard output."""
        if not _is_ready(self._status, _LAST_WORDS):
            return ProcessFault("exited", "it closed its standard output and went on")
        said = os.read(self._status, 1000).decode(errors="replace")
        for _ in range(2 * _OUTPUT_KEPT):
            if self._errors not in self._open or not _is_ready(self._errors, 0):
                break
            self._take(self._errors)
        if not said.lstrip("-").isdigit():
            advice = "; check its spelling, and that it can be run here" if said else ""
            return ProcessFault("exited", f"it {said or 'ended with its guard'}{advice}")
        status = int(said)
        if status >= 0:
            return ProcessFault("exited", f"it ended with status {status}")
        try:
            name = signal.Signals(-status).name
        except ValueError:  # a signal without a name
            name = f"signal {-status}"
        return ProcessFault("killed", f"it was killed by {name}")


def _end(guard: subprocess.Popen[bytes], control: int, status: int) -> None:
    """Kill the process with all that it has started, and close all pipes."""
    with contextlib.suppress(OSError):  # the guard has ended
        os.write(control, b"k")
    for pipe in (guard.stdin, guard.stdout, guard.stderr):
        if pipe is not None:
            pipe.close()
    try:
        guard.wait(2 * _LAST_WORDS)
    except subprocess.TimeoutExpired:
        guard.kill()
        guard.wait()
    os.close(control)
    os.close(status)


def _is_ready(pipe: int, seconds: float) -> bool:
    """Wait until there is something to read, or the end of it."""
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _shown(written: bytes | bytearray) -> str:
    text = bytes(written[:60]).decode(errors="replace")
    return repr(text if len(written) <= 60 else text + "…")
