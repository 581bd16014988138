"""Ratios are to the reference, and nothing that breaks a property is shown to be fast."""

from pathlib import Path
from typing import Any

import pytest

from symtests.reports.reading import read_results
from symtests.reports.speed import Speed, speed_of
from symtests.reports.speed_chart import speed_chart
from symtests.reports.timings import read_timings
from tests.reports import sample, timing_sample
from tests.reports.page import Page

TIMES = "\N{MULTIPLICATION SIGN}"


def speed(folder: Path, **changes: Any) -> Speed:
    results = read_results(sample.write(folder / "results.jsonl", sample.lines(story=False)))
    timings = read_timings(timing_sample.write(folder / "benchmarks.json", timing_sample.benchmarks(**changes)))
    return speed_of(timings, results)


def test_ratios_are_those_that_were_timed_in_turn(tmp_path: Path) -> None:
    group = speed(tmp_path).groups[0]
    assert (group.operation, group.name) == ("predict", "2-2-1 float32")
    numba, numpy = group.ratios
    assert (numba.reference, numba.median, numba.spread) == (True, 1.0, "quartiles")
    assert (numba.low, numba.high) == pytest.approx((0.95, 1.1))
    assert (numpy.reference, numpy.median, numpy.low, numpy.high) == (False, 4.0, 3.8, 4.4)
    assert (numpy.spread, numpy.rounds) == ("95 %", 31)


def test_no_timing_of_what_breaks_a_property_is_shown(tmp_path: Path) -> None:
    found = speed(tmp_path)
    shown = {(ratio.timing.implementation, ratio.timing.dtype) for group in found.groups for ratio in group.ratios}
    assert ("mynet", "float32") not in shown
    assert ("mynet", "float64") in shown
    withheld = found.withheld[0]
    assert (withheld.implementation, withheld.dtype, withheld.properties, withheld.timings) == (
        "mynet", "float32", ("SYM1", "SYM2"), 4
    )  # fmt: skip
    assert len(found.withheld) == 1


def test_what_was_not_judged_is_named(tmp_path: Path) -> None:
    assert speed(tmp_path).unjudged == ("numpy float32", "numpy float64")


def test_where_the_reference_is_withheld_the_next_is_compared_with(tmp_path: Path) -> None:
    entries = [timing_sample.benchmark("train", "2-2-1", "float32", name) for name in ("mynet", "numpy", "numba")]
    for entry in entries:
        entry["extra_info"]["reference"] = "mynet"
    group = speed(tmp_path, benchmarks=entries).groups[0]
    assert [(ratio.timing.implementation, ratio.median, ratio.spread) for ratio in group.ratios] == [
        ("numba", 1.0, "quartiles"), ("numpy", 4.0, "quartiles")
    ]  # fmt: skip


def test_the_drawing_names_every_dot_with_its_ratio(tmp_path: Path) -> None:
    found = speed(tmp_path)
    page = Page(speed_chart(found, "predict", "speed-1"))
    texts = [text.text for text in page.all("text")]
    assert texts.count(f"numpy {TIMES}4") == 4
    assert texts.count(f"mynet {TIMES}0.5") == 2
    assert "64-128-10 float64" in texts
    assert f"2-2-1 float32: numba {TIMES}1, numpy {TIMES}4." in page.elements[0].attributes["aria-label"]


def test_drawings_have_one_scale(tmp_path: Path) -> None:
    found = speed(tmp_path)
    ticks = [
        [(text.text, text.attributes["transform"]) for text in page.all("text") if text.text.startswith(TIMES)]
        for page in (Page(speed_chart(found, operation, "speed")) for operation in found.operations)
    ]
    assert [text for text, _ in ticks[0]] == [f"{TIMES}{tick}" for tick in ("0.5", "1", "2")]
    assert [text for text, _ in ticks[0]] == [text for text, _ in ticks[1]]
    assert [place.split(",")[0] for _, place in ticks[0]] == [place.split(",")[0] for _, place in ticks[1]]
