"""The report is written whole or not at all."""

from pathlib import Path

import pytest

from symtests.reports import write_report
from symtests.validation import InvalidValue
from tests.reports import sample, timing_sample
from tests.reports.page import Page


def test_both_pages_are_written_and_tell_the_same(tmp_path: Path) -> None:
    results = sample.write(tmp_path / "results.jsonl", sample.lines(story=False))
    benchmarks = timing_sample.write(tmp_path / "benchmarks.json", timing_sample.benchmarks())
    html, markdown = write_report(results, tmp_path / "new" / "folder", benchmarks)
    assert (html.name, markdown.name) == ("report.html", "report.md")
    page, text = Page(html.read_text(encoding="utf-8")), markdown.read_text(encoding="utf-8")
    sentence = page.all("h1")[0].children[1].text
    assert text.startswith(f"# ✗ {sentence}\n")
    assert "4 timings of mynet float32 withheld" in page.by_id("speed").spaced
    assert "4 timings of mynet float32 withheld" in text


def test_the_same_files_give_the_same_report(tmp_path: Path) -> None:
    results = sample.write(tmp_path / "results.jsonl", sample.lines(story=False))
    once = [path.read_bytes() for path in write_report(results, tmp_path)]
    assert [path.read_bytes() for path in write_report(results, tmp_path)] == once


def test_nothing_is_written_about_a_broken_file(tmp_path: Path) -> None:
    results = sample.write(tmp_path / "results.jsonl", sample.lines(story=False))
    (tmp_path / "benchmarks.json").write_text("{", encoding="utf-8")
    with pytest.raises(InvalidValue, match=r"^benchmarks\.json: is no JSON"):
        write_report(results, tmp_path / "out", tmp_path / "benchmarks.json")
    lines = sample.lines(story=False)
    lines[5] = sample.verdict_line(("SYM1", "mynet", "float32"), counterexample=sample.counterexample(case={}))
    with pytest.raises(InvalidValue, match=r"^results\.jsonl, line 6: has no 'network'"):
        write_report(sample.write(results, lines), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    results = sample.write(tmp_path / "results.jsonl", sample.lines(story=False))
    with pytest.raises(InvalidValue, match=r"^out='.*results\.jsonl': cannot be written .*name another folder"):
        write_report(results, results)
