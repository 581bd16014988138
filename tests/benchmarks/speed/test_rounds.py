"""Tests of the rounds on a machine whose speed drifts."""

from __future__ import annotations

import math
import random
import statistics
from typing import Any

import pytest

from symtests.benchmarks.speed.rounds import measured


class Machine:
    """A clock of nanoseconds, and a speed that drifts with it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.turns: list[str] = []

    def arm(self, name: str, nanoseconds: float, interrupted: bool = False) -> Any:
        machine = self

        class Arm:
            def time(self, groups: int, calls: int, seconds: float) -> list[tuple[int, int]]:
                machine.turns.append(name)
                times = []
                for group in range(groups):
                    slowness = 1 + 0.5 * math.sin(machine.now * 1e-9)
                    wall = nanoseconds * calls * slowness + (5e6 if interrupted and group else 0)
                    machine.now += wall
                    times.append((round(wall), round(nanoseconds * calls)))
                return times

        return Arm()


def test_drift_cancels_and_what_interrupts_does_not_count() -> None:
    machine = Machine()
    arms = [machine.arm("base", 1000.0), machine.arm("head", 1030.0, interrupted=True), machine.arm("again", 1000.0)]
    trio = measured(arms, 600, 40, random.Random(0))
    assert len(trio.head) == len(trio.control) == 40
    assert statistics.median(trio.head) == pytest.approx(math.log(1.03), abs=0.002)
    assert statistics.median(trio.control) == pytest.approx(0, abs=0.002)
    assert statistics.median(trio.processor) == pytest.approx(math.log(1.03), abs=1e-6)
    assert 0.4e-6 < trio.seconds < 1.1e-6


def test_each_goes_first_about_as_often() -> None:
    machine = Machine()
    measured([machine.arm(name, 1.0) for name in "abc"], 1, 300, random.Random(1))
    firsts = machine.turns[::3]
    assert all(70 <= firsts.count(name) <= 130 for name in "abc")  # 100, deviation 8
