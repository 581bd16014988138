"""Tests of what counts as the same output."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.benchmarks.speed.outputs import difference
from symtests.benchmarks.speed.worker import output_of


def differs(base: Any, head: Any, again: Any = None) -> str:
    return difference(output_of(base), output_of(head), output_of(base if again is None else again))


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=20))
def test_what_is_equal_is_equal(numbers: list[float]) -> None:
    assert differs(numbers, list(numbers)) == ""
    assert differs(np.array(numbers), np.array(numbers)) == ""


def test_rounding_is_no_difference_and_more_is() -> None:
    one = np.linspace(0.1, 1.0, 7)
    for dtype, ulps, allowed in (("float64", 3, True), ("float32", 3, True), ("float64", 10_000, False)):
        base = one.astype(dtype)
        head = base + np.asarray(ulps * np.finfo(dtype).eps, dtype)
        assert (differs(base, head) == "") == allowed
    assert "differs from base's by 0.0099" in differs(one, one * 1.01)


def test_another_shape_and_what_is_not_finite_is_told() -> None:
    assert "returns 2 numbers where base returns 3 numbers" in differs([1.0, 2.0, 3.0], [1.0, 2.0])
    assert "1 of them not finite" in differs([1.0], [float("nan")])
    assert "returns no numbers" in differs([1.0], "text")


def test_what_varies_by_itself_is_not_compared_more_sharply() -> None:
    assert differs([1.0, 2.0], [1.0, 2.1], again=[1.0, 2.05]) == ""
    assert differs([1.0, 2.0], [1.0, 9.0], again=[1.0, 2.05]) != ""


@pytest.mark.parametrize("value", [None, "text", object(), {"a": "b"}])
def test_without_numbers_nothing_is_compared(value: object) -> None:
    assert output_of(value)["digest"] == ""
    assert differs(value, value) == ""
