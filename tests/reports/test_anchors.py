"""Anchors are unique and harmless, whatever the names are."""

import re

from hypothesis import given
from hypothesis import strategies as st

from symtests.reports.anchors import Anchors, slugs

NAMES = st.lists(st.text() | st.text("ab-_ ", max_size=4), unique=True, max_size=8)


@given(NAMES)
def test_slugs_are_unique_and_of_plain_characters(names: list[str]) -> None:
    found = slugs(names)
    assert list(found) == names
    assert len(set(found.values())) == len(names)
    assert all(re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", slug) for slug in found.values())


@given(NAMES, st.lists(st.tuples(st.text("a- ", max_size=3), st.text("a- ", max_size=3)), unique=True, max_size=5))
def test_no_two_places_share_an_anchor(properties: list[str], columns: list[tuple[str, str]]) -> None:
    column_slugs = slugs(str(column) for column in columns)
    anchors = Anchors(slugs(properties), {column: column_slugs[str(column)] for column in columns})
    cells = [(prop, *column) for prop in properties for column in columns]
    places = [anchors.prop(prop) for prop in properties]
    places += [place(cell) for cell in cells for place in (anchors.cell, anchors.counterexample, anchors.failure)]
    assert len(set(places)) == len(places)
