"""The binomial distribution against sums of fractions, published intervals and SciPy."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from symtests.binomial import interval, tail


@given(st.integers(1, 60), st.data())
def test_a_tail_is_the_sum_of_its_terms(trials: int, data: st.DataObject) -> None:
    least, p = data.draw(st.integers(-1, trials + 1)), Fraction(data.draw(st.integers(0, 64)), 64)
    exact = sum(
        (comb(trials, k) * p**k * (1 - p) ** (trials - k) for k in range(max(least, 0), trials + 1)), Fraction(0)
    )
    assert tail(least, trials, float(p)) == pytest.approx(float(exact), rel=1e-12)


@pytest.mark.parametrize(("trials", "p"), [(4096, 0.49), (4096, 0.01), (16384, 0.999), (512, 0.46)])
@pytest.mark.parametrize("deviations", [-7, -1, 0, 3, 7])
def test_a_tail_of_many_trials_is_exact(trials: int, p: float, deviations: int) -> None:
    least = min(max(round(trials * p + deviations * np.sqrt(trials * p * (1 - p))), 0), trials)
    assert tail(least, trials, p) == pytest.approx(float(stats.binom.sf(least - 1, trials, p)), rel=1e-9)


@given(st.integers(1, 2000), st.floats(0, 1), st.sampled_from((0.05, 1e-3, 1e-11)))
def test_an_interval_is_that_of_clopper_and_pearson(trials: int, share: float, miss: float) -> None:
    successes = round(share * trials)
    known = stats.binomtest(successes, trials).proportion_ci(1 - miss, "exact") if miss > 1e-9 else None
    low, high = interval(successes, trials, miss)
    wanted = known or (
        stats.beta.ppf(miss / 2, successes, trials - successes + 1) if successes else 0.0,
        stats.beta.isf(miss / 2, successes + 1, trials - successes) if successes < trials else 1.0,
    )
    assert (low, high) == pytest.approx(tuple(wanted), rel=1e-8, abs=1e-12)


def test_known_intervals() -> None:
    assert interval(0, 10, 0.05) == pytest.approx((0.0, 1 - 0.025**0.1))
    assert interval(10, 10, 0.05) == pytest.approx((0.025**0.1, 1.0))
    assert interval(5, 10, 0.05) == pytest.approx((0.18709, 0.81291), abs=1e-5)
    assert interval(4, 20, 0.05) == pytest.approx((0.0573, 0.4366), abs=1e-4)


def test_an_interval_misses_no_more_often_than_it_says() -> None:
    """Summed over all outcomes of 30 trials, each with its probability."""
    trials, miss = 30, 0.1
    intervals = [interval(k, trials, miss) for k in range(trials + 1)]
    for p in np.linspace(0.01, 0.99, 33):
        missed = sum(stats.binom.pmf(k, trials, p) for k, (low, high) in enumerate(intervals) if not low <= p <= high)
        assert missed <= miss
