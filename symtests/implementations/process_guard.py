"""Runs a command and outlives it: when the owner of the command ends, however it ends, so does all that it started.

This file is run by itself, ``python process_guard.py CONTROL STATUS WORD ...``, and needs no other. The command gets
the standard pipes of this process and a process group of its own. A byte ``w`` that comes through the descriptor
CONTROL sends the command SIGUSR1, at which a Python process that has asked for it writes where it stands; whatever
else comes, the end above all, kills the group. When the command has ended, its exit status is written to the
descriptor STATUS. Where this process itself is killed, the system kills the command.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Final

__all__ = ["main"]

_SET_DEATH_SIGNAL: Final = 1
"""The number of the request to Linux (prctl) by which a process is sent a signal when its parent ends."""
_SET_CHILD_SUBREAPER: Final = 36
"""The number of the request by which orphans below a process become its children."""
_LAST_RESORT: Final = 5.0
"""Seconds spent on processes that start others faster than they are killed."""


def main(control: int, status: int, words: list[str]) -> None:
    """Run the command until it has ended and nothing of it is left."""
    _ask_linux(_SET_CHILD_SUBREAPER, 1)
    _ask_linux(_SET_DEATH_SIGNAL, signal.SIGCONT)  # one that was stopped wakes when its owner ends, and kills the group
    try:
        # The only thread at this moment, so that code may run between fork and exec.
        command = subprocess.Popen(words, start_new_session=True, preexec_fn=_die_with_the_guard)
    except OSError as error:
        os.write(status, f"cannot be started: {error.strerror}".encode())
        return
    _let_go_of_pipes()
    threading.Thread(target=_obey, args=(control, command.pid), daemon=True).start()
    os.waitid(os.P_PID, command.pid, os.WEXITED | os.WNOWAIT)  # its number stays taken until the group is killed
    _kill_group(command.pid)
    ended = command.wait()
    _kill_children()
    os.write(status, str(ended).encode())


def _ask_linux(request: int, value: int) -> None:
    """Make a request of the system that only Linux knows; elsewhere, orphans in other groups are not found."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(request, value, 0, 0, 0)


def _die_with_the_guard() -> None:
    _ask_linux(_SET_DEATH_SIGNAL, signal.SIGKILL)


def _let_go_of_pipes() -> None:
    """Leave the standard pipes to the command alone, so that they close when it does."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)


def _obey(control: int, group: int) -> None:
    while os.read(control, 1) == b"w":
        _send(group, signal.SIGUSR1)
    _kill_group(group)


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # it is gone already
        return


def _kill_children() -> None:
    """Kill the orphans that have become children of this process, and theirs in turn."""
    deadline = time.monotonic() + _LAST_RESORT
    while (children := _children()) and time.monotonic() < deadline:
        for child in children:
            _send(child, signal.SIGKILL)
        for child in children:
            os.waitpid(child, 0)


def _send(process: int, what: signal.Signals) -> None:
    try:
        os.kill(process, what)
    except (ProcessLookupError, PermissionError):
        return


def _children() -> list[int]:
    """Return the children of this process; none where the system does not tell."""
    return [
        int(child)
        for listing in Path("/proc/self/task").glob("*/children")
        for child in listing.read_text(encoding="ascii").split()
    ]


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
