"""Every field is read strictly, and every failure says where and what."""

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.reports.record import Record, parsed
from symtests.validation import InvalidValue

PLACE = "results.jsonl, line 3"


def record(value: Any) -> Record:
    return Record({"field": value}, PLACE)


READERS: dict[str, tuple[Callable[[Record], Any], list[Any], str]] = {
    "text": (lambda r: r.text("field"), [1, None, ["a"]], "a string"),
    "texts": (lambda r: r.texts("field"), ["a", [1], None, {}], "a list"),
    "word": (lambda r: r.word("field", ["run", "end"]), ["other", 1, None, []], "one of run, end"),
    "count": (lambda r: r.count("field"), [-1, 1.0, True, "1", None], "a whole number of at least 0"),
    "number": (lambda r: r.number("field"), ["1", "nan", True, None, []], "a number"),
    "optional number": (lambda r: r.optional_number("field"), ["1", True, []], "a number"),
    "numbers": (lambda r: r.numbers("field"), [[1, None], "NaN", None], "a list"),
    "rows": (lambda r: r.rows("field", 2), [[[1]], [1, 2], [["a", 1]], None], "a list"),
    "truth": (lambda r: r.truth("field"), [0, "true", None], "true or false"),
    "record": (lambda r: r.record("field"), [[], "a", None], "an object"),
    "records": (lambda r: r.records("field"), [{}, [1], None], "a list"),
}


@pytest.mark.parametrize(
    ("reader", "value", "required"),
    [(reader, value, required) for reader, values, required in READERS.values() for value in values],
)
def test_anything_else_is_refused_with_its_place(reader: Callable[[Record], Any], value: Any, required: str) -> None:
    with pytest.raises(InvalidValue, match=rf"^{PLACE}: field=.*must be {required}"):
        reader(record(value))


@pytest.mark.parametrize("reader", [reader for reader, _, _ in READERS.values()], ids=list(READERS))
def test_a_missing_field_is_named(reader: Callable[[Record], Any]) -> None:
    with pytest.raises(InvalidValue, match=rf"^{PLACE}: has no 'field'"):
        reader(Record({}, PLACE))


def test_a_long_value_is_shortened() -> None:
    with pytest.raises(InvalidValue) as error:
        record("x" * 10_000).count("field")
    assert len(str(error.value)) < 200


@pytest.mark.parametrize(("word", "value"), [("Infinity", math.inf), ("-Infinity", -math.inf)])
def test_infinities_stand_as_words(word: str, value: float) -> None:
    assert record(word).number("field") == value
    assert record([word, 1]).numbers("field") == (value, 1.0)


def test_nan_stands_as_a_word() -> None:
    assert math.isnan(record("NaN").number("field"))


def test_numbers_beyond_the_largest_float_are_infinite() -> None:
    assert record(10**400).number("field") == math.inf
    assert record(-(10**400)).number("field") == -math.inf


def test_null_is_no_optional_number() -> None:
    assert record(None).optional_number("field") is None


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("", "is no JSON"),
        ("{", "is no JSON"),
        ('{"a": NaN}', 'is no JSON (NaN must stand as the string "NaN")'),
        ("[1]", "must be a JSON object, not list"),
        ("[" * 100_000, "is no JSON"),
        ("1" * 5000, "is no JSON"),
    ],
)
def test_what_is_no_object_is_refused(line: str, fault: str) -> None:
    with pytest.raises(InvalidValue, match=f"^{PLACE}: {re.escape(fault)}"):
        parsed(line, PLACE)


@given(st.text().filter(lambda line: not line.lstrip().startswith("{")))
def test_any_other_text_is_refused_in_one_sentence(line: str) -> None:
    with pytest.raises(InvalidValue, match=f"^{PLACE}: "):
        parsed(line, PLACE)
