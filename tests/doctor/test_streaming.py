"""Norms and digests, a chunk at a time: what they are on all of a tensor."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from symtests.doctor import streaming
from symtests.doctor.streaming import difference_norm, digest, largest, norm
from symtests.model.groups import Values

some = arrays.arrays(
    st.sampled_from([np.float32, np.float64]), arrays.array_shapes(max_dims=3, max_side=7),
    elements=st.floats(-1e3, 1e3, width=32),
)  # fmt: skip


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut even small tensors into several chunks."""
    monkeypatch.setattr(streaming, "_CHUNK", 5)


@given(some)
def test_a_norm_is_that_of_all_numbers(values: Values) -> None:
    exact = float(np.linalg.norm(values.astype(np.float64).reshape(-1)))
    # a sum of n squares in float32: a relative error of at most (n + 2) u, halved by the root
    assert math.isclose(norm(values), exact, rel_tol=(5 + 4) * 2.0**-24, abs_tol=1e-300)
    assert (norm(values) == 0) == (not values.any())
    assert largest(values) == float(np.abs(values).max(initial=0))


@given(some, st.integers(0, 10**6))
def test_a_difference_is_zero_only_between_equals(values: Values, place: int) -> None:
    assert difference_norm(values, values.copy()) == 0
    other = values.copy()
    other.flat[place % other.size] = np.nextafter(other.flat[place % other.size], np.inf, dtype=other.dtype)
    assert difference_norm(values, other) > 0
    assert digest(values) == digest(values.copy()) != digest(other)


@pytest.mark.parametrize("size", [1e-40, 1e-30, 1e30])
def test_what_is_tiny_or_huge_neither_vanishes_nor_overflows(size: float) -> None:
    values = np.full(7, size, np.float32)
    assert math.isclose(norm(values), float(values[0]) * math.sqrt(7), rel_tol=1e-6)


def test_what_is_not_finite_has_no_finite_norm() -> None:
    assert norm(np.array([1.0, np.nan])) == math.inf
    assert norm(np.array([1.0, -np.inf], np.float32)) == math.inf


def test_complex_numbers_have_their_size() -> None:
    assert norm(np.array([3 + 4j, 0])) == 5


def test_a_digest_knows_the_shape() -> None:
    assert digest(np.zeros((2, 3))) != digest(np.zeros((3, 2)))
    assert digest(np.zeros(2)) != digest(np.zeros(2, np.float32))
