"""Batch: what it accepts, and JSON both ways."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from symtests.batch import Batch
from symtests.validation import InvalidValue


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    samples, inputs, outputs = draw(st.tuples(st.integers(0, 4), st.integers(1, 3), st.integers(1, 3)))
    dtype = draw(st.sampled_from(("float32", "float64")))
    width = {"float32": 32, "float64": 64}[dtype]
    at_least_0 = st.floats(0.0, width=width)  # type: ignore[arg-type]  # 32 or 64
    weights = draw(st.none() | hnp.arrays(dtype, samples, elements=at_least_0))
    return Batch(draw(hnp.arrays(dtype, (samples, inputs))), draw(hnp.arrays(dtype, (samples, outputs))), weights)


@given(batches())
@settings(deadline=None)
def test_json_round_trip_is_exact(batch: Batch) -> None:
    again = Batch.from_json(json.loads(json.dumps(batch.to_json(), allow_nan=False)))
    pairs = [(again.x, batch.x), (again.y, batch.y)]
    assert (again.sample_weights is None) == (batch.sample_weights is None)
    if again.sample_weights is not None and batch.sample_weights is not None:
        pairs.append((again.sample_weights, batch.sample_weights))
    for result, expected in pairs:
        assert result.dtype == expected.dtype
        assert result.shape == expected.shape
        missing = np.isnan(expected)
        np.testing.assert_array_equal(np.isnan(result), missing)
        assert result[~missing].tobytes() == expected[~missing].tobytes()


@given(batches())
@settings(deadline=None)
def test_length_is_the_number_of_samples(batch: Batch) -> None:
    assert len(batch) == batch.x.shape[0] == batch.y.shape[0]


def test_rounding_takes_all_arrays_along() -> None:
    tenth = np.full((2, 1), 0.1)
    batch = Batch(tenth, tenth, tenth[:, 0]).astype(np.float32)
    assert batch.sample_weights is not None
    for array in (batch.x, batch.y, batch.sample_weights):
        assert array.dtype == np.float32
        assert (array == np.float32(0.1)).all()


def test_lists_of_floats_will_do() -> None:
    batch = Batch([[0.5, 1.0]], [[1.0]], [2.0])  # type: ignore[arg-type]  # more than is promised
    assert (batch.x.shape, batch.y.shape, len(batch)) == ((1, 2), (1, 1), 1)


X, Y = np.zeros((3, 2)), np.zeros((3, 1))
INTEGER = np.dtype(int)
INVALID: list[tuple[tuple[Any, ...], str]] = [
    ((X[0], Y), "x=<float64 array of shape (2,)>: must be a float array of shape (samples, n)"),
    ((X, Y[:, 0]), "y=<float64 array of shape (3,)>: must be a float array of shape (samples, n)"),
    ((X.astype(int), Y), f"x=<{INTEGER} array of shape (3, 2)>: must be a float array of shape (samples, n)"),
    ((X, Y > 0), "y=<bool array of shape (3, 1)>: must be a float array of shape (samples, n)"),
    ((None, Y), "x=<object array of shape ()>: must be a float array of shape (samples, n)"),
    ((X, Y[:2]), "y=<2 rows>: must have as many rows as x, which has 3"),
    ((X, Y.astype(np.float32)), "y=<float32 array>: must have the dtype of x, which is float64"),
    ((X, Y, Y), "sample_weights=<float64 array of shape (3, 1)>: must be floats of shape (3,)"),
    ((X, Y, np.ones(2)), "sample_weights=<float64 array of shape (2,)>: must be floats of shape (3,)"),
    ((X, Y, np.ones(3, int)), f"sample_weights=<{INTEGER} array of shape (3,)>: must be floats of shape (3,)"),
    ((X, Y, np.ones(3, np.float32)), "sample_weights=<float32 array>: must have the dtype of x, which is float64"),
    ((X, Y, np.array([1.0, -0.5, 1.0])), "sample_weights=-0.5: must all be at least 0"),
    ((X, Y, np.array([1.0, np.nan, 1.0])), "sample_weights=nan: must all be at least 0"),
]


@pytest.mark.parametrize(("arguments", "message"), INVALID, ids=[message for _, message in INVALID])
def test_invalid_arguments_are_refused_with_what_is_required(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        Batch(*arguments)
    assert str(refusal.value) == message


def test_json_with_too_few_numbers_is_refused() -> None:
    data = Batch(X, Y).to_json()
    with pytest.raises(InvalidValue, match=r"^x=<5 numbers>: must be 3 rows of 2, as shape says$"):
        Batch.from_json({**data, "x": data["x"][1:]})
    with pytest.raises(InvalidValue, match=r"^y=<0 numbers>: must be 3 rows of 1, as shape says$"):
        Batch.from_json({**data, "y": []})
