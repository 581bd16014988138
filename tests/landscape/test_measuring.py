"""A success rate is what training each start alone gives, and its interval holds the truth."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from symtests import kernels
from symtests.binomial import interval
from symtests.datasets import load
from symtests.initialization import initialize
from symtests.landscape.measuring import TASKS, Point, Rate, grid, measured
from symtests.network import Network
from symtests.training import Training
from symtests.validation import InvalidValue

POINT = Point("xor", 2, "tanh", "glorot_uniform", 1.0, steps=400, starts=30)


def test_a_rate_is_that_of_trainings_one_by_one() -> None:
    batch, network = load("xor").astype("float32"), Network((2, 2, 1), "tanh", "bce")
    learned = 0
    for seed in range(POINT.starts):
        start = initialize(network, "glorot_uniform", seed, "float32")
        end = kernels.train(network, start, batch, Training("sgd", 1.0, 400))
        outputs = kernels.predict(network, end, batch.x)
        if kernels.loss(network, end, batch) <= math.log(2) / 4:
            learned += 1
            assert np.array_equal(outputs > 0.5, batch.y > 0.5)
    assert measured(POINT) == Rate(POINT, learned)
    assert 0 < learned < POINT.starts


def test_neither_threads_nor_other_starts_make_a_difference() -> None:
    whole = measured(POINT, threads=2).learned
    first, second = (Point("xor", 2, "tanh", "glorot_uniform", 1.0, 400, 15, seed) for seed in (0, 15))
    assert whole == measured(POINT).learned == measured(first).learned + measured(second).learned


@pytest.mark.parametrize("task", TASKS)
def test_a_wide_network_learns_more_often(task: str) -> None:
    rates = [measured(Point(task, width, "tanh", "glorot_uniform", 1.0, 300, 20)).share for width in (1, 8)]
    assert rates[0] < rates[1] or task == "spirals"
    assert rates[0] == 0.0  # one unit cuts the plane once: it learns none of the tasks


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_the_interval_is_exact(numbers: tuple[int, int]) -> None:
    starts, learned = numbers
    rate = Rate(Point("xor", 2, "tanh", "uniform", 1.0, starts=starts), learned)
    expected = stats.binomtest(learned, starts).proportion_ci(method="exact")
    assert rate.interval == pytest.approx((expected.low, expected.high), rel=1e-9, abs=1e-12)
    assert rate.interval == pytest.approx(interval(learned, starts, 0.05), rel=1e-6, abs=1e-9)
    assert rate.interval[0] <= rate.share <= rate.interval[1]
    assert Rate.from_json(rate.to_json()) == rate


def test_more_that_learn_move_the_interval_up() -> None:
    intervals = [Rate(Point("xor", 2, "tanh", "uniform", 1.0, starts=9), k).interval for k in range(10)]
    assert all((a < c and b < d) or d == 1.0 for (a, b), (c, d) in pairwise(intervals))


def test_a_grid_has_every_combination() -> None:
    points = list(grid("parity", [2, 3], ["tanh", "relu"], ["zeros"], [0.1, 1.0], starts=5))
    assert len(points) == len(set(points)) == 8
    assert [(p.width, p.activation, p.rate) for p in points[:3]] == [
        (2, "tanh", 0.1),
        (2, "tanh", 1.0),
        (2, "relu", 0.1),
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"task": "go"},
        {"width": 0},
        {"activation": "sin"},
        {"start": "none"},
        {"rate": 0.0},
        {"starts": 0},
        {"seed": -1},
    ],
)
def test_what_is_no_point_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidValue, match=next(iter(fields))):
        Point(**{**POINT.to_json(), **fields})


def test_what_is_no_rate_is_refused() -> None:
    data = Rate(POINT, 3).to_json()
    for wrong in ({**data, "learned": 31}, {**data, "more": 1}, {k: v for k, v in data.items() if k != "learned"}):
        with pytest.raises(InvalidValue):
            Rate.from_json(wrong)
