"""The gate measured by itself: how often it says *slower* of changes that are known, from none to five per cent.

Each run is a whole one, from the start of the processes to the confirmation, of one benchmark; some are of a suite of
twenty. Every run is entered into a record as soon as it has ended, and a later call goes on from there.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from symtests.benchmarks.speed.arm import Task
from symtests.benchmarks.speed.evidence import Verdict
from symtests.benchmarks.speed.gate import Gate, Sides, gate
from symtests.benchmarks.speed.self_check_suite import CHANGES
from symtests.validation import InvalidValue
from symtests.whole_file import write_whole

__all__ = ["PLAN", "Record", "Run", "counts", "machine", "self_check"]

_HERE: Final = Path(__file__).parent
KINDS: Final = ("in_cache", "in_memory")
SUITE: Final = "suite"
PLAN: Final[Mapping[tuple[str, float], int]] = {
    **{(kind, change): 20 for kind in KINDS for change in (0.005, 0.01, 0.02, 0.03, 0.05)},
    **{(kind, 0.0): 150 for kind in KINDS},
    ("in_cache", 0.01): 100,
    ("in_memory", 0.02): 100,
    (SUITE, 0.0): 5,
}
"""How many runs of what belong to a whole record."""


@dataclass(frozen=True)
class Run:
    """A run of the gate.

    Parameters
    ----------
    work
        ``in_cache``, ``in_memory``, or ``suite`` for one of twenty benchmarks.
    change
        By which share head does more; 0 for the suite, whose changes are known.
    outcomes
        The verdict of each benchmark, in the order of the suite.
    measured
        The change that was measured, in the same order.
    seconds
        How long the run took.
    load
        The system's load average over the last minute, at its end.
    """

    work: str
    change: float
    outcomes: tuple[str, ...]
    measured: tuple[float, ...]
    seconds: float
    load: float


@dataclass
class Record:
    """All runs on a machine.

    Parameters
    ----------
    machine
        What `machine` said when the record was begun.
    runs
        The runs, oldest first.
    """

    machine: Mapping[str, Any]
    runs: list[Run] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> Record:
        """Return the record in a file, or an empty one where there is none.

        Raises
        ------
        InvalidValue
            Where the file holds something else, or runs of another machine or environment.
        """
        if not path.exists():
            return cls(machine())
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            runs = [Run(**{**run, "outcomes": tuple(run["outcomes"]), "measured": tuple(run["measured"])})
                    for run in data["runs"]]  # fmt: skip
            return cls(dict(data["machine"]), runs)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InvalidValue(f"record={str(path)!r}: holds no self-check ({error})") from None

    def write(self, path: Path) -> None:
        """Write the record, a run a line."""
        rows = ",\n".join(json.dumps(asdict(run)) for run in self.runs)
        write_whole(path, f'{{"machine": {json.dumps(self.machine)},\n"runs": [\n{rows}\n]}}\n')

    def done(self) -> Counter[tuple[str, float]]:
        """Return how many runs there are of what."""
        return Counter((run.work, run.change) for run in self.runs)

    def next(self) -> tuple[str, float] | None:
        """Return what has the smallest share of its planned runs; None where all are done."""
        done = self.done()
        share, kind = min((done[kind] / PLAN[kind], kind) for kind in PLAN)
        return kind if share < 1 else None


def machine() -> dict[str, Any]:
    """Return what the figures depend on: processor, its number, system, Python and NumPy."""
    from importlib.metadata import version

    name = platform.processor()
    cpus = Path("/proc/cpuinfo")
    if cpus.exists():
        lines = cpus.read_text(encoding="utf-8", errors="replace").splitlines()
        name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), name)
    return {
        "processor": name, "processors": os.cpu_count(), "system": platform.system(),
        "python": platform.python_version(), "numpy": version("numpy"),
    }  # fmt: skip


def self_check(path: Path, runs: int, core: int, environment: Mapping[str, str], tell: Callable[[str], None]) -> Record:
    """Run the gate so often more, or until the plan is done, and enter each run into the record at once.

    Parameters
    ----------
    path
        The file of the record.
    runs
        How many runs at most.
    core
        The processor, or -1.
    environment
        The environment variables of both sides.
    tell
        Told what is being done.
    """
    record = Record.read(path)
    if record.runs and record.machine != machine():
        raise InvalidValue(f"record={str(path)!r}: was begun on {record.machine}, and this is {machine()}")
    for _ in range(runs):
        kind = record.next()
        if kind is None:
            break
        tell(f"run {len(record.runs) + 1} of {sum(PLAN.values())}: {kind[0]}, {100 * kind[1]:g} % more")
        record.runs.append(_run(*kind, core, environment))
        record.write(path)
    return record


def _run(work: str, change: float, core: int, environment: Mapping[str, str]) -> Run:
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        base, head = _suite(Path(folder), environment) if work == SUITE else _functions(work, change, environment)
        verdicts = gate(Gate(Sides(base, head), core=core, progress=_quiet))
    return Run(
        work, change, tuple(v.outcome for v in verdicts), tuple(_measured(verdicts)),
        round(time.monotonic() - start, 1), round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else 0.0,
    )  # fmt: skip


def _measured(verdicts: Sequence[Verdict]) -> Iterator[float]:
    for verdict in verdicts:
        yield round(verdict.estimate.change, 5) if verdict.estimate else 0.0


def _functions(work: str, change: float, environment: Mapping[str, str]) -> tuple[Task, Task]:
    words = ("function", f"{_HERE / 'self_check_work.py'}:{work}", work)
    base = Task(sys.executable, words, Path.cwd(), {**environment, "SYMTESTS_SELF_CHECK": "0"})
    return base, replace(base, environment={**environment, "SYMTESTS_SELF_CHECK": str(change)})


def _suite(folder: Path, environment: Mapping[str, str]) -> tuple[Task, Task]:
    plugins = ("-p", "pytest_benchmark.plugin", "-p", "no:cacheprovider", f"--rootdir={folder}", "-c", os.devnull)
    suite = str(_HERE / "self_check_suite.py")
    words = ("suite", "WANTED", "-q", "--import-mode=importlib", *plugins, suite)
    shared = {**environment, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "SYMTESTS_SELF_CHECK_SUITE": "base"}
    base = Task(sys.executable, words, folder, shared)
    return base, replace(base, environment={**shared, "SYMTESTS_SELF_CHECK_SUITE": "head"})


def counts(record: Record) -> dict[tuple[str, float, bool], Counter[str]]:
    """Return how often the gate gave which verdict, by kind of work, change, and whether it was one of twenty."""
    found: dict[tuple[str, float, bool], Counter[str]] = {}
    for run in record.runs:
        if run.work != SUITE:
            found.setdefault((run.work, run.change, False), Counter()).update(run.outcomes)
            continue
        for number, outcome in enumerate(run.outcomes):
            kind, change = KINDS[number // len(CHANGES)], CHANGES[number % len(CHANGES)]
            found.setdefault((kind, change, True), Counter())[outcome] += 1
    return found


def _quiet(_words: str) -> None:
    pass
