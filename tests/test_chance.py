"""Bounds of chance: right against SciPy, missed no more often than they say, and not much wider than they must be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from symtests.chance import Standard, bernstein, distribution_bound, mean_bound, mean_square_bounds

DISTRIBUTIONS = (
    Standard("uniform"),
    Standard("normal"),
    Standard("truncated_normal", 2.0),
    Standard("truncated_normal", 0.7),
)
EACH = pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=str)


def scipy_property(distribution: Standard) -> Any:
    if distribution.name == "uniform":
        return stats.uniform(-distribution.edge, 2 * distribution.edge)
    whole = stats.norm if math.isinf(distribution.edge) else stats.truncnorm(-distribution.cut, distribution.cut)
    return (
        stats.norm
        if math.isinf(distribution.edge)
        else stats.truncnorm(-distribution.cut, distribution.cut, scale=1 / whole.std())
    )


@EACH
def test_a_standard_property_is_that_of_scipy(distribution: Standard) -> None:
    known = scipy_property(distribution)
    assert known.var() == pytest.approx(1, rel=1e-9)
    assert distribution.fourth_moment == pytest.approx(float(known.moment(4)), rel=1e-6)
    z = np.linspace(-5, 5, 101)
    np.testing.assert_allclose(distribution.below(z), known.cdf(z), atol=1e-12)
    for share in (0.9, 0.1, 1e-6, 1e-17):
        assert distribution.beyond(share) == pytest.approx(float(known.isf(share / 2)), rel=1e-6)


@EACH
def test_every_property_is_strictly_sub_gaussian(distribution: Standard) -> None:
    known = scipy_property(distribution)
    for t in (0.1, 0.5, 1.0, 2.0, 4.0, 8.0):
        edge = min(distribution.edge, 40.0)
        mean = integrate.quad(lambda z, t=t: math.exp(t * z) * known.pdf(z), -edge, edge, limit=200)[0]
        assert mean <= math.exp(t * t / 2) * (1 + 1e-9)


@given(st.integers(2, 5000), st.sampled_from((1e-3, 1e-9, 1e-16)))
def test_bounds_hold_against_exact_tails_of_normal_numbers(count: int, miss: float) -> None:
    low, high = (float(bound) for bound in mean_square_bounds(Standard("normal"), count, miss))
    assert stats.chi2.sf(high * count, count) + stats.chi2.cdf(low * count, count) <= miss
    mean = float(mean_bound(count, miss))
    assert 2 * stats.norm.sf(mean * math.sqrt(count)) <= miss


def test_bounds_are_not_much_wider_than_they_must_be() -> None:
    count, miss = 200_000, 1e-15
    low, high = (float(bound) for bound in mean_square_bounds(Standard("normal"), count, miss))
    assert high - 1 <= 1.1 * (stats.chi2.isf(miss / 2, count) / count - 1)
    assert 1 - low <= 1.1 * (1 - stats.chi2.ppf(miss / 2, count) / count)
    assert float(mean_bound(count, miss)) <= 1.1 * stats.norm.isf(miss / 2) / math.sqrt(count)


@EACH
def test_chance_stays_within_bounds_that_it_may_leave_once_in_ten_times(distribution: Standard) -> None:
    numbers = scipy_property(distribution).rvs(size=(2000, 50), random_state=np.random.default_rng(0))
    low, high = mean_square_bounds(distribution, 50, 0.1)
    squares, ranks = np.square(numbers).mean(axis=1), np.arange(1, 51) / 50
    below = distribution.below(np.sort(numbers, axis=1))
    off = np.maximum(np.abs(below - ranks), np.abs(below - ranks + 1 / 50)).max(axis=1)
    assert ((squares < low) | (squares > high)).mean() <= 0.1
    assert (np.abs(numbers.mean(axis=1)) > mean_bound(50, 0.1)).mean() <= 0.1
    assert 0.02 <= (off > distribution_bound(50, 0.1)).mean() <= 0.1


def test_bernstein_holds_for_rare_large_numbers() -> None:
    """Of n numbers that are 99 once in a hundred times, and else -1, count how many are large: exact by SciPy."""
    for count in (10, 100, 10_000):
        most = float(bernstein(99.0, 99.0, count, 1e-6))
        large = math.floor((most + 1) * count / 100)
        assert stats.binom.sf(large, count, 0.01) <= 1e-6
