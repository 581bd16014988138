from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Iterator
from itertools import chain, cycle, repeat
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from symtests.benchmarks.paired import FEWEST_ROUNDS, TIMES_A_ROUND, compare
from symtests.validation import InvalidValue

UNLIMITED = 1e9


class Machine:
    """A machine whose clock moves only when it works, and whose speed may drift."""

    def __init__(self, slowness: Callable[[float], float] = lambda now: 1.0) -> None:
        self.now = 0.0
        self.slowness = slowness
        self.order: list[str] = []

    def clock(self) -> float:
        return self.now

    def work(self, name: str, seconds: Iterator[float]) -> Callable[[], None]:
        def run() -> None:
            self.order.append(name)
            self.now += next(seconds) * self.slowness(self.now)

        return run


@given(st.floats(1e-4, 1.0), st.floats(1e-4, 1.0), st.integers(FEWEST_ROUNDS, 40))
def test_the_ratio_of_a_steady_machine_is_the_ratio_of_the_work(first: float, second: float, rounds: int) -> None:
    machine = Machine()
    contenders = machine.work("a", repeat(first)), machine.work("b", repeat(second))
    ratio = compare(*contenders, rounds=rounds, seconds=UNLIMITED, clock=machine.clock)
    # At most 250 s pass in fewer than 2,500 additions, and a time of 1 ms is a difference of two readings:
    # its relative error is below 2,500 * 250 * 2**-53 / 0.001 = 7e-8.
    assert ratio.median == pytest.approx(second / first, rel=1e-7)
    assert ratio.low <= ratio.median <= ratio.high
    assert ratio.rounds == rounds


def test_drift_cancels() -> None:
    period, first, second = 20.0, 0.01, 0.013
    machine = Machine(lambda now: 1 + 0.5 * math.sin(2 * math.pi * now / period))
    contenders = machine.work("a", repeat(first)), machine.work("b", repeat(second))
    ratio = compare(*contenders, rounds=200, seconds=UNLIMITED, clock=machine.clock)
    # |d log(slowness) / dt| <= (2 pi / period) 0.5 / (1 - 0.5), and a round lasts at most 4.5 (first + second)
    most = math.exp(2 * math.pi / period * TIMES_A_ROUND * 1.5 * (first + second))
    assert second / first / most <= ratio.low <= ratio.median <= ratio.high <= second / first * most


@pytest.mark.parametrize("rounds", [6, 7, 9, 10, 25, 31])
def test_the_interval_is_that_of_the_sign_test(rounds: int) -> None:
    logarithms = [number / 10 for number in Random(1).sample(range(rounds), rounds)]
    machine = Machine()
    # each contender is called once, and timed once, before the rounds
    in_the_rounds = (math.exp(number) for number in logarithms for _ in range(TIMES_A_ROUND))
    second = machine.work("b", chain([1.0, 1.0], in_the_rounds))
    ratio = compare(machine.work("a", repeat(1.0)), second, rounds=rounds, seconds=UNLIMITED, clock=machine.clock)
    # the largest k with 2 P(B < k) <= 5 %; sorted, the logarithms are 0, 0.1, ... (rounds - 1) / 10
    k = max(k for k in range(1, rounds) if 2 * binom.cdf(k - 1, rounds, 0.5) <= 0.05)
    found = [10 * math.log(number) for number in (ratio.low, ratio.median, ratio.high)]
    assert found == pytest.approx([k - 1, (rounds - 1) / 2, rounds - k], abs=1e-9)


def test_each_goes_first_about_as_often() -> None:
    machine = Machine()
    contenders = machine.work("a", repeat(1.0)), machine.work("b", repeat(1.0))
    compare(*contenders, rounds=100, seconds=UNLIMITED, random=Random(2), clock=machine.clock)
    first = machine.order[4::2].count("a")
    low, high = binom.interval(1 - 1e-9, 100 * TIMES_A_ROUND, 0.5)
    assert low <= first <= high


def test_a_short_function_is_called_until_the_clock_can_tell() -> None:
    machine = Machine()
    contenders = machine.work("a", repeat(0.001)), machine.work("b", repeat(0.02))
    compare(*contenders, rounds=6, seconds=UNLIMITED, shortest=0.01, clock=machine.clock)
    times = 6 * TIMES_A_ROUND
    in_the_rounds = machine.order[-times * 17 :]
    assert (in_the_rounds.count("a"), in_the_rounds.count("b")) == (times * 16, times)


def test_what_interrupts_a_time_or_two_of_a_round_does_not_count() -> None:
    machine = Machine()
    interrupted = chain([1.0, 1.0], cycle([9.0, 1.0, 5.0, 1.0, 7.0, 8.0]))
    contenders = machine.work("a", interrupted), machine.work("b", repeat(2.0))
    ratio = compare(*contenders, rounds=10, seconds=UNLIMITED, clock=machine.clock)
    assert (ratio.low, ratio.median, ratio.high) == (2.0, 2.0, 2.0)


def test_the_time_limit_ends_it_but_not_before_the_sixth_round() -> None:
    machine = Machine()
    contenders = machine.work("a", repeat(1.0)), machine.work("b", repeat(1.0))
    assert compare(*contenders, rounds=100, seconds=60.0, clock=machine.clock).rounds == 10
    assert compare(*contenders, rounds=100, seconds=0.5, clock=machine.clock).rounds == FEWEST_ROUNDS


def test_the_garbage_collector_rests_within_the_rounds_and_is_restored() -> None:
    machine, enabled = Machine(), []
    work = machine.work("a", repeat(1.0))

    def watched() -> None:
        enabled.append(gc.isenabled())
        work()

    assert gc.isenabled()
    compare(watched, work, rounds=6, clock=machine.clock)
    assert gc.isenabled()
    assert enabled == [True, True, *[False] * 6 * TIMES_A_ROUND]


def test_real_work_of_twice_the_length_is_seen() -> None:
    # the clock of the process stands still while another one runs: this test shares its machine with others
    ratio = compare(lambda: sum(range(2000)), lambda: sum(range(4000)), seconds=0.2, clock=time.process_time)
    assert ratio.low > 1


@pytest.mark.parametrize("wrong", [{"rounds": 5}, {"rounds": 6.5}, {"seconds": 0}, {"shortest": math.nan}])
def test_a_wrong_number_is_refused_by_name(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidValue, match=f"^{next(iter(wrong))}="):
        compare(lambda: None, lambda: None, **wrong)  # type: ignore[arg-type] # one of them is a fraction on purpose
