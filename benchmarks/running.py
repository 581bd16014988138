"""The benchmarks as one function: operations by pytest, comparisons one group after the other, in fresh processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final

from pytest_benchmark.plugin import pytest_benchmark_generate_machine_info

from symtests import __version__
from symtests.benchmarks.competitors import absent
from symtests.benchmarks.groups import GROUPS, comparisons_of, required_group
from symtests.implementations import BUILT_IN, find
from symtests.implementations.one_thread import ONE_THREAD
from symtests.validation import InvalidValue
from symtests.whole_file import require_folder, write_whole

__all__ = ["BENCHMARKS_FILE", "BenchmarksFailed", "run_benchmarks"]

BENCHMARKS_FILE: Final = "benchmarks.json"
SCHEMA: Final = 1
"""Version of what stands under ``symtests`` in the file."""

# With `-c` and `-m` Python searches the current folder first: a checkout there would hide the installed package.
_RUN_PYTEST: Final = (
    "import sys; sys.path[:] = filter(None, sys.path); import pytest; sys.exit(pytest.main(sys.argv[1:]))"
)
_RUN_GROUP: Final = (
    "import sys; sys.path[:] = filter(None, sys.path); from symtests.benchmarks.groups import measure_group; "
    "measure_group(*sys.argv[1:])"
)


class BenchmarksFailed(RuntimeError):
    """Some benchmark raised or gave another answer than its peers; the other figures were written to `path`."""

    def __init__(self, faults: str, path: Path) -> None:
        super().__init__(faults)
        self.path = path


def run_benchmarks(implementations: Sequence[str], out: Path, quick: bool, groups: Sequence[str] = ()) -> Path:
    """Measure implementations, and kernels beside the peers of each group, and return the file with the figures.

    Parameters
    ----------
    implementations
        Names for `symtests.implementations.find`; the first that is here is what the others are compared with. None
        stands for all that come with the package, unless groups are named. Those whose library is not installed are
        left out, and the file says so.
    out
        Folder for ``benchmarks.json``; made where it is missing.
    quick
        Measure few rounds of two networks, and one or two comparisons of each group.
    groups
        Names of `symtests.benchmarks.groups.GROUPS`. None stands for all of them, unless implementations are named.

    Returns
    -------
    Path
        The file, in the format of pytest-benchmark. Each benchmark has in ``extra_info``: ``operation``,
        ``implementation``, ``network``, ``dtype``, ``samples``, ``steps`` (of one call; None unless it trains),
        ``reference``, and beside the reference ``ratio`` (see `symtests.benchmarks.paired.Ratio`). Under ``symtests``
        stand the versions, under ``left_out`` what was not measured and why, and under ``comparisons`` what
        `symtests.benchmarks.measuring.measure` found.

    Raises
    ------
    InvalidValue
        Where a name stands for nothing, none of the implementations is installed, or `out` cannot be written to.
    BenchmarksFailed
        Where a benchmark raised, or the answer of an implementation differs from that of its peers.
    """
    chosen = [required_group(name) for name in groups] if implementations or groups else list(GROUPS)
    names = [] if groups and not implementations else _implementations(implementations)
    require_folder("out", out)
    figures, status = _operations(names, quick)
    failed = sum(each["failed"] for each in figures["symtests"]["left_out"])
    faults = [f"{failed} of the measurements failed; why stands under 'not measured'"] if failed else []
    if status != 0 and not failed:
        faults.append(f"pytest ended with status {status}; why stands above")
    figures["symtests"]["schema"] = SCHEMA
    comparisons = figures["symtests"]["comparisons"] = []
    for group in chosen:
        found, fault = _measure_group(group, quick)
        comparisons += found
        faults += [fault] if fault else []
    try:
        out.mkdir(parents=True, exist_ok=True)
        path = out.resolve() / BENCHMARKS_FILE
        write_whole(path, json.dumps(figures, indent=1))
    except OSError as error:
        raise InvalidValue(f"out={str(out)!r}: cannot be written ({error.strerror}); name another folder") from None
    if faults:
        raise BenchmarksFailed("; ".join(faults), path)
    return path


def _implementations(given: Sequence[str]) -> list[str]:
    """Return the names to measure, after those that stand for nothing were refused."""
    names = list(given) or list(BUILT_IN)
    here = [name for name in names if absent(name) is None]
    for name in [name for name in here if name not in BUILT_IN] if here else names:
        find(name)  # its sentence says what is wrong
    return names


def _operations(names: Sequence[str], quick: bool) -> tuple[dict[str, Any], int]:
    """Return the figures of the operations of implementations, and the exit status of the pytest that measured."""
    if not names:
        return _no_operations(quick), 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder).resolve() / BENCHMARKS_FILE
        status = _measure_operations(names, path, quick)
        found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else _no_operations(quick)
    return found, status


def _measure_operations(names: Sequence[str], figures: Path, quick: bool) -> int:
    """Let pytest measure the operations of implementations and write the file; return its exit status."""
    folder = Path(__file__).resolve().parent
    with tempfile.TemporaryDirectory() as empty:
        configuration = Path(empty) / "pytest.ini"  # empty: what is set for the tests around here must not count
        configuration.write_text("[pytest]\n", encoding="utf-8")
        return subprocess.run(
            [
                *(sys.executable, "-c", _RUN_PYTEST, str(folder / "bench_operations.py")),
                *(f"--implementation={name}" for name in names),
                *(["--quick"] if quick else []),
                *(f"--rootdir={folder}", "-c", str(configuration), "--import-mode=importlib"),
                *("-p", "pytest_benchmark.plugin", "-p", "symtests.benchmarks.operations_plugin"),
                *("-p", "no:cacheprovider", "-p", "no:warnings"),
                *("-q", "--no-summary"),
                *(f"--benchmark-json={figures}", "--benchmark-quiet", "--benchmark-disable-gc"),
                *(f"--benchmark-max-time={0.02 if quick else 0.25}", "--benchmark-min-rounds=5"),
            ],
            env={**_without_pytest(os.environ), **_threads(1), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            stdin=subprocess.DEVNULL,
            check=False,
        ).returncode


def _measure_group(group: str, quick: bool) -> tuple[list[dict[str, Any]], str | None]:
    """Measure the comparisons of a group, one process for each number of threads; return what failed too."""
    found: list[dict[str, Any]] = []
    fault = None
    for threads in sorted({each.threads for each in comparisons_of(group, quick)}):
        with tempfile.TemporaryDirectory() as folder:
            lines = Path(folder) / "comparisons.jsonl"
            lines.touch()
            status = subprocess.run(
                [sys.executable, "-c", _RUN_GROUP, group, str(threads), "quick" if quick else "full", str(lines)],
                env={**os.environ, **_threads(threads)},
                stdin=subprocess.DEVNULL,
                check=False,
            ).returncode
            found += [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
        if status != 0:
            fault = f"the process of group {group!r} ended with status {status}; why stands above"
    return found, fault


def _no_operations(quick: bool) -> dict[str, Any]:
    """Return the file of a run that measures comparisons alone, or whose pytest wrote none."""
    machine = pytest_benchmark_generate_machine_info()  # type: ignore[no-untyped-call] # pytest-benchmark's own
    machine.pop("node", None)  # the machine's name
    return {
        "machine_info": machine,
        "datetime": datetime.now(timezone.utc).isoformat(),
        "benchmarks": [],
        "symtests": {"version": __version__, "quick": quick, "implementations": {}, "left_out": []},
    }


def _threads(number: int) -> dict[str, str]:
    """Return the environment variables by which every library uses so many threads."""
    names = (*ONE_THREAD, "NUMBA_NUM_THREADS")
    xla = f"--xla_cpu_multi_thread_eigen={'false' if number == 1 else 'true'} intra_op_parallelism_threads={number}"
    return {**dict.fromkeys((*names, "NPROC"), str(number)), "XLA_FLAGS": xla}  # NPROC: the pool that JAX hands work to


def _without_pytest(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without what a surrounding pytest, or its user, has set for it."""
    return {name: value for name, value in environment.items() if not name.startswith("PYTEST_")}
