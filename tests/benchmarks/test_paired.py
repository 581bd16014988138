from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Iterator
from itertools import chain, cycle, repeat
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from symtests.benchmarks.paired import FEWEST_ROUNDS, TIMES_A_ROUND, compare, ratio_of
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
    competitors = machine.work("a", repeat(first)), machine.work("b", repeat(second))
    ratio = compare(*competitors, rounds=rounds, seconds=UNLIMITED, clock=machine.clock)
    # At most 250 s pass in fewer than 2,500 additions, and a time of 1 ms is a difference of two readings:
    # its relative error is below 2,500 * 250 * 2**-53 / 0.001 = 7e-8.
    assert ratio.median == pytest.approx(second / first, rel=1e-7)
    assert ratio.low <= ratio.median <= ratio.high
    assert ratio.rounds == rounds


def test_drift_cancels() -> None:
    period, first, second = 20.0, 0.01, 0.013
    machine = Machine(lambda now: 1 + 0.5 * math.sin(2 * math.pi * now / period))
    competitors = machine.work("a", repeat(first)), machine.work("b", repeat(second))
    ratio = compare(*competitors, rounds=200, seconds=UNLIMITED, clock=machine.clock)
    # |d log(slowness) / dt| <= (2 pi / period) 0.5 / (1 - 0.5), and a round lasts at most 4.5 (first + second)
    most = math.exp(2 * math.pi / period * TIMES_A_ROUND * 1.5 * (first + second))
    assert second / first / most <= ratio.low <= ratio.median <= ratio.high <= second / first * most


@pytest.mark.parametrize("rounds", [6, 7, 9, 10, 25, 31])
def test_the_interval_is_that_of_the_sign_test(rounds: int) -> None:
    logarithms = [number / 10 for number in Random(1).sample(range(rounds), rounds)]
    # shared out between both, so that the ratio of the shortest times is in the middle
    ratio = ratio_of([math.exp(-number / 2) for number in logarithms], [math.exp(number / 2) for number in logarithms])
    # the largest k with 2 P(B < k) <= 5 %; sorted, the logarithms are 0, 0.1, ... (rounds - 1) / 10
    k = max(k for k in range(1, rounds) if 2 * binom.cdf(k - 1, rounds, 0.5) <= 0.05)
    found = [10 * math.log(number) for number in (ratio.low, ratio.median, ratio.high)]
    assert found == pytest.approx([k - 1, (rounds - 1) / 2, rounds - k], abs=1e-9)


def test_each_goes_first_about_as_often() -> None:
    machine = Machine()
    competitors = machine.work("a", repeat(1.0)), machine.work("b", repeat(1.0))
    compare(*competitors, rounds=100, seconds=UNLIMITED, random=Random(2), clock=machine.clock)
    first = machine.order[4::2].count("a")
    low, high = binom.interval(1 - 1e-9, 100 * TIMES_A_ROUND, 0.5)
    assert low <= first <= high


def test_a_short_function_is_called_until_the_clock_can_tell() -> None:
    machine = Machine()
    competitors = machine.work("a", repeat(0.001)), machine.work("b", repeat(0.02))
    compare(*competitors, rounds=6, seconds=UNLIMITED, shortest=0.01, clock=machine.clock)
    times = 6 * TIMES_A_ROUND
    in_the_rounds = machine.order[-times * 17 :]
    assert (in_the_rounds.count("a"), in_the_rounds.count("b")) == (times * 16, times)


def test_what_interrupts_a_time_or_two_of_a_round_does_not_count() -> None:
    machine = Machine()
    interrupted = chain([1.0, 1.0], cycle([9.0, 1.0, 5.0, 1.0, 7.0, 8.0]))
    competitors = machine.work("a", interrupted), machine.work("b", repeat(2.0))
    ratio = compare(*competitors, rounds=10, seconds=UNLIMITED, clock=machine.clock)
    assert (ratio.low, ratio.median, ratio.high) == (2.0, 2.0, 2.0)


def test_the_time_limit_ends_it_but_not_before_the_sixth_round() -> None:
    machine = Machine()
    competitors = machine.work("a", repeat(1.0)), machine.work("b", repeat(1.0))
    assert compare(*competitors, rounds=100, seconds=60.0, clock=machine.clock).rounds == 10
    assert compare(*competitors, rounds=100, seconds=0.5, clock=machine.clock).rounds == FEWEST_ROUNDS


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


def test_the_interval_holds_what_the_quietest_moments_say() -> None:
    """A competitor that waits for another thread is slowed down in all rounds but one."""
    machine = Machine()
    disturbed = chain([40.0] * 2, cycle([40.0] * 3 + [152.0] * 3 * 30))
    ratio = compare(
        machine.work("a", repeat(1.0)), machine.work("b", disturbed), seconds=UNLIMITED, clock=machine.clock
    )
    assert ratio.median == pytest.approx(152)
    assert ratio.low == pytest.approx(40)
    assert ratio.too_noisy


def test_what_is_too_noisy_is_measured_longer() -> None:
    machine = Machine()
    early = chain([1.0, 1.0], [1.0, 1.0, 1.0, 3.0, 3.0, 3.0] * 5, repeat(1.0))
    ratio = compare(machine.work("a", repeat(1.0)), machine.work("b", early), rounds=10, clock=machine.clock)
    assert ratio.rounds > 10
    assert ratio.median == pytest.approx(1)
    steady = compare(machine.work("a", repeat(1.0)), machine.work("b", repeat(2.0)), rounds=10, clock=machine.clock)
    assert (steady.rounds, steady.noise, steady.too_noisy) == (FEWEST_ROUNDS, 0, False)


@given(st.lists(st.floats(0.1, 10), min_size=6, max_size=60))
def test_noise_is_half_of_the_interquartile_range(seconds: list[float]) -> None:
    ratio = ratio_of([1.0] * len(seconds), seconds)
    below, above = np.quantile(np.log(seconds), [0.25, 0.75], method="weibull")
    assert ratio.noise == pytest.approx(math.expm1((above - below) / 2), abs=1e-9)
    assert ratio.low <= min(seconds) * (1 + 1e-12)
    assert ratio.to_json()["too_noisy"] == ratio.too_noisy
