"""Numbers are short where the size matters, and complete where every bit does."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.reports.number_words import (
    compact,
    counted,
    date,
    duration,
    every_digit,
    multiple,
    percent,
    short_weight,
)

MINUS, TIMES = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (12345.0, "12,345"),
        (-3, f"{MINUS}3"),
        (0.0213456, "0.0213"),
        (-1.50049, f"{MINUS}1.5"),
        (2.3e-6, f"2.30 {TIMES} 10⁻⁶"),
        (-4.56e30, f"{MINUS}4.56 {TIMES} 10³⁰"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, f"{MINUS}∞"),
    ],
)
def test_compact(value: float, text: str) -> None:
    assert compact(value) == text


@given(st.floats(-1e300, 1e300))
def test_a_compact_number_is_short_and_right_to_three_digits(value: float) -> None:
    text = compact(value)
    assert len(text) <= 14
    plain = text.replace(MINUS, "-").replace(",", "").replace(f" {TIMES} 10", "e")
    plain = plain.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    assert math.isclose(float(plain), value, rel_tol=0.5e-2) or abs(value) < 1e-320  # subnormal


@pytest.mark.parametrize(
    ("fraction", "text"),
    [(0, "0"), (1e-9, "< 0.1 %"), (0.0042, "0.4 %"), (0.31, "31 %"), (12.5, "1,250 %"), (math.inf, "∞")],
)
def test_percent(fraction: float, text: str) -> None:
    assert percent(fraction) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"), (3e-10, "0.3 ns"), (3.8e-5, "38 µs"), (0.0123, "12.3 ms"), (0.42, "0.4 s"), (12.4, "12 s"),
        (59.6, "1 min 0 s"), (125.4, "2 min 5 s"), (3840, "1 h 4 min"), (math.nan, "unknown"), (-1, "unknown"),
    ],
)  # fmt: skip
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("2026-03-20T14:05:33+00:00", "20 March 2026, 14:05 UTC"),
        ("2026-03-20T14:05:33Z", "20 March 2026, 14:05 UTC"),
        ("2026-03-20T14:05:33.123456", "20 March 2026, 14:05"),
        ("yesterday", "yesterday"),
    ],
)
def test_date(moment: str, text: str) -> None:
    assert date(moment) == text


def test_counted() -> None:
    assert [counted(n, "case") for n in (0, 1, 1200)] == ["0 cases", "1 case", "1,200 cases"]
    assert counted(2, "entry", "entries") == "2 entries"


def test_multiple() -> None:
    assert [multiple(ratio) for ratio in (0.5237, 1.0, 4.126, 130.4)] == [
        f"{TIMES}0.524", f"{TIMES}1", f"{TIMES}4.13", f"{TIMES}130"
    ]  # fmt: skip


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_digit_stands_for_this_number_and_no_other(value: float) -> None:
    read = float(every_digit(value))
    assert (read, math.copysign(1, read)) == (value, math.copysign(1, value))


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_weight_that_is_not_rounded_is_exact_in_its_dtype(value: float) -> None:
    text, rounded = short_weight(value, "float32")
    read = float(text.replace(MINUS, "-"))
    assert read == pytest.approx(value, rel=1e-5, abs=1e-40)
    assert rounded or np.float32(read) == np.float32(value)


@pytest.mark.parametrize(
    ("value", "dtype", "text"),
    [(0.10000000149011612, "float32", "0.1"), (-1.5, "float64", f"{MINUS}1.5"), (1.0, "float64", "1"),
     (math.nan, "float32", "NaN")],
)  # fmt: skip
def test_a_short_weight_is_as_its_dtype_prints_it(value: float, dtype: str, text: str) -> None:
    assert short_weight(value, dtype) == (text, False)
