"""Text from outside is shown whole, and nothing in it steers a terminal."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from hypothesis import given
from rich.console import Console
from rich.text import Text

from symtests.shown_text import ascii_text, shown
from symtests.terminal_text import line_of, lines_of, terminal
from tests.forbidden import ANY_TEXT, FORBIDDEN


@given(ANY_TEXT)
def test_no_character_that_steers_is_left(text: str) -> None:
    assert not FORBIDDEN.search(shown(text))
    assert "\n" not in shown(text)
    assert not FORBIDDEN.search(shown(text, lines=True))
    shown(text).encode()  # a lone surrogate could not be


@given(ANY_TEXT)
def test_nothing_is_left_out(text: str) -> None:
    plain = [each for each in text if each.isprintable()]
    assert len(shown(text)) >= len(text)
    assert all(each in shown(text) for each in plain)
    assert shown(shown(text)) == shown(text)


@given(ANY_TEXT)
def test_lines_are_kept_where_they_are_asked_for(text: str) -> None:
    ends = text.replace("\r\n", "\n").replace("\r", "\n")
    assert shown(text, lines=True).count("\n") == ends.count("\n")


@given(ANY_TEXT)
def test_ascii_is_printable_ascii(text: str) -> None:
    assert re.fullmatch("[ -~]*", ascii_text(text))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("plain, ≈ größer 漢字", "plain, ≈ größer 漢字"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("a\u202eb\u2066c\u200b", r"a\u202eb\u2066c\u200b"),
        ("\ud800 \udfff", r"\ud800 \udfff"),
        ("a\nb\tc\rd", r"a\nb\tc\rd"),
        ("\U000e0041", r"\U000e0041"),
        (ValueError("x\x00"), r"x\x00"),
    ],
)
def test_what_is_not_seen_stands_written_out(given: object, told: str) -> None:
    assert shown(given) == told


def test_a_long_text_is_shown_from_its_end() -> None:
    assert shown("abcdef", longest=4) == "…def"
    assert shown("abcd", longest=4) == "abcd"


@given(ANY_TEXT)
def test_the_console_itself_lets_nothing_through(text: str) -> None:
    for said in (text, Text(text), line_of(text), lines_of(text)):
        console = terminal()
        console.file = StringIO()
        console.print(said, soft_wrap=True)
        assert not FORBIDDEN.search(console.file.getvalue())


def test_markup_is_text() -> None:
    for console in (terminal(), Console()):
        console.file = StringIO()
        console.print(line_of("[bold]x[/bold] [/] :smile:"))
        assert console.file.getvalue() == "[bold]x[/bold] [/] :smile:\n"
