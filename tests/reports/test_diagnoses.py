"""Examined models in the report: in their place, worst first, and as nothing but text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings

from symtests.reports import write_report
from symtests.reports.diagnoses import read_diagnosis
from symtests.reports.pages import html_page, markdown_page, short_page
from symtests.reports.reading import read_results
from symtests.reports.report import Report, report_of
from symtests.validation import InvalidValue
from tests.forbidden import ANY_TEXT, FORBIDDEN
from tests.reports import diagnosis_sample, hostile, sample
from tests.reports.page import Page, words


def report(folder: Path, *records: sample.Line) -> Report:
    results = read_results(sample.write(folder / "results.jsonl", sample.lines(story=False)))
    paths = [diagnosis_sample.write(folder, each, f"diagnosis-{number}.json") for number, each in enumerate(records)]
    return report_of(results, None, models=[read_diagnosis(path) for path in paths])


def test_a_model_stands_between_speed_and_what_the_run_cannot_tell(tmp_path: Path) -> None:
    page = Page(html_page(report(tmp_path, diagnosis_sample.RECORD)))
    sections = [each.attributes["id"] for each in page.all("section")]
    assert sections[sections.index("models") - 1] == "speed"
    assert sections[sections.index("models") + 1] == "gaps"
    said = words(page.by_id("models").spaced)
    for piece in (
        "✗ my net.py:build : 1 fatal, 1 costly", "✗ fatal: stuck my net.py:7, my net.py:8", "! costly: tied",
        "symtests diagnose 'my net.py:build'", "2 findings harmless or meant", "accepted: it is meant",
        "in 1 of 4 starts", "No groups are found behind: aten.sort", "nn.init.normal_(model.get_parameter(\"down\"))",
    ):  # fmt: skip
        assert piece in said
    assert any("✓ harmless: late" in each.text for each in page.all("details"))
    assert any(each.attributes.get("href") == "#models" for each in page.all("a"))


def test_the_worst_model_comes_first(tmp_path: Path) -> None:
    good = {**diagnosis_sample.RECORD, "model": "good.py", "findings": diagnosis_sample.RECORD["findings"][1:]}
    found = report(tmp_path, good, diagnosis_sample.RECORD)
    assert [(each.model, each.fatal) for each in found.models] == [("my net.py:build", 1), ("good.py", 0)]


def test_a_finding_that_is_meant_is_not_counted(tmp_path: Path) -> None:
    meant = [{**each, "accepted": "yes"} for each in diagnosis_sample.RECORD["findings"]]
    (model,) = report(tmp_path, {**diagnosis_sample.RECORD, "findings": meant}).models
    assert (model.fatal, model.opened, len(model.closed)) == (0, (), 4)


def test_markdown_has_them_and_the_short_form_names_what_is_fatal(tmp_path: Path) -> None:
    found = report(tmp_path, diagnosis_sample.RECORD, {**diagnosis_sample.RECORD, "findings": [], "model": "fine.py"})
    text = markdown_page(found)
    assert text.index("## Speed") < text.index("## Models that were examined") < text.index("## What this run cannot")
    assert "### ✓ fine.py" in text
    short = short_page(found)
    assert len(short.splitlines()) <= 10
    assert "; my net.py:build: 1 fatal, 1 costly, 1 accepted" in short
    assert "fine.py" not in short


def test_without_a_model_nothing_is_said_of_models(tmp_path: Path) -> None:
    assert "Models" not in markdown_page(report(tmp_path))
    assert "#models" not in {each.attributes.get("href") for each in Page(html_page(report(tmp_path))).all("a")}


def test_a_file_that_is_none_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    results = sample.write(tmp_path / "results.jsonl", sample.lines(story=False))
    for content, said in (("{", "is no JSON"), ('{"type": "changes"}', "must be one of diagnosis")):
        path = tmp_path / "diagnosis-x.json"
        path.write_text(content, encoding="utf-8")
        with pytest.raises(InvalidValue, match=said):
            write_report(results, tmp_path / "out", diagnoses=[path])
    assert not (tmp_path / "out").exists()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(ANY_TEXT.map(lambda text: f"x{text}x"))
@example('x</pre><script>alert(1)</script>" onmouseover="alert(2)x')
@example("x|x\n\n# x\n\n```\n<b>x</b> [x](y)x")
def test_what_comes_from_outside_is_only_text(tmp_path: Path, text: str) -> None:
    pages = [report(tmp_path, hostile.diagnosis(each)) for each in ("x", text)]
    assert Page(html_page(pages[0])).skeleton == Page(html_page(pages[1])).skeleton
    for page in (html_page(pages[1]), markdown_page(pages[1]), short_page(pages[1])):
        assert FORBIDDEN.search(page.replace("\t", " ")) is None
