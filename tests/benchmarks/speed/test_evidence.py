"""Tests of verdicts against trios of which the truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.benchmarks.speed.evidence import FEWEST_TRIOS, Limits, adjusted, estimate_of, word_of
from symtests.benchmarks.speed.rounds import Trio

LIMITS = Limits()


def trios(
    random: np.random.Generator, change: float, count: int = FEWEST_TRIOS, between: float = 5e-4, within: float = 5e-3
) -> list[Trio]:
    """Trios whose medians scatter by `between`, and whose rounds by `within`."""

    def rounds(mean: float) -> tuple[float, ...]:
        return tuple(random.normal(mean, within, 40).tolist())

    return [
        Trio(
            rounds(math.log1p(change) + random.normal(0, between)),
            rounds(random.normal(0, between)),
            rounds(change),
            1e-3,
        )
        for _ in range(count)
    ]


def word(found: list[Trio]) -> str:
    estimate = estimate_of(found, LIMITS)
    return word_of(estimate, estimate.p, LIMITS)


def test_no_change_is_told_from_none_as_often_as_the_level_allows() -> None:
    random = np.random.default_rng(1)
    words = [word(trios(random, 0.0, between=2e-3)) for _ in range(2000)]
    # 1 % of 2,000 is 20, deviation 4.4; five deviations
    assert words.count("slower") + words.count("faster") <= 42


def test_a_per_cent_is_seen() -> None:
    random = np.random.default_rng(2)
    words = [word(trios(random, 0.01)) for _ in range(200)]
    assert words.count("slower") >= 190
    assert words.count("faster") + words.count("same") == 0
    assert [word(trios(random, -0.02)) for _ in range(20)].count("faster") >= 18


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    random = np.random.default_rng(3)
    held = 0
    for _ in range(1000):
        found = estimate_of(trios(random, 0.02, between=3e-3), LIMITS)
        held += found.low <= 0.02 <= found.high
        assert found.low < found.change < found.high
    assert held >= 930  # 950, deviation 6.9; and never too many: s is the larger of two


def test_what_is_said_to_be_seen_is_seen() -> None:
    random = np.random.default_rng(4)
    seen = 0
    for _ in range(200):
        reach = estimate_of(trios(random, 0.0, count=8), LIMITS).seen
        seen += word(trios(random, reach, count=8)) == "slower"
    assert seen >= 170


def test_a_control_that_differs_silences_the_verdict() -> None:
    random = np.random.default_rng(5)
    odd = [Trio(each.head, tuple(c + 0.02 for c in each.control), each.processor, 1e-3) for each in trios(random, 0.05)]
    estimate = estimate_of(odd, LIMITS)
    assert estimate.control_differs
    assert word_of(estimate, estimate.p, LIMITS) == "undecided"


def test_what_scatters_is_undecided() -> None:
    random = np.random.default_rng(6)
    words = [word(trios(random, 0.0, between=0.03)) for _ in range(50)]
    assert words.count("undecided") >= 45


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=8))
def test_holm_keeps_the_order_and_is_the_textbooks(p: dict[str, float]) -> None:
    q = adjusted(p)
    ordered = sorted(p.values())
    for name, value in p.items():
        textbook = max(min(1.0, (len(p) - j) * ordered[j]) for j in range(len(p)) if ordered[j] <= value)
        assert q[name] == pytest.approx(textbook)
        assert q[name] >= value
