"""Tests of the rounds on a machine whose speed drifts."""

from __future__ import annotations

import math
import random
import statistics
from typing import Any

import pytest

from symtests.benchmarks.speed.rounds import Plan, measured


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
    trio = measured(arms, 600, Plan(40), random.Random(0))
    assert trio is not None
    assert len(trio.head) == len(trio.control) == 40
    assert statistics.median(trio.head) == pytest.approx(math.log(1.03), abs=0.002)
    assert statistics.median(trio.control) == pytest.approx(0, abs=0.002)
    assert statistics.median(trio.processor) == pytest.approx(math.log(1.03), abs=1e-6)
    assert 0.4e-6 < trio.seconds < 1.1e-6


class Placed:
    """An arm whose time depends on where its data lie; `moves` counts how often they were laid elsewhere."""

    def __init__(self, factor: float, by_place: float, again: bool = True) -> None:
        self.factor, self.by_place, self.can = factor, by_place, again
        self.random, self.moves, self.here = random.Random(factor), 0, 0.0

    def again(self) -> bool:
        self.moves += 1
        self.here = self.random.gauss(0, self.by_place)
        return self.can

    def time(self, groups: int, calls: int, seconds: float) -> list[tuple[int, int]]:
        wall = round(1e9 * self.factor * math.exp(self.here + self.random.gauss(0, 1e-4)))
        return [(wall, wall)] * groups


def test_where_data_lie_is_averaged_out() -> None:
    def errors(places: int) -> list[float]:
        found = []
        for seed in range(40):
            arms: list[Any] = [Placed(factor + seed * 1e-9, 0.02) for factor in (1.0, 1.01, 1.0)]
            for arm in arms:
                arm.again()
            trio = measured(arms, 1, Plan(40, places), random.Random(seed))
            assert trio is not None
            found.append(statistics.median(trio.head) - math.log(1.01))
        return found

    assert statistics.pstdev(errors(10)) < 0.6 * statistics.pstdev(errors(1))  # 1 / sqrt(10), times 1.25 of a median


def test_no_further_place_is_tried_once_the_median_is_known() -> None:
    calm: list[Any] = [Placed(factor, 0.0) for factor in (1.0, 1.01, 1.0)]
    trio = measured(calm, 1, Plan(40, 10, precise=1e-3), random.Random(0))
    assert trio is not None
    assert len(trio.head) == 16
    restless: list[Any] = [Placed(factor, 0.02) for factor in (1.0, 1.01, 1.0)]
    trio = measured(restless, 1, Plan(40, 10, precise=1e-3), random.Random(0))
    assert trio is not None
    assert len(trio.head) == 40
    assert [arm.moves for arm in restless] == [9, 9, 9]


def test_what_cannot_be_run_again_is_told() -> None:
    arms: list[Any] = [Placed(1.0, 0.0), Placed(1.0, 0.0, again=False), Placed(1.0, 0.0)]
    assert measured(arms, 1, Plan(40, 10), random.Random(0)) is None
    assert [arm.moves for arm in arms] == [1, 1, 1]


def test_each_goes_first_about_as_often() -> None:
    machine = Machine()
    measured([machine.arm(name, 1.0) for name in "abc"], 1, Plan(300), random.Random(1))
    firsts = machine.turns[::3]
    assert all(70 <= firsts.count(name) <= 130 for name in "abc")  # 100, deviation 8
