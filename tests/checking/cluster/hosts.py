"""A Dask cluster as somebody would start it: a scheduler and workers, each a command of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

__all__ = ["Hosts"]

_DASK = [sys.executable, "-m", "dask"]
_STARTED = 60.0


class Hosts:
    """A scheduler and so many workers, each of which is started again where it dies, as a cluster would."""

    def __init__(self, folder: Path, workers: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._file = folder / "scheduler.json"
        self.processes: list[subprocess.Popen[bytes]] = []
        # Workers run in a folder that holds nothing of what is checked.
        self._start("scheduler", "--port", "0", "--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", self._file)
        deadline = time.monotonic() + _STARTED
        while not (self._file.is_file() and self._file.read_text()):
            assert time.monotonic() < deadline, "the scheduler has not started"
            time.sleep(0.05)
        for _ in range(workers):
            self._start(
                "worker", "--scheduler-file", self._file, "--nthreads", "1", "--no-dashboard", "--memory-limit", "0",
                "--local-directory", folder,
            )  # fmt: skip

    @property
    def address(self) -> str:
        """Of the scheduler."""
        return str(json.loads(self._file.read_text())["address"])

    @property
    def judging(self) -> list[str]:
        """The processes of symtests that run below the workers."""
        below = (each for process in self.processes for each in psutil.Process(process.pid).children(recursive=True))
        lines = [" ".join(each.cmdline()) for each in below]
        return [line for line in lines if "symtests" in line]

    def kill_scheduler(self) -> None:
        """Kill the scheduler and wait for its end."""
        self.processes[0].kill()
        self.processes[0].wait()

    def close(self) -> None:
        """End all of it; a worker that its nanny restarts belongs to the same group."""
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _start(self, *words: str | Path) -> None:
        log = (self.folder / f"{len(self.processes)}.log").open("wb")
        words_of = [*_DASK, *map(str, words)]
        self.processes.append(
            subprocess.Popen(words_of, cwd=self.folder, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        )
        log.close()
