"""A moving average, written twice: `symtests speed moving_average.py:loop moving_average.py:cumulated`."""

from __future__ import annotations

from itertools import accumulate

NUMBERS = [(37 * i) % 101 / 101 for i in range(4000)]
WIDTH = 50


def loop() -> list[float]:
    """Add up each window anew."""
    return [sum(NUMBERS[i : i + WIDTH]) / WIDTH for i in range(len(NUMBERS) - WIDTH)]


def cumulated() -> list[float]:
    """Take the difference of two running sums: rounded otherwise, and faster."""
    sums = [0.0, *accumulate(NUMBERS)]
    return [(sums[i + WIDTH] - sums[i]) / WIDTH for i in range(len(NUMBERS) - WIDTH)]


def off_by_one() -> list[float]:
    """Leave out the last number of each window."""
    sums = [0.0, *accumulate(NUMBERS)]
    return [(sums[i + WIDTH - 1] - sums[i]) / WIDTH for i in range(len(NUMBERS) - WIDTH)]
