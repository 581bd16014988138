# ruff: noqa: RUF001 (formulas have Greek letters)
"""The page of the laws says what the code says: docs/laws.md is compared with it, and read as a browser would."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from symtests.claims import CLAIMS
from symtests.law_page import law_page
from symtests.network import ACTIVATIONS, LOSSES, OPTIMIZERS
from symtests.properties import PROPERTIES
from symtests.properties.base import Property
from tests.reports.page import Page, words

DOCS = (Path(__file__).resolve().parent.parent / "docs" / "laws.md").read_text(encoding="utf-8")
MARKDOWN = MarkdownIt("commonmark").enable("table")
FIELDS = ("title", "statement", "formula", "precondition", "catches", "source")


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(f"<html>{MARKDOWN.render(DOCS)}</html>")


def test_docs_say_what_the_code_says() -> None:
    filled = re.findall(r"<!-- table: laws -->\n\n(.*)\n\n<!-- end -->", DOCS, re.DOTALL)
    assert filled == [law_page().strip()], "fill it in again: python docs/fill_in.py laws.md"


def test_every_law_is_told_word_for_word(page: Page) -> None:
    text = words(page.elements[0].text)
    for law in PROPERTIES:
        for field in FIELDS:
            assert words(getattr(law, field).replace("`", "")) in text.replace("`", ""), (law.id, field)
    for claim in CLAIMS:
        assert words(claim.text) in text
        assert words(claim.truth) in text


def test_every_link_leads_to_a_place_on_the_page(page: Page) -> None:
    places = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    targets = {element.attributes["href"] for element in page.all("a") if "href" in element.attributes}
    assert len(places) == len(set(places)) == len(PROPERTIES) + len(CLAIMS)
    assert targets == {f"#{place}" for place in places}


def test_the_notation_covers_all_that_a_network_may_have() -> None:
    notation = DOCS.partition("## How a law is asked")[0]
    for name in (*ACTIVATIONS, *LOSSES, *OPTIMIZERS):
        assert f"| `{name}` |" in notation


@pytest.mark.parametrize("law", PROPERTIES, ids=lambda law: law.id)
def test_formulas_are_written_alike(law: Property) -> None:
    assert not re.search(r"=>|<=|>=|'", law.formula), "write ⇒, ≤, ≥ and ′"
    assert not re.search(r"_[\diklnNtjp(]|\^", law.formula), "write subscripts and superscripts"
    for field in ("title", "statement", "precondition", "catches"):
        assert not re.search(r"(σ|relu|logistic)'|=>|<=|>=|\w_\d", getattr(law, field)), field
    assert law.statement.endswith(".")
    assert law.statement[0].isupper()
    assert law.source.strip()
