"""What is said, beside what was found: each check counted once, each property leading to its worst check."""

from __future__ import annotations

from pathlib import Path

import pytest

from symtests.reports.anchors import anchors_of
from symtests.reports.claims import ClaimRow, claims_of
from symtests.reports.matrix import matrix_of
from symtests.reports.pages import html_page, markdown_page
from symtests.reports.reading import read_results
from symtests.reports.report import report_of
from tests.reports import sample
from tests.reports.page import Page


def found_in(folder: Path, lines: list[sample.Line]) -> tuple[ClaimRow, ...]:
    results = read_results(sample.write(folder / "results.jsonl", lines))
    return claims_of(results, matrix_of(results, anchors_of(results)))


@pytest.fixture
def rows(tmp_path: Path) -> tuple[ClaimRow, ...]:
    return found_in(tmp_path, sample.lines())


def test_a_claim_counts_where_a_property_of_the_run_names_it(rows: tuple[ClaimRow, ...]) -> None:
    assert [row.claim.id for row in rows] == ["S1", "S13"]
    assert [found.implementation for found in rows[0].found] == ["numba", "mynet"]
    assert [prop.prop for prop in rows[1].found[0].properties] == ["SYM1", "SYM2"]


def test_every_check_of_its_properties_is_counted_once(rows: tuple[ClaimRow, ...]) -> None:
    numba, mynet = ({word.word: count for word, count in found.counts} for found in rows[0].found)
    for name, counts in (("numba", numba), ("mynet", mynet)):
        words = [word for (_, implementation, _), word in sample.WORDS.items() if implementation == name]
        assert counts == {word: words.count(word) for word in words}
    assert next(iter(mynet)) == "violated", "worst first"


def test_each_property_leads_to_its_worst_check(rows: tuple[ClaimRow, ...]) -> None:
    numba, mynet = rows[1].found
    assert [(prop.word.word, prop.target) for prop in numba.properties] == [
        ("exact", "check-sym1--numba-float32"), ("exact", "check-sym2--numba-float32")
    ]  # fmt: skip
    assert [prop.word.word for prop in mynet.properties] == ["violated", "fixed"]
    assert mynet.properties[0].target == "counterexample-sym1--mynet-float32"
    assert (numba.word.word, mynet.word.word) == ("exact", "violated")


@pytest.mark.parametrize(
    ("words", "worst"),
    [
        (("unsupported", "holds"), "holds"),
        (("unsupported", "unsupported"), "unsupported"),
        (("exact", "holds"), "holds"),
    ],
)
def test_what_cannot_be_done_is_no_verdict_on_a_claim(words: tuple[str, str], worst: str, tmp_path: Path) -> None:
    lines = [sample.run_line(2), sample.implementation_line("numba")]
    lines += [
        sample.verdict_line(("SYM1", "numba", dtype), word=word)
        for dtype, word in zip(sample.DTYPES, words, strict=True)
    ]
    assert found_in(tmp_path, [*lines, sample.end_line()])[0].found[0].word.word == worst


def test_both_pages_tell_the_claims_and_every_link_leads_somewhere(tmp_path: Path) -> None:
    results = read_results(sample.write(tmp_path / "results.jsonl", sample.lines()))
    report = report_of(results, None)
    markdown, page = markdown_page(report), Page(html_page(report))
    links = [element for element in page.elements if element.attributes.get("class", "").startswith("word-")
             and element.tag == "a"]  # fmt: skip
    targets = {element.attributes["id"] for element in page.elements if "id" in element.attributes}
    assert len(links) == sum(len(found.troubled) for row in report.claims for found in row.found)
    for link in links:
        assert link.attributes["href"][1:] in targets
    for claim in sample.CLAIMS[:2]:
        assert claim["text"] in markdown
        assert claim["truth"] in markdown


def test_without_claims_it_says_so(tmp_path: Path) -> None:
    lines = sample.lines()
    lines[0]["claims"] = []
    report = report_of(read_results(sample.write(tmp_path / "results.jsonl", lines)), None)
    assert "No property of this run checks a claim." in html_page(report)
    assert "No property of this run checks a claim." in markdown_page(report)
