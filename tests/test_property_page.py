# ruff: noqa: RUF001 (formulas have Greek letters)
"""The page of the properties says what the code says: docs/properties.md is compared and rendered."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from symtests.claims import CLAIMS
from symtests.network import ACTIVATIONS, LOSSES, OPTIMIZERS
from symtests.properties import PROPERTIES
from symtests.properties.base import Property
from symtests.property_page import property_page
from tests.reports.page import Page, words

DOCS = (Path(__file__).resolve().parent.parent / "docs" / "properties.md").read_text(encoding="utf-8")
MARKDOWN = MarkdownIt("commonmark").enable("table")
FIELDS = ("title", "statement", "formula", "precondition", "catches", "source")


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(f"<html>{MARKDOWN.render(DOCS)}</html>")


def test_docs_say_what_the_code_says() -> None:
    filled = re.findall(r"<!-- table: properties -->\n\n(.*)\n\n<!-- end -->", DOCS, re.DOTALL)
    assert filled == [property_page().strip()], "fill it in again: python docs/fill_in.py properties.md"


def test_every_property_is_told_word_for_word(page: Page) -> None:
    text = words(page.elements[0].text)
    for prop in PROPERTIES:
        for field in FIELDS:
            assert words(getattr(prop, field).replace("`", "")) in text.replace("`", ""), (prop.id, field)
    for claim in CLAIMS:
        assert words(claim.text) in text
        assert words(claim.truth) in text


def test_every_link_leads_to_a_place_on_the_page(page: Page) -> None:
    places = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    targets = {element.attributes["href"] for element in page.all("a") if "href" in element.attributes}
    assert len(places) == len(set(places)) == len(PROPERTIES) + len(CLAIMS)
    assert targets == {f"#{place}" for place in places}


def test_the_notation_covers_all_that_a_network_may_have() -> None:
    notation = DOCS.partition("## How a property is asked")[0]
    for name in (*ACTIVATIONS, *LOSSES, *OPTIMIZERS):
        assert f"| `{name}` |" in notation


@pytest.mark.parametrize("prop", PROPERTIES, ids=lambda prop: prop.id)
def test_formulas_are_written_alike(prop: Property) -> None:
    assert not re.search(r"=>|<=|>=|'", prop.formula), "write ⇒, ≤, ≥ and ′"
    assert not re.search(r"_[\diklnNtjp(]|\^", prop.formula), "write subscripts and superscripts"
    for field in ("title", "statement", "precondition", "catches"):
        assert not re.search(r"(σ|relu|logistic)'|=>|<=|>=|\w_\d", getattr(prop, field)), field
    assert prop.statement.endswith(".")
    assert prop.statement[0].isupper()
    assert prop.source.strip()
