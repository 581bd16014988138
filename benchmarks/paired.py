"""Competitors measured in turn, so that what slows the machine down slows all of them.

On a shared machine the speed drifts by tens of percent within seconds: two times that were measured one after the
other say little about each other. Here each round times all three times in turn, in random order. The shortest of the
three is the one that nothing else interrupted, and only the ratio within a round is used:

    r_i = log(min second_i / min first_i),   ratio = exp(median r)

The interval is the sign test's: with the sorted r_(1) <= ... <= r_(n), the median lies between r_(k) and r_(n+1-k)
with probability 1 - 2 P(B < k), B binomial (n, 1/2), whatever the distribution of the noise
(Conover, Practical Nonparametric Statistics, 3rd ed. 1999, section 3.2).

That is the interval of the median on the machine as it was in these seconds. Where every round was slowed down, and
one competitor more than the other (as one that hands its work to another thread, on a machine with more work than
processors), the ratio on a quiet machine lies outside of it. The least disturbed of all that was seen is the shortest
time of each over all rounds; the interval always holds their ratio too:

    low = min(r_(k), m),   high = max(r_(n+1-k), m),   m = log(min_i second_i / min_i first_i)

The noise is how far the rounds are apart, half of what lies between the quartiles of r. Above `MOST_NOISE`, or where
the interval is as wide, a ratio is *too noisy* to speak of, and is measured longer.
"""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from random import Random
from typing import Any, Final

from symtests.validation import integer_at_least, positive

__all__ = ["FEWEST_ROUNDS", "TIMES_A_ROUND", "Ratio", "compare", "ratio_of", "times_in_turn"]

CONFIDENCE: Final = 0.95
FEWEST_ROUNDS: Final = 6
"""The smallest number of rounds whose extremes enclose the median with the confidence: 1 - 2 / 2**6 = 0.97."""
TIMES_A_ROUND: Final = 3
"""How often each competitor is timed in a round."""
MOST_NOISE: Final = 0.15
"""Noise, and half of the width of the interval, above which a ratio is too noisy to speak of."""
MOST_SITTINGS: Final = 4
"""How often a ratio that is too noisy is measured, the first time included."""


@dataclass(frozen=True)
class Ratio:
    """How long the second competitor takes, as a multiple of the first.

    Attributes
    ----------
    median
        Median over the rounds; above 1 the second is slower.
    low, high
        Ends of the interval that holds the true median with a confidence of 95 %, and the ratio of the shortest times.
    rounds
        Number of rounds.
    noise
        Half of what lies between the quartiles of the ratios of single rounds, as a share: 0.1 is 10 %.
    """

    median: float
    low: float
    high: float
    rounds: int
    noise: float = 0.0

    @property
    def too_noisy(self) -> bool:
        """Whether the rounds are too far apart, or the interval is too wide, to speak of the ratio."""
        half_width = math.sqrt(self.high / self.low) - 1
        return max(self.noise, half_width) > MOST_NOISE

    def to_json(self) -> dict[str, float | int | bool]:
        """Return the ratio as plain JSON data."""
        return {**asdict(self), "too_noisy": self.too_noisy}


def compare(
    first: Callable[[], object],
    second: Callable[[], object],
    *,
    rounds: int = 31,
    seconds: float = 1.0,
    shortest: float = 0.001,
    random: Random | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Ratio:
    """Time two functions in turn and return how long the second takes as a multiple of the first.

    What is too noisy is measured again, up to `MOST_SITTINGS` times, and all rounds count.

    Arguments and errors are those of `times_in_turn`.
    """
    settings: dict[str, Any] = {"rounds": rounds, "seconds": seconds, "shortest": shortest, "clock": clock}
    settings["random"] = random or Random(0)
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(MOST_SITTINGS):
        for all_of_it, new in zip(times, times_in_turn([first, second], **settings), strict=True):
            all_of_it += new
        ratio = ratio_of(*times)
        if not ratio.too_noisy:
            break
    return ratio


def times_in_turn(
    functions: Sequence[Callable[[], object]],
    *,
    rounds: int = 31,
    seconds: float = 1.0,
    shortest: float = 0.001,
    random: Random | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[tuple[float, ...], ...]:
    """Time functions in turn and return, for each of them, the seconds that a call took in each round.

    Parameters
    ----------
    functions
        Called without arguments; each is called before the first round, so that nothing is compiled within one.
    rounds
        Most rounds that are measured, at least 6.
    seconds
        No round begins after this time, except for the first 6.
    shortest
        A function is called as often in a row as it takes to last this many seconds.
    random
        Draws the order; seeded with 0 unless given.
    clock
        Returns seconds; `time.perf_counter` unless given.

    Raises
    ------
    InvalidValue
        Where a number is none of these.
    """
    rounds = integer_at_least("rounds", rounds, FEWEST_ROUNDS)
    seconds, shortest = positive("seconds", seconds), positive("shortest", shortest)
    random = random or Random(0)
    competitors = [(function, _calls_that_last(function, shortest, clock)) for function in functions]
    times: list[list[float]] = []
    start = clock()
    with _no_garbage_collection():
        while len(times) < rounds and (len(times) < FEWEST_ROUNDS or clock() - start < seconds):
            shortest_times = [math.inf] * len(competitors)
            for _ in range(TIMES_A_ROUND):
                for index in random.sample(range(len(competitors)), len(competitors)):
                    function, calls = competitors[index]
                    shortest_times[index] = min(shortest_times[index], _time(function, calls, clock) / calls)
            times.append(shortest_times)
    return tuple(zip(*times, strict=True))


def ratio_of(first: Sequence[float], second: Sequence[float]) -> Ratio:
    """Return how long the second takes as a multiple of the first, from their times in the same rounds."""
    logarithms = sorted(math.log(b / a) for a, b in zip(first, second, strict=True))
    low, high = _interval(logarithms)
    quietest = math.log(min(second) / min(first))
    below, _, above = statistics.quantiles(logarithms, n=4)
    return Ratio(
        math.exp(statistics.median(logarithms)),
        math.exp(min(low, quietest)),
        math.exp(max(high, quietest)),
        len(logarithms),
        math.exp((above - below) / 2) - 1,
    )


def _time(function: Callable[[], object], calls: int, clock: Callable[[], float]) -> float:
    """Return the seconds that so many calls take together."""
    start = clock()
    for _ in range(calls):
        function()
    return clock() - start


def _calls_that_last(function: Callable[[], object], shortest: float, clock: Callable[[], float]) -> int:
    """Return a number of calls, a power of two, that takes at least `shortest` seconds."""
    function()
    calls = 1
    while _time(function, calls, clock) < shortest:
        calls *= 2
    return calls


def _interval(ordered: list[float]) -> tuple[float, float]:
    """Return r_(k) and r_(n+1-k) for the largest k whose interval still has the confidence."""
    n = len(ordered)
    k, below = 1, 1.0  # below = 2**n P(B < k)
    while 2 * (below + math.comb(n, k)) / 2**n <= 1 - CONFIDENCE:
        below += math.comb(n, k)
        k += 1
    return ordered[k - 1], ordered[n - k]


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Keep the collector from running within a round; leave it as it was found."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
