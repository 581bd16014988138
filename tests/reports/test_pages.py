"""The pages are whole, lead nowhere else, and nothing from outside is more than text in them."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from symtests.reports.pages import html_page, markdown_page
from symtests.reports.plain_text import clean
from symtests.reports.reading import read_results
from symtests.reports.report import Report, report_of
from symtests.reports.timings import read_timings
from symtests.reports.words import WORDS
from tests.reports import hostile, sample, timing_sample
from tests.reports.page import Page, words
from tests.reports.xor import story_line

MARKDOWN = MarkdownIt("commonmark").enable("table")
SECTIONS = [
    "failed", "matrix", "speed", "gaps", "claims", "story", "observations", "evidence", "method"
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


def report(folder: Path, lines: list[sample.Line], timings: timing_sample.Line | None = None) -> Report:
    results = read_results(sample.write(folder / "results.jsonl", lines))
    if timings is None:
        return report_of(results, None)
    return report_of(results, read_timings(timing_sample.write(folder / "benchmarks.json", timings)))


@pytest.fixture(scope="module")
def full(folder: Path) -> Report:
    lines = sample.lines()
    lines.insert(-1, story_line("mynet", "float32", 200))
    return report(folder, lines, timing_sample.benchmarks())


@pytest.fixture(scope="module")
def source(full: Report) -> str:
    return html_page(full)


@pytest.fixture(scope="module")
def page(source: str) -> Page:
    return Page(source)


def test_there_is_one_heading_for_all_and_the_sections_come_in_the_order_of_the_questions(page: Page) -> None:
    assert [words(h1.text) for h1 in page.all("h1")] == [
        "✗1 of 32 checks violated; 1 errored; 1 known failure no longer fails; 1 inconclusive"
    ]
    assert [section.attributes["id"] for section in page.all("section")] == SECTIONS
    assert len(page.all("main")) == len(page.all("nav")) == len(page.all("footer")) == 1
    levels = [int(e.tag[1]) for e in page.elements if re.fullmatch("h[1-6]", e.tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_link_leads_to_a_place_in_the_page(page: Page) -> None:
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    assert len(set(ids)) == len(ids)
    targets = [element.attributes["href"] for element in page.all("a")]
    assert len(targets) > 40
    assert all(target.startswith("#") for target in targets)
    assert {target[1:] for target in targets} <= set(ids)
    for name in ("aria-labelledby", "aria-describedby"):
        assert {e.attributes[name] for e in page.elements if name in e.attributes} <= set(ids)


def test_it_needs_no_network_and_no_script(page: Page, source: str) -> None:
    loading = {"script", "link", "img", "iframe", "object", "embed", "form", "base", "audio", "video", "source"}
    assert loading.isdisjoint(element.tag for element in page.elements)
    attributes = {name for element in page.elements for name in element.attributes}
    assert {"src", "srcset", "action", "xlink:href"}.isdisjoint(attributes)
    assert not any(name.startswith("on") for name in attributes)
    addresses = set(re.findall(r"\w+://[^\s\"'<)]+", source))
    assert addresses <= {"http://www.w3.org/2000/svg"}  # a name, which nothing loads
    assert "@import" not in source
    assert all(found.startswith("#") for found in re.findall(r"url\(([^)]*)\)", source))
    policy = page.all("meta", http_equiv="Content-Security-Policy")[0].attributes["content"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_every_verdict_is_a_glyph_and_a_word(page: Page) -> None:
    pills = [element for element in page.elements if "word" in element.attributes.get("class", "").split()]
    assert len(pills) > 20
    for pill in pills:
        glyph = pill.children[0]
        word = words(pill.text).removeprefix(glyph.text).split(":")[0].strip()
        assert WORDS[word].glyph == glyph.text
        assert f"word-{word.replace(' ', '-')}" in pill.attributes["class"]


def test_the_counts_of_the_words_that_occur_stand_there_and_add_up(page: Page) -> None:
    tally = page.all("ul", class_="tally")[0]
    counts = [words(item.text) for item in tally.children]
    assert len(counts) == len(set(sample.WORDS.values()))
    assert sum(int(count.split()[-1]) for count in counts) == len(sample.WORDS)


def test_the_matrix_has_a_row_for_each_property_worst_first_and_a_word_for_each_check(page: Page) -> None:
    rows = [
        row
        for table in page.all("table", class_="matrix")
        for body in table.children
        if body.tag == "tbody"
        for row in body.children
    ]
    assert len(rows) == len(sample.PROPERTIES)
    assert words(rows[0].children[0].text).split()[0] == "SYM1"
    for row in rows:
        heading, *cells = row.children
        assert (heading.tag, heading.attributes["scope"], len(cells)) == ("th", "row", 4)
        prop = words(heading.text).split()[0]
        checks = [(name, dtype) for name in ("numba", "mynet") for dtype in sample.DTYPES]
        for cell, (name, dtype) in zip(cells, checks, strict=True):
            word = sample.WORDS[prop, name, dtype]
            assert words(cell.spaced) == f"{WORDS[word].glyph} {word}"
            leads = [link.attributes["href"] for link in cell.children if link.tag == "a"]
            assert bool(leads) == (word not in ("exact", "holds", "unsupported"))


def test_tables_and_drawings_can_be_heard(page: Page) -> None:
    for heading in page.all("th"):
        assert heading.attributes["scope"] in ("row", "col", "rowgroup")
    drawings = page.all("svg")
    assert len(drawings) == 5
    assert all(drawing.attributes["aria-label"] and drawing.attributes["role"] == "img" for drawing in drawings)
    for region in page.all("div", class_="scrollable"):
        assert region.attributes["aria-label"]
        assert region.attributes["tabindex"] == "0"
    assert page.all("html")[0].attributes["lang"] == "en"


def test_a_counterexample_shows_property_numbers_case_and_how_to_see_it_again(page: Page) -> None:
    text = words(page.by_id("cause-1").text)
    for expected in (
        sample.PROPERTIES["SYM1"][2], words(sample.PROPERTIES["SYM1"][3]), "W1[0,0] and W1[0,1] differ",
        "0.2500000298023224",
        "The smallest case: SYM1, 2-2-1 network, 2 samples, float32", "--property SYM1", "import mynet",
    ):  # fmt: skip
        assert expected in text


def test_a_diagnosis_is_shown_as_the_text_that_it_is(full: Report, page: Page) -> None:
    heading = page.by_id("cause-1").children[1]
    assert (heading.tag, words(heading.text)) == ("h3", sample.DIAGNOSIS)
    assert "**the gradient of the biases is 0, only for &lt;b&gt;tanh&lt;/b&gt;**" in markdown_page(full)


def test_a_command_is_shown_whole_and_no_line_breaks_within_an_option(page: Page) -> None:
    command = next(each for each in page.all("pre", class_="command") if "--property" in each.text)
    assert command.text == "symtests check mynet.py:MyNet --property SYM1 --dtype float32 --seed 20260320"
    assert [each.text for each in command.children[0].children] == ["--property", "--dtype", "--seed"]


def test_what_failed_stands_first_and_what_is_known_to_fail_is_folded(page: Page) -> None:
    failed = page.by_id("failed").spaced
    assert failed.index("violated mynet 1 check in float32") < failed.index("train raised IndexError")
    assert failed.index("train raised IndexError") < failed.index("1 known failure no longer fails: remove the entry")
    known = page.by_id("cause-2")
    assert known.parent is not None
    assert known.parent.tag == "details"
    assert "Known failures, still failing as listed (1)" in known.parent.spaced
    for name in ("claims", "story", "observations", "evidence", "method"):
        assert page.by_id(name).children[1].tag == "details", name
    assert all("open" not in details.attributes for details in page.all("details"))


def test_evidence_counts_what_proves_nothing(page: Page) -> None:
    text = page.by_id("check-grad1--mynet-float32").spaced
    assert text.startswith("mynet float32 ? inconclusive 0 12 3 44 0 7 31 % (certified) 2.3")


def test_a_run_with_nothing_in_it_is_a_page_too(folder: Path) -> None:
    found = report(folder, [sample.run_line(46)])
    text = Page(html_page(found)).all("main")[0].spaced
    assert "Cut short, 0 of 46 checks judged: nothing is known" in text
    assert "This run was cut short: 0 of 46 checks judged." in text
    assert "Nothing was timed" in text
    assert "This run was cut short: 0 of 46 checks judged." in markdown_page(found)


def test_the_story_says_how_it_was_trained(page: Page) -> None:
    text = page.by_id("story").spaced
    assert "a 2-4-1 network, tanh, logistic_mse, 1,500 steps of sgd, learning rate 2." in text
    assert "The same, seen in 1 other implementation or dtype" in text


def test_markdown_has_the_same_sections_and_whole_tables(full: Report) -> None:
    tokens = MARKDOWN.parse(markdown_page(full))
    titles = [after.content for token, after in pairwise(tokens) if (token.type, token.tag) == ("heading_open", "h2")]
    assert titles == [
        "What failed", "All properties, worst first", "Speed", "What this run cannot tell",
        "What is said, and what was found", "Pictures", "Observations", "Method and environment",
    ]  # fmt: skip
    counts = [token.type for token in tokens]
    assert counts.count("table_open") == 1 + 2 + 1 + 1 + 1 + 2 + 1 + 1
    for line in re.sub(r"```.*?```", "", markdown_page(full), flags=re.S).splitlines():
        assert not line.startswith("|") or line.rstrip().endswith("|")
    text = markdown_page(full)
    assert all(f"{WORDS[word].glyph} {word}" in text.replace("\\", "") for word in set(sample.WORDS.values()))


TEXT = (st.text(max_size=20) | st.text("<>\"'&{}%#|`*_\\\n /=!-", max_size=12)).map(lambda text: f"x{text}x")


def markdown_structure(source: str) -> list[tuple[str, tuple[str, ...]]]:
    """All tokens of a Markdown text but plain text: what no text from outside may change."""
    seen = []
    for token in MARKDOWN.parse(source):
        children = (child for child in token.children or () if child.type not in ("text", "text_special"))
        html = token.content if token.type == "html_block" else ""
        seen.append((token.type + html, tuple(child.type for child in children)))
    return seen


@pytest.fixture(scope="module")
def harmless(folder: Path) -> tuple[object, object]:
    found = report(folder, hostile.lines("x"))
    return Page(html_page(found)).skeleton, markdown_structure(markdown_page(found))


@settings(max_examples=max(20, settings().max_examples // 4))  # each is a whole report
@given(TEXT)
@example('<script>alert(1)</script>" onmouseover="alert(2)')
@example("x</style></title></pre>--><!--{{ 7*7 }}{% raw %}]]>x")
@example("x\ud800\x00\x1b[31m\u202e&lt;\r\nx")
@example("x'><a href=javascript:alert(1)>x")
@example("x|x\n\n# x\n\n| x | x |\n|---|---|\n```\n<b>x</b> [x](y) ![x](y)")
@example("x</details><script>x")
def test_any_text_from_outside_is_shown_and_does_nothing(
    folder: Path, harmless: tuple[object, object], text: str
) -> None:
    found = report(folder, hostile.lines(text))
    page = Page(html_page(found))
    assert (page.skeleton, markdown_structure(markdown_page(found))) == harmless
    shown = page.all("main")[0].spaced
    assert shown.count(words(clean(text))) > 100


def test_any_name_is_text_in_the_drawings(folder: Path) -> None:
    pages = []
    hostile_text = "</text><script>\"'&{}\\"
    for text in (hostile_text, "x"):
        lines = [hostile.filled(line, text) for line in sample.lines(story=False)]
        lines.insert(-1, story_line("numba" + text, "float64", 100))
        pages.append(Page(html_page(report(folder, lines, hostile.timings(text)))))
    assert pages[0].skeleton == pages[1].skeleton
    assert f"numpy{hostile_text} \N{MULTIPLICATION SIGN}4" in [words(text.text) for text in pages[0].all("text")]
