"""No character of a text from outside can steer what shows it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.reports.plain_text import clean, clean_json

ANY_TEXT = st.text(st.characters(exclude_categories=())) | st.text("\x1b[31m\r\n\x00\u202e\ud800a")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("naïve ∂L/∂w = ½ 🙂\t\n", "naïve ∂L/∂w = ½ 🙂\t\n"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("bell\x07, nul\x00, csi\x9b", "bell\\x07, nul\\x00, csi\\x9b"),
        ("\x1b]8;;evil\x07", "\\x1b]8;;evil\\x07"),
        ("user\u202egpj.exe", "user\\u202egpj.exe"),
        ("half \ud83d", "half \\ud83d"),
        ("\ufeff\uffff\u2028", "\\ufeff\\uffff\\u2028"),
    ],
)
def test_unseen_characters_are_written_out(text: str, shown: str) -> None:
    assert clean(text) == shown


@given(ANY_TEXT)
def test_what_is_left_can_be_written_and_seen(text: str) -> None:
    shown = clean(text)
    assert shown.encode().decode() == shown
    assert {unicodedata.category(character) for character in shown if character not in "\n\t"}.isdisjoint({"Cc", "Cs"})
    assert {unicodedata.bidirectional(character) for character in shown}.isdisjoint({"RLO", "LRO", "RLI", "LRI", "RLE"})
    assert clean(shown) == shown


def test_json_is_cleaned_to_its_depths() -> None:
    value = {"a\x00": ["\x07", {"b": "\ud800"}, 1.5, None]}
    assert clean_json(value) == {"a\\x00": ["\\x07", {"b": "\\ud800"}, 1.5, None]}
