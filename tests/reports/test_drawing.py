"""A drawing takes its colours from the page, and carries nothing else with it."""

import re

import altair as alt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symtests.reports.drawing import COLOURS, SERIES, drawn, points_of, styled
from symtests.reports.plain_text import clean
from tests.reports.page import Page, words


def chart(text: str = "a", colour: str = SERIES[0]) -> alt.TopLevelMixin:
    points = points_of([{"x": 1, "y": 2, "text": text}, {"x": 2, "y": 1, "text": text}])
    base = alt.Chart(points).encode(x="x:Q", y="y:Q")
    texts = base.mark_text(color=COLOURS["ink"]).encode(text="text:N")
    return styled(alt.layer(base.mark_line(stroke=colour, clip=True), texts))


def test_every_colour_is_a_class_of_the_style_sheet() -> None:
    drawing = str(drawn(chart(), "one", "label"))
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b(?!\))", drawing)
    classes = {name for found in re.findall(r'class="([^"]*)"', drawing) for name in found.split()}
    assert classes - {"chart"} <= {f"{paint}-{name}" for paint in ("fill", "stroke") for name in COLOURS}
    assert "stroke-series-1" in classes


def test_another_colour_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^stroke='#123456'"):
        drawn(chart(colour="#123456"), "one", "label")


def test_it_is_one_image_with_a_label() -> None:
    page = Page(drawn(chart(), "one", 'two "units" <tied>'))
    root = page.elements[0]
    assert (root.tag, root.attributes["role"], root.attributes["aria-label"]) == ("svg", "img", 'two "units" <tied>')
    assert "viewbox" in root.attributes
    assert not {"width", "height"} & set(root.attributes)
    assert not any("font-family" in element.attributes or "role" in element.attributes for element in page.elements[1:])


def test_a_text_of_any_length_is_drawn_in_no_time() -> None:
    assert len(drawn(chart("n" * 1_000_000), "chart", "a label")) < 100_000


def test_clip_paths_of_two_drawings_do_not_meet() -> None:
    one, two = (Page(drawn(chart(), name, "label")) for name in ("one", "two"))
    ids = [{element.attributes["id"] for element in page.elements if "id" in element.attributes} for page in (one, two)]
    assert ids[0]
    assert ids[0].isdisjoint(ids[1])
    clips = {element.attributes["clip-path"] for element in one.elements if "clip-path" in element.attributes}
    assert clips <= {f"url(#{name})" for name in ids[0]}
    assert clips


@settings(max_examples=20)  # a drawing takes a while
@given(st.text(min_size=1, max_size=30).map(clean).filter(lambda text: text.strip() == text))
def test_text_from_outside_is_text_in_a_drawing(text: str) -> None:
    page = Page(drawn(chart(text), "one", text))
    assert page.skeleton == Page(drawn(chart("x"), "one", "x")).skeleton
    assert page.elements[0].attributes["aria-label"] == text
    assert [words(element.text) for element in page.all("text")].count(words(text)) == 2
