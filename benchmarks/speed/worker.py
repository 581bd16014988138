"""One side of a comparison: runs benchmarks in its own environment, and times each when it is its turn.

This file is run by itself, ``python worker.py ASKED SAID CORE MODE WORD ...``, in any environment; it needs nothing but
Python, and pytest where a suite is run. Requests come as lines of JSON through the descriptor ASKED, and answers go
through SAID. When ASKED ends, so does the process.

For each benchmark the worker says ``{"at": name, "calls": n, "output": ...}`` and then obeys:

    {"time": k, "calls": n}   one call that is not timed, then k groups of n calls: {"times": [[wall, processor], ...]}
    {"again": true}           the benchmark once more from its setup on, with its data elsewhere in memory: {"at": name,
                              ...} again, or {"gone": name} where it cannot be run twice
    {"go": true}              on to the next benchmark

First it says ``{"order": [name, ...]}``, before each benchmark ``{"running": name}``, by which one that ends the
process is known, and at the end ``{"end": status}``. For what it cannot time: ``{"left_out": name, "why": ...}``.
"""

from __future__ import annotations

import gc
import hashlib
import importlib.util
import json
import os
import random
import struct
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

__all__ = ["Turns", "flat_numbers", "main", "output_of"]

_SHORTEST: Final = 500_000
"""Nanoseconds that a timed group of calls lasts at least: long for the clock, short for the scheduler."""
_MOST_CALLS: Final = 2**20
_LONGEST_REASON: Final = 300
_MOST_NUMBERS: Final = 4096
"""So many numbers of an output are handed over; all of it goes into its digest."""


class Turns:
    """The worker's end of the two pipes.

    Parameters
    ----------
    asked, said
        Descriptors.
    core
        The processor on which it stays once it is asked to time, or -1: until then it gets ready beside those timed.

    Attributes
    ----------
    again
        Whether the benchmark is to be run once more from its setup on.
    offered
        How often it was offered.
    """

    def __init__(self, asked: int, said: int, core: int = -1) -> None:
        self._asked = os.fdopen(asked, encoding="utf-8")
        self._said = os.fdopen(said, "w", encoding="utf-8")
        self._core = core
        self._random = random.Random()
        self._fillers: list[bytearray] = []
        self.again, self.offered = False, 0

    def say(self, **message: Any) -> None:
        """Write one line; where nobody reads any more, end the process."""
        try:
            self._said.write(json.dumps(message) + "\n")
            self._said.flush()
        except OSError:
            os._exit(0)

    def move(self) -> None:
        """Fill up some memory, so that what is allocated next comes to lie elsewhere than before."""
        sizes = [*(self._random.randrange(1, 4096) for _ in range(64)), self._random.randrange(1, 2**20)]
        self._fillers = [bytearray(size) for size in sizes]

    def repeat(self, name: str, run: Callable[[], Any]) -> None:
        """Run a benchmark from its setup on, as often as asked."""
        self.again, self.offered = True, 0
        while self.again:
            self.again = False
            self.move()
            before = self.offered
            run()
            if before and self.offered == before:
                self.say(gone=name)
                self._request()

    def take(self, name: str, function: Callable[[], Any], before: Callable[[], None] | None = None) -> Any:
        """Offer a benchmark, time it as often as asked, and return what its first call returned.

        Parameters
        ----------
        name
            Of the benchmark.
        function
            What is timed.
        before
            Called before each call, not timed; then a group is one call.
        """
        prepare = before or _nothing
        prepare()
        result = function()  # compiles what has to be compiled
        self.offered += 1
        if self.offered == 1:
            self.say(at=name, calls=1 if before else _calls_that_last(function), output=output_of(result))
        else:
            self.say(at=name)
        enabled = gc.isenabled()
        gc.disable()
        try:
            while "time" in (request := self._request()):
                count = 1 if before else int(request["calls"])
                self.say(times=_timed(function, prepare, int(request["time"]), count))
        finally:
            if enabled:
                gc.enable()
        self.again = "again" in request
        return result

    def _request(self) -> dict[str, Any]:
        line = self._asked.readline()
        if not line:
            os._exit(0)
        if self._core >= 0 and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {self._core})
            self._core = -1
        request: dict[str, Any] = json.loads(line)
        return request


