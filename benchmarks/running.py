"""The benchmarks as one function: pytest runs them in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from symtests.benchmarks.contenders import absent
from symtests.implementations import BUILT_IN, find
from symtests.implementations.one_thread import ONE_THREAD

__all__ = ["BENCHMARKS_FILE", "BenchmarksFailed", "run_benchmarks"]

BENCHMARKS_FILE: Final = "benchmarks.json"

# With `-c` and `-m` Python searches the current folder first: a checkout there would hide the installed package.
_RUN_PYTEST: Final = (
    "import sys; sys.path[:] = filter(None, sys.path); import pytest; sys.exit(pytest.main(sys.argv[1:]))"
)
# Every library gets one core, so that a figure is of its arithmetic and not of how many cores were idle.
_ONE_THREAD: Final = {**ONE_THREAD, "NUMBA_NUM_THREADS": "1"}


class BenchmarksFailed(RuntimeError):
    """Some benchmark raised or gave another answer than its peers; the other figures were written."""


def run_benchmarks(implementations: Sequence[str], out: Path, quick: bool) -> Path:
    """Measure forward pass, gradient and training, and return the file with the figures.

    Parameters
    ----------
    implementations
        Names for `symtests.implementations.find`; the first that is here is what the others are compared with. None
        stands for all that come with the package. Those whose library is not installed are left out, and the file
        says so.
    out
        Folder for ``benchmarks.json``; made where it is missing.
    quick
        Measure few rounds of two networks.

    Returns
    -------
    Path
        The file, in the format of pytest-benchmark. Each benchmark has in ``extra_info``: ``operation``,
        ``implementation``, ``network``, ``dtype``, ``samples``, ``steps`` (of one call; None unless it trains),
        ``reference``, and beside the reference ``ratio`` (see `symtests.benchmarks.paired.Ratio`). Under ``symtests``
        stand the versions, and under ``left_out`` what was not measured and why.

    Raises
    ------
    InvalidValue
        Where a name stands for nothing, or none of them is installed.
    BenchmarksFailed
        Where a benchmark raised or its answer differs from that of its peers.
    """
    names = list(implementations) or list(BUILT_IN)
    here = [name for name in names if absent(name) is None]
    for name in [name for name in here if name not in BUILT_IN] if here else names:
        find(name)  # its sentence says what is wrong
    out.mkdir(parents=True, exist_ok=True)
    figures = (out / BENCHMARKS_FILE).resolve()
    figures.unlink(missing_ok=True)
    folder = Path(__file__).resolve().parent
    with tempfile.TemporaryDirectory() as empty:
        configuration = Path(empty) / "pytest.ini"  # empty: what is set for the tests around here must not count
        configuration.write_text("[pytest]\n", encoding="utf-8")
        status = subprocess.run(
            [
                *(sys.executable, "-c", _RUN_PYTEST, str(folder / "bench_operations.py")),
                *(f"--implementation={name}" for name in names),
                *(["--quick"] if quick else []),
                *(f"--rootdir={folder}", "-c", str(configuration), "--import-mode=importlib"),
                *("-p", "pytest_benchmark.plugin", "-p", "no:cacheprovider", "-q"),
                *(f"--benchmark-json={figures}", "--benchmark-quiet", "--benchmark-disable-gc"),
                *(f"--benchmark-max-time={0.02 if quick else 0.25}", "--benchmark-min-rounds=5"),
            ],
            env={**_without_pytest(os.environ), **_ONE_THREAD, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            stdin=subprocess.DEVNULL,
            check=False,
        ).returncode
    if status != 0 or not figures.is_file():
        raise BenchmarksFailed(f"pytest ended with status {status}; what failed stands above")
    return figures


def _without_pytest(environment: os._Environ[str]) -> dict[str, str]:
    """Return the environment without what a surrounding pytest, or its user, has set for it."""
    return {name: value for name, value in environment.items() if not name.startswith("PYTEST_")}
