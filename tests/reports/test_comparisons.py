"""Kernels beside their peers: read strictly, shown with their aims, and withheld where the kernels break a property."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from symtests.reports.comparison_chart import comparison_chart
from symtests.reports.pages import html_page, markdown_page
from symtests.reports.reading import read_results
from symtests.reports.report import Report, report_of
from symtests.reports.timings import Timings, read_timings
from symtests.validation import InvalidValue
from tests.reports import comparison_sample as sample
from tests.reports import sample as results_sample
from tests.reports import timing_sample
from tests.reports.page import Page

TIMES = "\N{MULTIPLICATION SIGN}"


def timings(folder: Path, *comparisons: sample.Line, **changes: Any) -> Timings:
    return read_timings(timing_sample.write(folder / "benchmarks.json", sample.benchmarks(*comparisons, **changes)))


def report(folder: Path, *comparisons: sample.Line, **changes: Any) -> Report:
    lines = results_sample.lines(story=False)
    results = read_results(results_sample.write(folder / "results.jsonl", lines))
    return report_of(results, timings(folder, *comparisons, **changes))


def test_a_comparison_is_read_whole(tmp_path: Path) -> None:
    (found,) = timings(tmp_path, sample.compared()).comparisons
    assert (found.group, found.title, found.counted) == ("small-nets", "2-2-1 float64, one thread", "training step")
    assert found.not_measured == (("Fortran", "no compiler & no hope"),)
    first, *_, last = found.peers
    assert (first.name, first.median, first.rounds) == ("C, libm", 3.0, 31)
    assert (first.seconds, first.low, first.high) == pytest.approx((3e-7, 2.7, 3.3))
    assert first.aim is not None
    assert (first.aim.value, first.aim.word, first.aim.glyph) == (2.5, "reached", "=")
    assert last.aim is None


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"peers": [{**sample.peer("a", 1.0), "ratio": {"median": 1, "low": 2, "high": 3}}]}, "ratio: must be above 0"),
        ({"peers": [sample.peer("a", 1.0, {"ratio": 2.0, "word": "perhaps"})]}, "must be one of reached, open"),
        ({"peers": [sample.peer("a", 1.0, {"ratio": 0.0, "word": "open"})]}, "ratio: must be above 0 and finite"),
        ({"seconds": 0}, "seconds: must be above 0 and finite"),
        ({"threads": "one"}, "threads='one'"),
    ],
)
def test_one_that_is_none_is_refused(changes: dict[str, Any], fault: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"^benchmarks\.json, comparison 1: ") as error:
        timings(tmp_path, sample.compared(**changes))
    assert fault in str(error.value)


def test_the_page_shows_figures_aims_and_reasons(tmp_path: Path) -> None:
    page = Page(html_page(report(tmp_path, sample.compared())))
    text = page.by_id("speed").spaced
    assert "Of the aims, 1 is reached, 1 is open, 1 is not reached." in text
    assert f"C, libm 300 ns {TIMES}3 {TIMES}2.7 {TIMES}3.3 31 = reached: at least {TIMES}2.5" in text
    assert f"JAX <loop> 500 ns {TIMES}5 {TIMES}4.5 {TIMES}5.5 31 ? open: at least {TIMES}5" in text
    assert "Fortran not measured: no compiler & no hope" in text


def test_a_long_run_is_told_with_its_time_and_its_aim(tmp_path: Path) -> None:
    target = {"seconds": 60.0, "word": "not reached"}
    run = {"words": "3 of 4 <starts> learn it", "seconds": 61.5, "processor_seconds": 121.0, "target": target}
    found = report(tmp_path, sample.compared(long_run=run))
    text = Page(html_page(found)).by_id("speed").spaced
    assert "2-2-1 float64, one thread, once: 3 of 4 <starts> learn it." in text
    ending = "This took 61.5 s and 121.0 s of processor time; the aim, at most 60 s, is not reached."
    assert ending in text
    assert "1 is open, 2 are not reached." in text
    assert ending in markdown_page(found)
    without_aim = sample.compared(long_run={**run, "target": {"seconds": 0, "word": "reached"}})
    with pytest.raises(InvalidValue, match=r"^benchmarks\.json, comparison 1: seconds: must be above 0"):
        timings(tmp_path, without_aim)


def test_times_that_a_busy_machine_stretches_say_how_busy_it_was(tmp_path: Path) -> None:
    (found,) = timings(tmp_path, sample.compared(threads=2, load={"average": 7.46, "processors": 2})).comparisons
    assert found.title == "2-2-1 float64, 2 threads, load average 7.5 on 2 processors"
    with pytest.raises(InvalidValue, match=r"^benchmarks\.json, comparison 1: average: must be at least 0"):
        timings(tmp_path, sample.compared(load={"average": -1.0, "processors": 2}))


def test_an_open_aim_is_something_that_is_not_known(tmp_path: Path) -> None:
    sentences = [gap.sentence for gap in report(tmp_path, sample.compared()).gaps]
    assert sentences[-1] == "1 aim of speed open: the interval of the ratio holds the aim."
    decided = sample.compared(peers=[sample.peer("a", 3.0, {"ratio": 2.5, "word": "reached"})])
    assert not any("aim" in gap.sentence for gap in report(tmp_path, decided).gaps)


def test_comparisons_alone_are_a_report_too(tmp_path: Path) -> None:
    found = report(tmp_path, sample.compared(), benchmarks=[])
    assert "No timing is shown" not in html_page(found)
    assert "| small-nets 2-2-1 float64, one thread | training step | ours | 100 ns |" in markdown_page(found)


def test_markdown_keeps_its_columns_whatever_a_peer_is_called(tmp_path: Path) -> None:
    rows = [line for line in markdown_page(report(tmp_path, sample.compared())).splitlines() if "training step" in line]
    assert len(rows) == 6
    assert {line.replace(r"\|", "").count("|") for line in rows} == {10}


def test_kernels_that_break_a_property_are_not_shown_to_be_fast(tmp_path: Path) -> None:
    cell = ("SYM1", "numba", "float64")
    lines = results_sample.lines(story=False)
    place = next(
        number for number, line in enumerate(lines)
        if line["type"] == "verdict" and (line["property"], line["implementation"], line["dtype"]) == cell
    )  # fmt: skip
    lines[place] = results_sample.verdict_line(cell, word="violated", counterexample=results_sample.counterexample())
    results = read_results(results_sample.write(tmp_path / "results.jsonl", lines))
    found = report_of(results, timings(tmp_path, sample.compared())).speed
    assert found is not None
    assert found.comparisons == ()
    assert any(each.implementation == "numba" and each.timings == 4 + 1 for each in found.withheld)


def test_the_drawing_says_every_ratio_and_aim(tmp_path: Path) -> None:
    drawing = comparison_chart(timings(tmp_path, sample.compared()).comparisons, "comparison-1")
    page = Page(drawing)
    texts = [text.text for text in page.all("text")]
    assert {"C, libm", "JAX <loop>", "NumPy | by hand", "PyTorch"} <= set(texts)
    assert f"{TIMES}3, aim {TIMES}2.5 reached" in texts
    assert f"{TIMES}5, aim {TIMES}5 open" in texts
    assert f"{TIMES}900" in texts
    assert "2-2-1 float64, one thread" in texts
    label = page.elements[0].attributes["aria-label"]
    assert f"JAX <loop> {TIMES}5 (aim {TIMES}5 open), NumPy | by hand {TIMES}200 (aim {TIMES}300 not reached)" in label