def _nothing() -> None:
    pass


def _timed(function: Callable[[], Any], prepare: Callable[[], None], groups: int, calls: int) -> list[tuple[int, int]]:
    """Return wall and processor time in nanoseconds of each group of calls."""
    wall, processor = time.perf_counter_ns, time.process_time_ns
    prepare()
    function()  # brings its data back into the caches, from which another process has driven them
    times = []
    for _ in range(groups):
        prepare()
        start, start_processor = wall(), processor()
        for _ in range(calls):
            function()
        times.append((wall() - start, processor() - start_processor))
    return times


def _calls_that_last(function: Callable[[], Any]) -> int:
    calls, long = 1, 0
    while calls < _MOST_CALLS and long < 3:  # one group alone may be long as another process interrupts it
        start = time.perf_counter_ns()
        for _ in range(calls):
            function()
        lasted = time.perf_counter_ns() - start
        long = (long + 1 if lasted < 100 * _SHORTEST else 3) if lasted >= _SHORTEST else 0
        calls *= 1 if long else 2
    return calls


def output_of(result: Any) -> dict[str, Any]:
    """Return what can be compared of a result: the numbers in it, and a digest of all of them.

    Numbers are found in arrays (anything with ``tobytes`` and ``dtype``), numbers, sequences, mappings and dataclasses;
    ``digest`` is empty where there are none.
    """
    numbers: list[float] = []
    digest = hashlib.sha256()
    narrowest = flat_numbers(result, numbers, digest)
    if narrowest is None:
        return {"digest": "", "numbers": [], "narrowest": 0}
    shown = numbers[:: max(1, len(numbers) // _MOST_NUMBERS + (len(numbers) % _MOST_NUMBERS > 0))]
    return {"digest": digest.hexdigest(), "numbers": [number.hex() for number in shown], "narrowest": narrowest}


def flat_numbers(value: Any, numbers: list[float], digest: Any, depth: int = 0) -> int | None:
    """Append all numbers in a value; return the bits of the narrowest float type among them, or None without any."""
    if depth > 6 or isinstance(value, (str, bytes)) or value is None:
        return None
    if isinstance(value, (bool, int, float)):
        number = float(value) if abs(value) < 2**1000 else float("inf")
        numbers.append(number)
        digest.update(struct.pack("<d", number))
        return 64
    if hasattr(value, "dtype") and hasattr(value, "tobytes"):
        return _of_array(value, numbers, digest)
    parts: Any = value if isinstance(value, (list, tuple)) else ()
    if isinstance(value, dict):
        parts = [value[key] for key in sorted(value, key=str)]
    elif hasattr(value, "__dataclass_fields__"):
        parts = [getattr(value, name) for name in value.__dataclass_fields__]
    found = [flat_numbers(part, numbers, digest, depth + 1) for part in parts]
    return min((bits for bits in found if bits is not None), default=None)


def _of_array(value: Any, numbers: list[float], digest: Any) -> int | None:
    if value.dtype.kind not in "fiub":
        return None
    digest.update(str((value.dtype.str, value.shape)).encode() + value.tobytes())
    numbers.extend(float(number) for number in value.astype("f8").ravel().tolist())
    return int(value.dtype.itemsize * 8) if value.dtype.kind == "f" else 64


def _function(place: str) -> Callable[[], Any]:
    """Return the function that ``file.py:name`` stands for."""
    path, _, name = place.rpartition(":")
    specification = importlib.util.spec_from_file_location(Path(path).stem, path)
    if specification is None or specification.loader is None:
        raise ImportError(f"no Python file {path}")
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    sys.path.insert(0, str(Path(path).resolve().parent))
    specification.loader.exec_module(module)
    return getattr(module, name)


class _Suite:
    """A pytest plugin by which every benchmark of a suite is timed in turns.

    The test gets the fixture of pytest-benchmark, which returns what the function returns, as always.
    """

    def __init__(self, turns: Turns, wanted: list[str]) -> None:
        self._turns, self._wanted = turns, wanted

    def pytest_runtest_protocol(self, item: Any, nextitem: Any) -> bool:
        """Run a benchmark as often as asked, each time with new fixtures of its own."""
        from _pytest.runner import runtestprotocol

        def run() -> None:
            if self._turns.offered and hasattr(item, "_initrequest"):
                item._initrequest()
            # with its parent as what comes next, pytest ends the fixtures of this test, and of nothing wider
            for report in runtestprotocol(item, log=False, nextitem=item.parent):
                item.ihook.pytest_runtest_logreport(report=report)

        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        self._turns.repeat(item.nodeid, run)
        with suppress(Exception):  # what a wider fixture raises at its end says nothing of speed
            item.session._setupstate.teardown_exact(nextitem)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def pytest_runtest_call(self, item: Any) -> None:
        """Give the fixture another way of being called, after all fixtures are set up."""
        from pytest_benchmark.fixture import BenchmarkFixture

        fixture: Any = item.funcargs.get("benchmark")
        is_benchmark = isinstance(fixture, BenchmarkFixture)
        if is_benchmark:
            fixture.__class__ = type("TurnsFixture", (_Benchmark, BenchmarkFixture), {})
            fixture.in_turns = (self._turns, item.nodeid)

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Leave tests that benchmark nothing, and what is not wanted."""
        items[:] = [item for item in items if "benchmark" in getattr(item, "fixturenames", ())]
        if self._wanted:
            items[:] = [item for item in items if item.nodeid in self._wanted]
        self._turns.say(order=[item.nodeid for item in items])

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Say what is run, before anything of it is."""
        self._turns.say(running=nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Tell what could not be timed."""
        if report.outcome != "passed" and report.when in ("setup", "call"):
            self._turns.say(left_out=report.nodeid, why=_reason(report.longrepr))

    def pytest_collectreport(self, report: Any) -> None:
        """Tell which file could not be collected."""
        if report.failed:
            self._turns.say(left_out=report.nodeid, why=_reason(report.longrepr))


def _reason(told: Any) -> str:
    """Return one line of what pytest says of a failure or a skip."""
    if isinstance(told, tuple):  # of a skip: file, line, reason
        return str(told[-1]).removeprefix("Skipped: ")[:_LONGEST_REASON]
    crash = getattr(told, "reprcrash", None)
    lines = str(crash.message if crash else told).strip().splitlines() or ["it gives no reason"]
    return (lines[0] if crash else lines[-1])[:_LONGEST_REASON]


class _Benchmark:
    """What is different from pytest-benchmark's fixture."""

    in_turns: tuple[Turns, str]

    def weave(self, *_arguments: Any, **_settings: Any) -> None:
        raise RuntimeError("benchmark.weave cannot be timed in turns; benchmark the function itself")

    def __call__(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self.in_turns[0].take(self.in_turns[1], lambda: function(*args, **kwargs))

    def pedantic(
        self, target: Callable[..., Any], args: Any = (), kwargs: Any = None, setup: Any = None, **_rounds: Any
    ) -> Any:
        given = {"args": args, "kwargs": kwargs or {}}

        def prepare() -> None:
            fresh = setup()
            if fresh is not None:
                given["args"], given["kwargs"] = fresh

        def run() -> Any:
            return target(*given["args"], **given["kwargs"])

        return self.in_turns[0].take(self.in_turns[1], run, prepare if setup else None)


def _end_with_parent() -> None:
    """Where the system can do that, have it kill this process when the one that has started it ends."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL


def main(asked: int, said: int, core: int, mode: str, words: list[str]) -> None:
    """Time one function (``function file.py:name``) or a suite (``suite WANTED.json PYTEST_ARGUMENT ...``)."""
    _end_with_parent()
    turns = Turns(asked, said, core)
    if mode == "function":
        place, name = words
        turns.say(order=[name])
        turns.say(running=name)
        try:
            turns.repeat(name, lambda: turns.take(name, _function(place)))
        except Exception as error:  # whatever it raises is told where it is compared
            turns.say(left_out=name, why=_reason(f"{type(error).__name__}: {error}"))
        turns.say(end=0)
        return
    import pytest

    wanted = json.loads(Path(words[0]).read_text(encoding="utf-8"))
    turns.say(end=int(pytest.main(words[1:], plugins=[_Suite(turns, wanted)])))


if __name__ == "__main__":
    sys.path.pop(0)  # the folder of this file: its neighbours are no modules of what is measured
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5:])
