"""Tests of the side that is timed, through its pipes."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.benchmarks.speed import worker
from symtests.benchmarks.speed.worker import output_of

SUITE = """
import pytest

def test_one(benchmark):
    assert benchmark(lambda: [1.0, 2.0]) == [1.0, 2.0]

def test_with_setup(benchmark):
    seen = []
    assert benchmark.pedantic(lambda x: seen.append(x) or x, setup=lambda: ((3.0,), {}), rounds=2) == 3.0
    assert set(seen) == {3.0}

def test_skipped(benchmark):
    pytest.skip("not on this day")

def test_failing(benchmark):
    assert benchmark(lambda: 1) == 2

def test_without():
    raise AssertionError("no benchmark: not run")
"""


@contextmanager
def running(*words: str, cwd: Path) -> Iterator[tuple[IO[str], IO[str]]]:
    asked, ask = os.pipe()
    said, say = os.pipe()
    process = subprocess.Popen(
        [sys.executable, worker.__file__, str(asked), str(say), "-1", *words], cwd=cwd, pass_fds=(asked, say),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(asked)
    os.close(say)
    with os.fdopen(ask, "w") as to_it, os.fdopen(said) as from_it:
        yield to_it, from_it
    process.wait(30)


def talk(words: tuple[str, ...], cwd: Path, groups: int = 2) -> list[dict[str, Any]]:
    """Time each benchmark once, and return all that it said."""
    found = []
    with running(*words, cwd=cwd) as (to_it, from_it):
        for line in from_it:
            message = json.loads(line)
            found.append(message)
            if "at" in message:
                request = {"time": groups, "calls": message["calls"]}
                to_it.write(json.dumps(request) + "\n" + json.dumps({"go": True}) + "\n")
                to_it.flush()
    return found


def test_a_suite_is_timed_benchmark_by_benchmark(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(SUITE)
    (tmp_path / "wanted.json").write_text("[]")
    found = talk(("suite", "wanted.json", "-q", "-p", "no:cacheprovider", "test_it.py"), tmp_path)
    assert found[0]["order"] == [f"test_it.py::test_{name}" for name in ("one", "with_setup", "skipped", "failing")]
    offered = [message["at"] for message in found if "at" in message]
    assert offered == [f"test_it.py::test_{name}" for name in ("one", "with_setup", "failing")]
    why = {message["left_out"]: message["why"] for message in found if "left_out" in message}
    assert why["test_it.py::test_skipped"] == "not on this day"
    assert why["test_it.py::test_failing"].startswith("assert 1 == 2")
    assert len(why) == 2
    for message in found:
        if "times" in message:
            assert len(message["times"]) == 2
            assert all(wall > 0 for wall, _ in message["times"])
    assert found[-1]["end"] == 1


def test_a_benchmark_is_run_again_from_its_setup_on(tmp_path: Path) -> None:
    """Its own fixtures are new each time, those of its module are not, and what does not come again is gone."""
    (tmp_path / "test_it.py").write_text(
        "import pytest\nCALLS = []\n"
        "@pytest.fixture(scope='module')\ndef wide():\n    CALLS.append('wide')\n    yield\n    CALLS.append('end')\n"
        "@pytest.fixture\ndef own(wide):\n    CALLS.append('own')\n    yield\n    CALLS.append('over')\n"
        "def test_one(own, benchmark):\n    benchmark(lambda: len(CALLS))\n"
        "def test_once(benchmark):\n    CALLS.append('once')\n    assert CALLS.count('once') == 1\n"
        "    benchmark(lambda: ' '.join(CALLS).count('own over') + 0.5)\n"
        "def test_last(benchmark):\n    benchmark(lambda: CALLS.count('end') + CALLS.count('wide'))\n"
    )
    (tmp_path / "wanted.json").write_text("[]")
    found = []
    words = ("suite", "wanted.json", "-q", "-p", "no:cacheprovider", "test_it.py")
    with running(*words, cwd=tmp_path) as (to_it, from_it):
        for line in from_it:
            message = json.loads(line)
            found.append(message)
            if "at" in message or "gone" in message:
                times = sum("at" in other and other["at"] == message.get("at") for other in found)
                request = {"again": True} if "at" in message and times < 3 else {"go": True}
                to_it.write(json.dumps(request) + "\n")
                to_it.flush()
    said = [(key, message[key]) for message in found for key in ("at", "gone") if key in message]
    one, once, last = (f"test_it.py::test_{name}" for name in ("one", "once", "last"))
    assert said == [("at", one)] * 3 + [("at", once), ("gone", once)] + [("at", last)] * 3
    outputs = [message["output"]["numbers"] for message in found if "output" in message]
    assert outputs[1:] == [[(3.5).hex()], [(1.0).hex()]]  # three times its own fixture, and the wide one still open


def test_only_what_is_wanted_is_run(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(SUITE)
    (tmp_path / "wanted.json").write_text(json.dumps(["test_it.py::test_with_setup"]))
    found = talk(("suite", "wanted.json", "-q", "-p", "no:cacheprovider", "test_it.py"), tmp_path)
    assert [message["at"] for message in found if "at" in message] == ["test_it.py::test_with_setup"]


def test_a_function_is_timed_and_its_neighbour_can_be_imported(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("VALUE = 2.5\n")
    (tmp_path / "mine.py").write_text("import helper\ndef f():\n    return helper.VALUE\n")
    found = talk(("function", str(tmp_path / "mine.py") + ":f", "mine"), Path("/"))
    assert [next(iter(message)) for message in found] == ["order", "running", "at", "times", "end"]
    assert found[2]["output"]["numbers"] == [(2.5).hex()]
    assert found[2]["calls"] > 1000


def test_what_cannot_be_called_is_left_out_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def f():\n    raise ValueError('no data')\n")
    found = talk(("function", str(tmp_path / "mine.py") + ":f", "mine"), tmp_path)
    assert found[1:3] == [{"running": "mine"}, {"left_out": "mine", "why": "ValueError: no data"}]
    assert found[-1] == {"end": 0}


def test_it_ends_with_the_one_that_asks(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def f():\n    return 1\n")
    with running("function", str(tmp_path / "mine.py") + ":f", "mine", cwd=tmp_path) as (_, from_it):
        said = [next(iter(json.loads(from_it.readline()))) for _ in range(3)]
    assert said == ["order", "running", "at"]


@dataclass
class Pair:
    one: np.ndarray[Any, Any]
    two: float


@given(st.lists(st.floats(-1e100, 1e100), min_size=1, max_size=30))
def test_all_numbers_are_found_wherever_they_are(numbers: list[float]) -> None:
    array = np.array(numbers)
    for value in (array, numbers, {"b": array}, Pair(array[1:], numbers[0]), (tuple(numbers), None, "text")):
        found = [float.fromhex(text) for text in output_of(value)["numbers"]]
        assert sorted(found) == sorted(numbers)
    assert output_of(array)["narrowest"] == 64
    assert output_of([1.0, np.float32(2.0), array.astype("float32")])["narrowest"] == 32


def test_the_digest_is_of_all_numbers_though_few_are_shown() -> None:
    many = np.arange(100_000.0)
    other = many.copy()
    other[-1] = 0.5
    one, two = output_of(many), output_of(other)
    assert len(one["numbers"]) <= 4096
    assert one["digest"] != two["digest"]
    assert struct.pack("<d", 0.0) != struct.pack("<d", -0.0)
    assert output_of(0.0)["digest"] != output_of(-0.0)["digest"]


@pytest.mark.parametrize("value", [2**5000, -(2**2000)])
def test_numbers_beyond_float_are_infinite(value: int) -> None:
    assert output_of(value)["numbers"] == ["inf"]
