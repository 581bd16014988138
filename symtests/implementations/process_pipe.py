"""A command as a child process that is asked a line and answers a line, whatever else it may do."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from symtests.implementations.guarded import Guarded, is_ready, signal_name

__all__ = ["LONGEST_ANSWER", "ChildProcess", "ProcessFault", "TimeLimits"]

LONGEST_ANSWER: Final = 64 * 2**20
"""Bytes of a line after which a process is taken for one that never stops writing."""
_OUTPUT_KEPT: Final = 4000
"""Bytes kept of what it writes to standard error: the end, which says most."""
_CHUNK: Final = 2**16
_LAST_WORDS: Final = 2.0
"""Seconds that a process may take to end after its pipes have closed."""
_TO_TELL_WHERE: Final = 1.0
"""Seconds that a process may take to begin to say where it stands."""
_BETWEEN_LINES: Final = 0.1
"""Seconds of silence after which it has said it."""


@dataclass(frozen=True)
class TimeLimits:
    """Seconds that a process may take to start and say what it is, to answer a request, and to end after bye."""

    start: float = 60.0
    request: float = 30.0
    end: float = 2.0


class ProcessFault(Exception):
    """A process did not answer a line with a line.

    Attributes
    ----------
    kind
        ``hung``, ``exited``, ``killed``, or ``broken protocol`` where it wrote what it must not.
    status
        The exit status with which it ended, negative for a signal; None where it did not end or nobody knows.
    """

    def __init__(self, kind: str, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status


class ChildProcess:
    """A process that answers lines with lines, below a guard (`symtests.implementations.guarded`).

    Parameters
    ----------
    words
        The command: a program and its arguments. It is never given to a shell.
    tells_where
        Whether it writes where it stands when it is sent SIGUSR1, which kills other processes.

    Raises
    ------
    InvalidValue
        Where the system has no process groups.
    """

    def __init__(self, words: Sequence[str], *, tells_where: bool = False) -> None:
        self._process = Guarded(words)
        self._tells_where = tells_where
        pipes = self._process.input, self._process.answers, self._process.errors
        self._input, self._answers, self._errors = (pipe.fileno() for pipe in pipes)
        for pipe in (self._input, self._answers, self._errors):
            os.set_blocking(pipe, False)
        self._read = bytearray()
        self._written_to_errors = bytearray()
        self._open = {self._answers, self._errors}
        self.kill = self._process.end

    @property
    def errors(self) -> str:
        """The end of what it has written to standard error."""
        return self._written_to_errors.decode(errors="replace").strip()

    def exchange(self, line: bytes, seconds: float, aside: Callable[[bytes], bool] | None = None) -> bytes:
        """Write a line, read a line; kill the process where that is not all that happens.

        Parameters
        ----------
        line
            With its line break.
        seconds
            How long this may take in all; may be infinite.
        aside
            Told of each line that comes; where it returns True, the line is no answer, which is still waited for.

        Raises
        ------
        ProcessFault
            Where it wrote something before it was asked, took too long, wrote too much, or ended.
        """
        try:
            self._take(self._answers)
            if self._read:
                raise ProcessFault("broken protocol", f"it wrote {_shown(self._read)} without being asked")
            return self._exchanged(memoryview(line), seconds, aside)
        except BaseException as fault:  # an interrupt too: the answer would be taken for the next one
            if self._tells_where and isinstance(fault, ProcessFault) and fault.kind == "hung":
                self._hear_where()
            self.kill()
            raise

    def end_within(self, seconds: float) -> int | None:
        """Close its input and return the exit status with which it ends, or None if it had to be killed."""
        self._process.input.close()
        ended = self._process.status(seconds) or ""
        self.kill()
        return int(ended) if ended.lstrip("-").isdecimal() else None

    def _hear_where(self) -> None:
        """Have it write where it stands, and read that."""
        self._process.ask_where()
        deadline = time.monotonic() + _TO_TELL_WHERE
        while self._errors in self._open and is_ready(self._errors, max(deadline - time.monotonic(), 0.0)):
            self._take(self._errors)
            deadline = min(deadline, time.monotonic() + _BETWEEN_LINES)

    def _exchanged(self, unsent: memoryview, seconds: float, aside: Callable[[bytes], bool] | None) -> bytes:
        deadline = time.monotonic() + seconds
        searched = 0
        while True:
            end = self._read.find(b"\n", searched)
            if end >= 0 and (unsent or aside is None or not aside(bytes(self._read[:end]))):
                break
            if end >= 0:
                del self._read[: end + 1]
                searched = 0
                continue
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
        said = self._process.status(_LAST_WORDS)
        if said is None:
            return ProcessFault("exited", "it closed its standard output and went on")
        for _ in range(2 * _OUTPUT_KEPT):
            if self._errors not in self._open or not is_ready(self._errors, 0):
                break
            self._take(self._errors)
        if not said.lstrip("-").isdecimal():
            advice = "; check its spelling, and that it can be run here" if said else ""
            return ProcessFault("exited", f"it {said or 'ended with its guard'}{advice}")
        status = int(said)
        if status >= 0:
            return ProcessFault("exited", f"it ended with status {status}", status)
        return ProcessFault("killed", f"it was killed by {signal_name(-status)}", status)


def _shown(written: bytes | bytearray) -> str:
    text = bytes(written[:60]).decode(errors="replace")
    return repr(text if len(written) <= 60 else text + "…")
