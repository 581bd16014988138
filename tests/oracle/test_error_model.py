"""How errors are weighed and added: products and sums in every order, with errors at their worst."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.oracle.error_model import DEVIATIONS, ErrorModel, underflow_of
from tests.oracle.rounded_implementations import upwards

CERTIFIED, STATISTICAL = ErrorModel("certified", 2.0**-11), ErrorModel("statistical", 2.0**-11)


@given(seed=st.integers(0, 2**32 - 1), terms=st.integers(1, 200), scale=st.sampled_from([0.0, 1e-6, 1e-2, 1.0]))
def test_a_sum_of_products_stays_within_its_bound_whatever_the_signs_of_the_errors(
    seed: int, terms: int, scale: float
) -> None:
    random = np.random.default_rng(seed)
    a, b = random.normal(size=(3, terms)), random.normal(size=(terms, 2))
    error_a, error_b = np.abs(random.normal(size=a.shape)) * scale, np.abs(random.normal(size=b.shape)) * scale
    bound = CERTIFIED.dot(a, error_a, b, error_b)
    for sign_a, sign_b in itertools.product((1, -1), repeat=2):
        moved_a, moved_b = a + sign_a * np.sign(a) * error_a, b + sign_b * np.sign(b) * error_b
        found = upwards(CERTIFIED.unit_roundoff)(moved_a, moved_b)
        assert (np.abs(found - a @ b) <= bound).all()


def test_the_bound_of_a_sum_is_nearly_reached() -> None:
    """All terms of one sign, all errors upwards: no smaller constant would do."""
    a, b = np.ones((1, 64)), np.ones((64, 1))
    found = upwards(CERTIFIED.unit_roundoff)(a, b)
    share = (found - a @ b) / CERTIFIED.dot_rounding(a, b, extra=1)
    assert 0.45 < share.item() <= 1


@given(seed=st.integers(0, 2**32 - 1), scale=st.sampled_from([0.0, 1e-17, 1e-9, 1e-2, 1.0]))
def test_a_product_stays_within_its_bound(seed: int, scale: float) -> None:
    random, u = np.random.default_rng(seed), 2.0**-53
    a, b = random.normal(size=(2, 50))
    error_a, error_b = np.abs(random.normal(size=(2, 50))) * scale * np.array([[1.0], [0.5]])
    bound = ErrorModel("certified", u).product(a, error_a, b, error_b)
    for sign_a, sign_b in itertools.product((1, -1), repeat=2):
        found = (a + sign_a * error_a) * (b + sign_b * error_b)
        # the factors are rounded here as well, each by u
        assert (np.abs(found - a * b) <= bound + 3 * u * np.abs(found) + 1e-300).all()
    assert (bound >= error_a * np.abs(b) + u * np.abs(a * b)).all()


@pytest.mark.parametrize("model", [CERTIFIED, STATISTICAL])
def test_zeros_are_exact(model: ErrorModel) -> None:
    zero, some = np.zeros((2, 3)), np.ones((3, 2))
    assert not model.dot(zero, zero, some).any()
    assert not model.product(zero, zero, zero, zero).any()
    assert model.dot(zero, np.full((2, 3), 1e-9), some).all()


def test_independent_errors_add_as_squares() -> None:
    """16 terms, each off by e: 16 e at the worst, 4 e in the mean square."""
    a, b, error = np.zeros((1, 16)), np.ones((16, 1)), np.full((1, 16), 1e-3)
    exact = ErrorModel("certified", 2.0**-53), ErrorModel("statistical", 2.0**-53)
    assert exact[0].dot(a, error, b).item() == pytest.approx(16e-3)
    assert np.sqrt(exact[1].dot(a, error**2, b).item()) == pytest.approx(4e-3)


def test_random_roundings_of_a_sum_have_the_variance_that_is_allowed() -> None:
    """A thousand float32 sums of 128 random terms: their mean square error is below it, by less than 100."""
    random = np.random.default_rng(5)
    a, b = random.normal(size=(1000, 128)).astype(np.float32), random.normal(size=(128, 1)).astype(np.float32)
    model = ErrorModel("statistical", 2.0**-24)
    total = np.zeros((1000, 1), np.float32)
    for k in range(128):
        total += a[:, k : k + 1] * b[k]
    wide_a, wide_b = a.astype(np.float64), b.astype(np.float64)
    share = ((total - wide_a @ wide_b) ** 2).mean() / model.dot_rounding(wide_a, wide_b).mean()
    assert 0.01 < share < 1


def test_partial_sums_count_where_terms_come_sorted_by_sign() -> None:
    a, b = np.ones((1, 128)), np.repeat([[1.0], [-1.0]], 64, axis=0)
    alternating = np.tile([[1.0], [-1.0]], (64, 1))
    deviations = [np.sqrt(STATISTICAL.dot_rounding(a, terms).item()) for terms in (b, alternating)]
    assert deviations[0] > 5 * deviations[1]


def test_equal_terms_repeat_their_error() -> None:
    """Adding the same number again and again: up to m u of the sum, in a form that allows eight deviations."""
    a, b = np.ones((1, 4096)), np.full((4096, 1), 0.1)
    variance = STATISTICAL.dot_rounding(a, b, equal_terms=4096).item()
    assert DEVIATIONS * np.sqrt(variance) >= 4096 * STATISTICAL.unit_roundoff * 409.6
    assert variance > STATISTICAL.dot_rounding(a, b).item()


def test_more_roundings_than_digits_promise_nothing() -> None:
    assert CERTIFIED.roundings(2**11) == np.inf
    assert np.isfinite(STATISTICAL.roundings(2**11))


def test_underflow_is_that_of_the_dtype() -> None:
    assert underflow_of(2.0**-24) == np.finfo(np.float32).tiny
    assert underflow_of(2.0**-8) == np.finfo(np.float32).tiny
    assert underflow_of(2.0**-53) == np.finfo(np.float64).tiny
    assert underflow_of(2.0**-11) == np.finfo(np.float16).smallest_subnormal / 2
