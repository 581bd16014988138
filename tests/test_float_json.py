"""Floats survive JSON bit for bit."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from symtests.float_json import Array, float_dtype, numbers_from_json, numbers_to_json
from symtests.validation import InvalidValue

FLOAT_TYPES = ("float16", "float32", "float64")
ARRAYS = st.sampled_from(FLOAT_TYPES).flatmap(
    lambda name: hnp.arrays(name, hnp.array_shapes(max_dims=3, min_side=0), elements={"allow_subnormal": True})
)
CORNERS = [0.0, -0.0, np.nan, np.inf, -np.inf, 5e-324, -5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 0.1]


def assert_same_bits(result: Array, expected: Array) -> None:
    """Equal dtype, NaN at the same places, and equal bits (so -0.0 is not 0.0) everywhere else."""
    assert result.dtype == expected.dtype
    missing = np.isnan(expected)
    np.testing.assert_array_equal(np.isnan(result), missing)
    assert result[~missing].tobytes() == expected[~missing].tobytes()


@given(ARRAYS)
@example(np.array(CORNERS))
@example(np.array([1e-45, 1.1754944e-38, 3.4028235e38, 0.1, -0.0, np.nan, -np.inf], np.float32))
@settings(deadline=None)
def test_every_bit_survives_strict_json(array: Array) -> None:
    # allow_nan=False: what is written is JSON as every language reads it, without the bare word NaN.
    text = json.dumps(numbers_to_json(array), allow_nan=False)
    assert_same_bits(numbers_from_json(json.loads(text), array.dtype), array.ravel())


def test_what_is_not_finite_becomes_a_word() -> None:
    assert numbers_to_json([1.5, np.nan, np.inf, -np.inf]) == [1.5, "NaN", "Infinity", "-Infinity"]


def test_numbers_come_row_by_row_whatever_the_memory_order() -> None:
    columns_first = np.asfortranarray([[1.0, 2.0], [3.0, 4.0]])
    assert numbers_to_json(columns_first) == [1.0, 2.0, 3.0, 4.0]


def test_whole_numbers_are_read_as_floats() -> None:
    assert_same_bits(numbers_from_json([1, -2], "float32"), np.array([1.0, -2.0], np.float32))


@pytest.mark.parametrize("value", ["nan", "inf", "1.5", "", None, True, [1.0]])
def test_other_words_are_refused(value: Any) -> None:
    with pytest.raises(InvalidValue) as refusal:
        numbers_from_json([0.0, value], "float64")
    assert str(refusal.value) == f"number={value!r}: must be a number, 'NaN', 'Infinity' or '-Infinity'"


@pytest.mark.parametrize("values", [np.array([1j]), np.array(["1.5"]), np.array([None])])
def test_what_a_64_bit_float_cannot_hold_is_refused(values: npt.NDArray[Any]) -> None:
    with pytest.raises(InvalidValue, match=r"^values=<.*>: must be floats of at most 64 bits$"):
        numbers_to_json(values)


@pytest.mark.parametrize("dtype", ["int32", "complex128", "object", "U4", "flaot32", "bool", float.__mul__])
def test_other_dtypes_are_refused(dtype: Any) -> None:
    with pytest.raises(InvalidValue) as refusal:
        float_dtype(dtype)
    assert str(refusal.value).startswith(f"dtype={dtype!r}: must be a float type of at most 64 bits")


@pytest.mark.parametrize("dtype", [np.float32, "float32", np.dtype("float32"), "f4"])
def test_all_spellings_of_a_dtype_are_one(dtype: npt.DTypeLike) -> None:
    assert float_dtype(dtype) == np.float32
