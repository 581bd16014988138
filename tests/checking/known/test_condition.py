"""When an entry of a list of known failures applies."""

from __future__ import annotations

import platform
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.checking.known.condition import Condition
from symtests.validation import InvalidValue

NUMBERS = st.integers(0, 30)


def mismatch(of_check: str, of_implementation: str, **when: Any) -> str:
    return Condition.from_toml(when).mismatch(of_check, of_implementation)


def test_one_that_names_nothing_applies_always() -> None:
    assert not mismatch("float64", "1.4")
    assert not mismatch("float32", "")


def test_everything_that_it_names_has_to_fit() -> None:
    here = {"platform": sys.platform[:3], "python": f"=={platform.python_version()}"}
    assert not mismatch("float32", "1.4", dtype="float32", version=">=1,<2", **here)
    assert mismatch("float64", "1.4", dtype="float32", version=">=1,<2", **here)
    assert mismatch("float32", "2.4", dtype="float32", version=">=1,<2", **here)
    assert not mismatch("float64", "1.4", dtype=["float32", "float64"])


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_versions_are_compared_as_versions(a: int, b: int, c: int, d: int) -> None:
    below = not Condition.from_toml({"version": f"<{c}.{d}"}).mismatch("float64", f"{a}.{b}")
    assert below == ((a, b) < (c, d))


@pytest.mark.parametrize(
    ("when", "version", "sentence"),
    [
        ({"dtype": "float32"}, "1", "dtype is float64, and the entry is for float32"),
        ({"platform": "plan9"}, "1", f"platform is {sys.platform}, and the entry is for plan9"),
        ({"python": "<3"}, "1", "and the entry is for <3"),
        ({"version": "<2"}, "2.1", "the implementation's version is 2.1, and the entry is for <2"),
        ({"version": "<2"}, "", "the implementation's version is not told"),
        ({"version": "<2"}, "of yesterday", "the implementation's version is of yesterday"),
    ],
)
def test_a_mismatch_is_told(when: dict[str, Any], version: str, sentence: str) -> None:
    assert sentence in Condition.from_toml(when).mismatch("float64", version)


def test_a_build_and_a_release_candidate_are_versions_too() -> None:
    assert not mismatch("float64", "2.13.0+cpu", version=">=2")
    assert not mismatch("float64", "2.1rc1", version=">=2,<2.1rc2")


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ("always", "when='always': must be a table"),
        ({"dtyp": "float32"}, "did you mean 'dtype'?"),
        ({"dtype": "float23"}, "did you mean 'float32'?"),
        ({"dtype": 3}, "when.dtype=3: must be a string or a list of strings"),
        ({"version": "two"}, "when.version='two': must be a range of versions"),
        ({"python": 3}, "when.python=3: must be a range of versions"),
        ({"platform": [1]}, "when.platform=[1]: must be a string or a list of strings"),
    ],
)
def test_a_bad_condition_costs_one_sentence(when: object, sentence: str) -> None:
    with pytest.raises(InvalidValue) as raised:
        Condition.from_toml(when)
    assert sentence in str(raised.value)
