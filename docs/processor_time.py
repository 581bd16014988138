"""Measures the processor time of a command with all processes below it, also of those that outlive their parents.

    python docs/processor_time.py symtests check numpy --profile quick -n 1
    python docs/processor_time.py symtests check numpy --profile quick -n 2 --scheduler local

On Linux, where a process can become the parent of orphans below it.
"""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

__all__ = ["main", "processor_seconds"]

_SET_CHILD_SUBREAPER: Final = 36
"""The number of the request (prctl) by which orphans below a process become its children."""


def processor_seconds(words: Sequence[str]) -> tuple[int, float]:
    """Run a command; return its exit status, and the seconds that it and all below it computed."""
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    status = subprocess.run(words, check=False).returncode
    with suppress(ChildProcessError):
        while True:
            os.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return status, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(words: Sequence[str]) -> int:
    """Print the processor time of a command; return its exit status."""
    status, seconds = processor_seconds(words)
    print(f"{seconds:.1f} s of processor time", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
