"""The real command, run under an outer limit, and what it leaves behind."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from symtests.checking.results.results_file import RESULTS_FILE, Results, read_results
from tests.attacks.attack import OUTER_LIMIT

__all__ = ["GUARD", "MARK", "Marked", "Outcome", "Running", "Server", "marked", "processes_with", "serving"]

MARK: Final = "MARK_OF_ATTACKED_PROCESSES"
"""Environment variable that every process of a run inherits: whatever else it changes, /proc remembers it."""
_SETTLING: Final = 8.0
"""Seconds after the end of a run in which what was killed may still be seen."""
GUARD: Final = "process_guard"
"""What stands in the command of the process that outlives a child process to kill what is left of it."""
TESTS: Final = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Outcome:
    """How a run has ended.

    Parameters
    ----------
    status
        Its exit status; minus the number of the signal that ended it.
    hung
        Whether it had to be killed at the outer limit.
    seconds
        How long it took.
    stdout, stderr
        What it wrote, byte for byte.
    folder
        Where it ran; `out` lies below it.
    left
        Processes of the run that were there after it, and did not go away.
    """

    status: int
    hung: bool
    seconds: float
    stdout: bytes
    stderr: bytes
    folder: Path
    left: tuple[str, ...] = ()

    @property
    def out(self) -> Path:
        """Folder of the results."""
        return self.folder / "out"

    @property
    def results(self) -> Results:
        """What is in its results file."""
        return read_results(self.out / RESULTS_FILE)

    @property
    def text(self) -> str:
        """Both outputs, for a person who reads why a test failed."""
        return (self.stdout + b"\n--- standard error\n" + self.stderr).decode(errors="replace")[-6000:]


class Server:
    """Starts runs of the command line, one after the other (`fork_server.py`).

    Parameters
    ----------
    folder
        Where it may keep files; children find the package ``tests`` through it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "path").mkdir()
        (folder / "path" / "tests").symlink_to(TESTS)
        self._process: subprocess.Popen[bytes] | None = None

    def run(
        self,
        *arguments: str,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        limit: float = OUTER_LIMIT,
        meanwhile: Callable[[Running], None] | None = None,
        limits: Mapping[str, int] | None = None,
        stdout: str | None = None,
    ) -> Outcome:
        """Run ``symtests ARGUMENTS`` in a folder; kill it, with all that it has started, at the limit.

        Parameters
        ----------
        arguments, folder, environment
            The command line, where it runs, and what is set in its environment besides.
        limit
            Seconds.
        meanwhile
            What to do while it runs, as to kill it.
        limits
            What the system allows it: ``file_size`` in bytes, of what it writes once it runs.
        stdout
            A file for its standard output, or ``closed`` for a pipe that nobody reads; a file of its own unless given.
        """
        mark = f"{uuid.uuid4()}"
        said = {
            "MARK_OF_TEST_PROCESSES": mark, MARK: mark, "PYTHONPATH": str(self._folder / "path"), "COLUMNS": "200",
            "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / ".hypothesis"), **(environment or {}),
        }  # fmt: skip
        written, errors = folder / f"stdout-{mark}", folder / f"stderr-{mark}"
        asked = {
            "arguments": list(arguments), "cwd": str(folder), "environment": said, "stdout": stdout or str(written),
            "stderr": str(errors), "limits": dict(limits or {}),
        }  # fmt: skip
        started = time.monotonic()
        running = Running(self._start(asked), mark, folder, written, started)
        if meanwhile is not None:
            meanwhile(running)
        status, hung = self._status(running, started + limit)
        seconds = time.monotonic() - started
        left = tuple(what_stays(mark))
        kill_all(mark)
        said_out = written.read_bytes() if written.exists() else b""
        return Outcome(status, hung, seconds, said_out, errors.read_bytes(), folder, left)

    @property
    def path(self) -> str:
        """The entry of Python's search path under which a process finds the attacks."""
        return str(self._folder / "path")

    @staticmethod
    def another(folder: Path) -> AbstractContextManager[Server]:
        """Return a further server, for a run beside a run."""
        return serving(folder)

    def close(self) -> None:
        """End the server."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _start(self, asked: Mapping[str, object]) -> int:
        if self._process is None:
            environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"}
            self._process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("fork_server.py"))],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, env=environment, cwd=self._folder,
            )  # fmt: skip
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        self._process.stdin.flush()
        return self._line(time.monotonic() + OUTER_LIMIT)

    def _status(self, running: Running, deadline: float) -> tuple[int, bool]:
        try:
            return self._line(deadline), False
        except TimeoutError:
            os.killpg(running.process, signal.SIGKILL)  # it was forked: /proc shows the environment of the server
            kill_all(running.mark)
            return self._line(time.monotonic() + OUTER_LIMIT), True

    def _line(self, deadline: float) -> int:
        """Return the number that the server writes next."""
        assert self._process is not None
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], max(deadline - time.monotonic(), 0.0))
        if not ready:
            raise TimeoutError
        return int(self._process.stdout.readline())


@dataclass(frozen=True)
class Running:
    """A run that is under way: its process, its mark, its folder, its standard output and when it began."""

    process: int
    mark: str
    folder: Path
    stdout: Path
    started: float

    def wait_until(self, true: Callable[[], bool], limit: float = OUTER_LIMIT) -> bool:
        """Wait until something is so, or the run has ended; return whether it is so."""
        while time.monotonic() < self.started + limit:
            if true():
                return True
            if not is_alive(self.process):
                return true()
            time.sleep(0.02)
        return False

    def send(self, sent: signal.Signals, words: str | None = None) -> None:
        """Send a signal to the process of the command itself, or to all others with a word in their commands.

        ``guard of WORD`` stands for the guards of those.
        """
        victims = [self.process]
        if words is not None:
            # The command of a guard holds that of the process that it guards.
            *guards, words = words.split(" of ")
            victims = [
                process
                for process, command in processes_with(self.mark)
                if words in command and (GUARD in command) == bool(guards)
            ]
        for victim in victims:
            with suppress(ProcessLookupError):
                os.kill(victim, sent)

    def records(self, kind: str) -> int:
        """Return how many lines of a kind the results file has."""
        path = self.folder / "out" / RESULTS_FILE
        try:
            return path.read_bytes().count(f'"type": "{kind}"'.encode())
        except OSError:
            return 0


def is_alive(process: int) -> bool:
    """Tell whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def processes_with(mark: str) -> Iterator[tuple[int, str]]:
    """Give the number and the command line of each process that has inherited a mark, or was given it as a word."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            command = (folder / "cmdline").read_bytes()
            marked = mark.encode() in command or mark.encode() in (folder / "environ").read_bytes()
            if marked and is_alive(int(folder.name)):
                yield int(folder.name), command.replace(b"\0", b" ").decode(errors="replace")[:600]
        except OSError:  # it has just ended
            continue


def what_stays(mark: str, seconds: float = _SETTLING) -> Sequence[str]:
    """Return the processes with a mark that are there even after some seconds."""
    deadline = time.monotonic() + seconds
    while True:
        found = [f"{process} {words}" for process, words in processes_with(mark)]
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


def kill_all(mark: str) -> None:
    """Kill every process with a mark, also those that start others meanwhile."""
    for _ in range(50):
        found = [process for process, _ in processes_with(mark)]
        if not found:
            return
        for process in found:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.02)


@dataclass(frozen=True)
class Marked:
    """The mark of processes that this process starts itself."""

    mark: str

    def left(self) -> list[str]:
        """Return the processes that have stayed, and kill them."""
        found = [*what_stays(self.mark)]
        kill_all(self.mark)
        return found


@contextmanager
def marked() -> Iterator[Marked]:
    """Mark what this process starts until the context ends."""
    mark = f"{uuid.uuid4()}"
    before = {name: os.environ.get(name) for name in (MARK, "MARK_OF_TEST_PROCESSES")}
    os.environ.update(dict.fromkeys(before, mark))
    try:
        yield Marked(mark)
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Keep a server until the context ends."""
    server = Server(folder)
    try:
        yield server
    finally:
        server.close()
