"""A process below a guard: however it ends, and however its owner ends, nothing that it has started stays behind."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import signal
import subprocess
import sys
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

from symtests.implementations import process_guard
from symtests.implementations.one_thread import with_one_thread
from symtests.validation import InvalidValue

__all__ = ["Guarded", "is_ready", "signal_name"]

_MARK: Final = "SYMTESTS_PROCESS"
"""The variable of the environment by which all that a process has started is found, wherever it has gone."""
_LAST_WORDS: Final = 4.0
"""Seconds that a guard may take to kill what it guards."""


class Guarded:
    """A process with pipes to it, below a guard (`symtests.implementations.process_guard`).

    The guard kills the process with its whole group, and what has left the group, when this object is told to end, is
    collected, or goes with its own process. Where the guard itself has been killed or stopped, the system kills the
    process, and what that has started is found by a mark in its environment (on Linux).

    Parameters
    ----------
    words
        A program and its arguments; no shell is run.
    folder
        Where it runs; the current folder unless given.

    Attributes
    ----------
    input, answers, errors
        The pipes to its standard input, and from its standard output and standard error; unbuffered.
    end
        Kills the process and closes the pipes; the second time, nothing.

    Raises
    ------
    InvalidValue
        Where the system has no process groups.
    """

    def __init__(self, words: Sequence[str], folder: Path | None = None) -> None:
        if not hasattr(os, "killpg"):
            raise InvalidValue(f"command={words[0]!r}: child processes need a POSIX system; use one, as in a container")
        mark = f"{_MARK}={secrets.token_hex(16)}"
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
                cwd=folder,
                env=with_one_thread({**os.environ, _MARK: mark.partition("=")[2]}),
            )
        except BaseException:
            os.close(self._control)
            os.close(self._status)
            raise
        finally:
            os.close(control)
            os.close(status)
        self.input, self.answers, self.errors = map(_there, (self._guard.stdin, self._guard.stdout, self._guard.stderr))
        self.end = weakref.finalize(self, _end, self._guard, self._control, self._status, mark)

    def status(self, seconds: float) -> str | None:
        """Wait so long for the process to end; return how it did, once.

        Returns
        -------
        str or None
            Its exit status in digits, with a minus sign for a signal; or a sentence that says why it could not be
            started; or nothing, where its guard has ended without a word. None where it goes on.
        """
        if not is_ready(self._status, seconds):
            return None
        return os.read(self._status, 1000).decode(errors="replace")

    def kill(self) -> None:
        """Have the guard kill the process with all that it has started, without waiting for that."""
        self._write(b"k")

    def kill_guard(self) -> None:
        """Kill a guard that does not obey, because something has stopped it; the system then kills the process."""
        self._guard.kill()

    def ask_where(self) -> None:
        """Have a Python process that is willing to (`faulthandler.register`) write where it stands."""
        self._write(b"w")

    def _write(self, order: bytes) -> None:
        if self.end.alive:
            with contextlib.suppress(OSError):  # the guard has ended
                os.write(self._control, order)


def signal_name(number: int) -> str:
    """Return the name of a signal, as in "SIGKILL"; some have none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def is_ready(pipe: int, seconds: float) -> bool:
    """Wait until there is something to read, or the end of it."""
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _there(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _end(guard: subprocess.Popen[bytes], control: int, status: int, mark: str) -> None:
    """Kill the process with all that it has started, and close all pipes."""
    with contextlib.suppress(OSError):  # the guard has ended
        os.write(control, b"k")
    for pipe in (guard.stdin, guard.stdout, guard.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError):  # what is left to write goes nowhere
                pipe.close()
    try:
        guard.wait(_LAST_WORDS)
    except subprocess.TimeoutExpired:
        guard.kill()
        guard.wait()
    os.close(control)
    os.close(status)
    if guard.returncode != 0:  # it has not come to the end of its work
        _kill_marked(mark)


def _kill_marked(mark: str) -> None:
    """Kill all processes with this mark in their environment, until there are none."""
    for _ in range(100):
        found = [process for process in _processes() if mark.encode() in _environment(process)]
        for process in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        if not found:
            return


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]


def _environment(process: int) -> list[bytes]:
    """Return the environment with which a process was started; nothing of one that is gone or somebody else's."""
    try:
        return Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
    except OSError:
        return []
