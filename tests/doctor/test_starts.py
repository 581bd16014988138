"""Many starts, with the exact interval of each share."""

from __future__ import annotations

import numpy as np

from symtests.binomial import interval
from symtests.doctor.starts import Share, many_starts
from tests.doctor.simple import Simple, random_simple


def test_dead_layers_and_losses_that_stay_are_counted() -> None:
    dead = Simple(np.zeros((4, 3)), np.zeros((2, 4)))
    starts = many_starts([random_simple(0), dead, random_simple(1), dead], 3)
    assert [(each.what.split()[0], each.count, each.starts) for each in starts.shares] == [
        ("first", 2, 4), ("last", 2, 4), ("a", 2, 4)
    ]  # fmt: skip


def test_healthy_starts_have_no_dead_layer() -> None:
    (stays,) = many_starts([random_simple(seed) for seed in range(5)], 10).shares
    assert stays.count == 0


def test_a_share_is_said_with_its_interval() -> None:
    share = Share("a dead layer", 54, 100)
    low, high = interval(54, 100, 0.05)
    assert share.interval == (low, high)
    assert share.sentence == f"a dead layer in 54 of 100 starts ({100 * low:.0f} to {100 * high:.0f} %)"
    assert share.to_json()["low"] == low
