"""The command line called in this process: for attacks by files, which start no process and are over in a moment."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from symtests.cli import main

__all__ = ["Called", "call", "limited"]


class Hangs(BaseException):
    """What was called has not ended in time."""


@dataclass(frozen=True)
class Called:
    """The exit status of a call, and what it wrote."""

    status: int
    stdout: str
    stderr: str


@contextlib.contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Raise `Hangs` where the context has not ended in time."""

    def give_up(*arguments: object) -> None:
        raise Hangs(f"not ended after {seconds} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def call(*arguments: str, folder: Path, seconds: int = 30) -> Called:
    """Call ``symtests ARGUMENTS`` in a folder; what it raises besides the end of the program is raised here."""
    stdout, stderr = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    argv, here = sys.argv, Path.cwd()
    sys.argv = ["symtests", *arguments]
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr), limited(seconds):
            main()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.argv = argv
        os.chdir(here)
    written = (file.buffer.getvalue().decode() for file in (stdout, stderr))
    return Called(status, *written)
