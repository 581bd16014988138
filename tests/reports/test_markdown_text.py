"""Text from outside stays text in Markdown: in a line, in a table, in a block of code."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from symtests.reports.markdown_text import Markdown, code, fenced, plain
from symtests.reports.plain_text import clean

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
TEXT = (st.text() | st.text("\\`*_[]|~#!<>&$@-+=.)1 \n(:/", max_size=12)).map(clean).map(lambda t: " ".join(t.split()))


def shown(tokens: list[Token]) -> str:
    """What a reader sees of inline tokens; any that is more than text, or our own code, is an error."""
    text = ""
    for token in tokens:
        assert token.type in ("text", "text_special", "html_inline"), token
        assert token.type != "html_inline" or token.content in ("<code>", "</code>"), token
        text += "" if token.type == "html_inline" else token.content
    return text


@given(TEXT)
@example("- a")
@example("1. a")
@example("-----")
@example("=====")
@example("a\\|b | c")
@example("<script>alert(1)</script> &lt; **b** [a](b) `c` ![d](e) ~~f~~ $g$")
def test_a_line_shows_just_the_text(text: str) -> None:
    tokens = MARKDOWN.parse(f"above\n\n{plain(text)}\n\nbelow")
    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
    middle = [token for token in tokens if token.type == "inline"][1:-1]
    assert "".join(shown(token.children or []) for token in middle) == text


@given(TEXT, TEXT)
@example("a|b", "\\")
@example("\\|", "|")
def test_a_row_of_a_table_keeps_its_checks(first: str, second: str) -> None:
    table = f"| a | b | c |\n| --- | --- | --- |\n| {plain(first)} | {code(second)} | end |\n"
    tokens = MARKDOWN.parse(table)
    assert [token.type for token in tokens].count("td_open") == 3
    cells = [token for token in tokens if token.type == "inline"][3:]
    assert [shown(cell.children or []) for cell in cells] == [first, second, "end"]


@given(st.text("`~ab\n ") | st.text().map(clean))
@example("```\n<script>\n````")
def test_nothing_ends_a_block_of_code(text: str) -> None:
    tokens = MARKDOWN.parse(f"above\n\n{fenced(text, 'python')}\n\nbelow")
    assert [token.type for token in tokens if token.level == 0].count("fence") == 1
    block = next(token for token in tokens if token.type == "fence")
    assert block.content == text.rstrip("\n") + "\n"
    assert block.info == "python"
    assert tokens[-2].content == "below"


def test_markdown_is_not_escaped_twice() -> None:
    assert plain(plain("*a*")) == plain("*a*")
    assert isinstance(plain("a"), Markdown)


@pytest.mark.parametrize(
    ("text", "markdown"),
    [("-1.5", "-1.5"), ("= exact", "= exact"), ("- a", "\\- a"), ("3. a", "3\\. a"), ("0.5", "0.5")],
)
def test_no_more_is_escaped_than_must_be(text: str, markdown: str) -> None:
    assert plain(text) == markdown
