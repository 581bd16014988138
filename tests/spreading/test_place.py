"""One function of many items: each result once, and no item taken before it is needed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from symtests.spreading.place import AHEAD, Place, results_of
from symtests.validation import InvalidValue


def test_processes_give_each_result_once_and_take_few_items_ahead() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(9):
            taken.append(number)
            yield -number

    found = []
    for result in results_of(abs, items(), Place(processes=1)):
        found.append(result)
        assert len(taken) <= len(found) + AHEAD
    assert sorted(found) == taken == list(range(9))
    assert list(results_of(abs, [], Place())) == []


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("symtests.spreading.place.find_spec", lambda name: None)
    with pytest.raises(InvalidValue, match=r"pip install 'symtests\[cluster\]'"):
        next(results_of(abs, [1], Place(scheduler="local")))


WITHOUT_DASK = """
import sys
class Refuses:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("distributed", "dask", "tornado"):
            raise AssertionError(f"{name} was imported")
sys.meta_path.insert(0, Refuses())
from symtests.checking import check
from symtests.implementations.numpy_plain import NumpyPlain
import symtests.spreading.place, symtests.commands.starts, symtests.commands.bench, symtests.commands.diagnose
import symtests.cli, symtests.landscape.measuring, symtests.benchmarks.counted_starts
assert list(check(["numpy"], properties=["LOSS7"], profile="quick", examples=1, processes=1, stories=False, out="out"))
"""


def test_nothing_of_the_extra_is_imported_without_a_scheduler(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_DASK], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "results.jsonl").is_file()
