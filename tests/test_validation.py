"""Every refusal starts with ``name=value`` and says what is required."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symtests.validation import (
    InvalidValue,
    finite,
    integer_at_least,
    integer_in,
    known_settings,
    nearest,
    one_of,
    positive,
    real_in,
    true_or_false,
)

NO_NUMBERS: tuple[Any, ...] = (None, "1", True, False, np.True_, 1j, [1.0], np.array([1.0, 2.0]), {}, object)

Check = Callable[[str, Any], Any]
CHECKS: dict[str, tuple[Check, str, tuple[Any, ...]]] = {
    # what: the check, the requirement that its message must state, what it must refuse
    "one_of": (lambda n, v: one_of(n, v, ("sgd", "adam")), "must be one of sgd, adam", ("SGD", "", None, 1, ["sgd"])),
    "true_or_false": (true_or_false, "must be True or False", (0, 1, 1.0, "True", None, [True])),
    "integer_at_least": (
        lambda n, v: integer_at_least(n, v, 2),
        "must be a whole number of at least 2",
        (1, -2, 2.0, 2.5, math.nan, Fraction(4, 2), np.float64(3.0), np.int64(1), *NO_NUMBERS),
    ),
    "integer_in": (
        lambda n, v: integer_in(n, v, 1, 16),
        "must be a whole number from 1 to 16",
        (0, 17, 2.0, 10**400, *NO_NUMBERS),
    ),
    "finite": (finite, "must be a finite number", (math.nan, math.inf, -math.inf, 10**400, -(10**400), *NO_NUMBERS)),
    "positive": (
        positive,
        "must be a finite number above 0",
        (0, -0.0, -1, math.nan, math.inf, -math.inf, 10**400, Fraction(-1, 3), *NO_NUMBERS),
    ),
    "real_in": (
        lambda n, v: real_in(n, v, 0.0, 1.0),
        "must be a number in [0, 1]",
        (-1e-300, 1.0000001, math.nan, *NO_NUMBERS),
    ),
    "real_in, open end": (
        lambda n, v: real_in(n, v, 0.0, 1.0, open_end=True),
        "must be a number in [0, 1)",
        (1, 1.0, -1, math.inf),
    ),
}
REFUSED = [(what, value) for what, (_, _, values) in CHECKS.items() for value in values]


@pytest.mark.parametrize(("what", "value"), REFUSED, ids=[f"{what}: {value!r:.20}" for what, value in REFUSED])
def test_refusal_starts_with_name_and_value_and_says_what_is_required(what: str, value: Any) -> None:
    check, requirement, _ = CHECKS[what]
    with pytest.raises(InvalidValue) as refusal:
        check("argument", value)
    assert str(refusal.value).startswith(f"argument={value!r}: {requirement}")


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (one_of("a", "adam", ["sgd", "adam"]), "adam"),
        (true_or_false("a", np.False_), False),
        (true_or_false("a", True), True),
        (integer_at_least("a", np.int8(3), 3), 3),
        (integer_at_least("a", 10**400, 3), 10**400),
        (integer_in("a", 1, 1, 16), 1),
        (integer_in("a", np.uint8(16), 1, 16), 16),
        (finite("a", Fraction(-1, 4)), -0.25),
        (positive("a", 5e-324), 5e-324),
        (positive("a", np.float32(0.1)), float(np.float32(0.1))),
        (real_in("a", 1, 0.0, 1.0), 1.0),
        (real_in("a", 0, 0.0, 1.0, open_end=True), 0.0),
    ],
)
def test_what_is_allowed_comes_back_as_a_plain_python_value(result: object, expected: object) -> None:
    assert result == expected
    assert type(result) is type(expected)


@given(st.floats(), st.floats(allow_nan=False), st.floats(allow_nan=False), st.booleans())
@settings(deadline=None)
def test_real_in_accepts_exactly_the_interval(value: float, low: float, high: float, open_end: bool) -> None:
    inside = low <= value < high if open_end else low <= value <= high
    if inside:
        assert real_in("a", value, low, high, open_end=open_end) == value
    else:
        with pytest.raises(InvalidValue, match=r"^a="):
            real_in("a", value, low, high, open_end=open_end)


@pytest.mark.parametrize(("word", "meant"), [("sdg", "sgd"), ("ADAM", "adam"), ("adamm", "adam")])
def test_a_slip_is_answered_with_the_word_that_was_meant(word: str, meant: str) -> None:
    with pytest.raises(InvalidValue, match=f"; did you mean '{meant}'\\?$"):
        one_of("optimizer", word, ("sgd", "adam", "rmsprop"))


def test_no_guess_is_made_where_no_word_is_near() -> None:
    assert nearest("zzzz", ("sgd", "adam")) == ""


def test_unknown_setting_is_refused_with_what_there_is() -> None:
    known_settings("normal", {"std": 2}, ("std",))
    with pytest.raises(InvalidValue, match=r"^sdt=2: is no setting of normal, which has only std; did you mean 'std'"):
        known_settings("normal", {"sdt": 2}, ("std",))
    with pytest.raises(InvalidValue, match=r"^std=2: is no setting of zeros, which has no settings$"):
        known_settings("zeros", {"std": 2}, ())


def test_invalid_value_is_a_value_error() -> None:
    assert issubclass(InvalidValue, ValueError)
