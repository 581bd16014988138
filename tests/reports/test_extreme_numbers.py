"""Every chart takes every float64: the largest and the smallest, infinities and NaN."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from symtests.network import Network
from symtests.reports import write_report
from symtests.reports.comparison_chart import comparison_chart
from symtests.reports.reading import read_results
from symtests.reports.record import Record
from symtests.reports.results import Start, Story, Unit
from symtests.reports.speed import speed_of
from symtests.reports.speed_chart import speed_chart
from symtests.reports.story import fate_of, told
from symtests.reports.story_chart import story_chart
from symtests.reports.timings import read_timings
from tests.reports import comparison_sample, sample, timing_sample
from tests.reports.xor import story_line

LARGEST = 1.7976931348623157e308
EXTREME = (LARGEST, -LARGEST, 5e-324, -5e-324, 1e300, -1e300, 1e-300, 0.0, -0.0, 1.0, math.inf, -math.inf, math.nan)
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
"""A drawing takes long enough: what fails is small as it is."""
NUMBERS = st.sampled_from(EXTREME) | st.floats()
STEPS = st.sampled_from([value for value in EXTREME if value >= 0]) | st.floats(min_value=0, allow_nan=False)


@st.composite
def starts(draw: st.DrawFn) -> tuple[Start, ...]:
    """Draw the starts of a story: as many checkpoints and units in each."""
    points, units = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    steps = tuple(sorted(draw(st.lists(STEPS, min_size=points, max_size=points))))
    numbers = st.tuples(*[NUMBERS] * points)
    rows = st.tuples(*[st.tuples(NUMBERS, NUMBERS, NUMBERS)] * points)
    return tuple(
        Start(kind, steps, draw(numbers), tuple(Unit(draw(rows), draw(numbers)) for _ in range(units)))
        for kind in draw(st.permutations(["constant", "zero", "random"]))[: draw(st.integers(1, 3))]
    )


def is_drawn(drawing: str) -> None:
    """Assert that no coordinate is a word or larger than what a browser can draw."""
    for attribute in re.findall(r' (?:d|x|y|x1|y1|x2|y2|width|height|transform|viewBox)="([^"]*)"', drawing):
        assert not re.search("nan|infinity", attribute, re.IGNORECASE), attribute
        for number in re.findall(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", attribute):
            assert abs(float(number)) < 1e7, attribute


@pytest.mark.thorough
@settings(max_examples=40, phases=UNSHRUNK)
@given(starts())
def test_a_story_of_any_numbers_is_drawn_and_told(drawn: tuple[Start, ...]) -> None:
    story = Story("net", "float64", Network((2, len(drawn[0].units), 1), "tanh", "mse"), Record({}, "here"), drawn)
    fates = tuple(fate_of(story, start) for start in drawn)
    assert told(fates)
    is_drawn(str(story_chart(story, fates[-1], fates, "story")))


@pytest.mark.parametrize("number", [LARGEST, -LARGEST, 5e-324, "Infinity", "NaN"])
def test_a_page_with_a_training_that_ends_there_is_written(number: Any, tmp_path: Path) -> None:
    story = story_line(steps=50)
    for start in story["starts"]:
        start["loss"][1] = number
        for unit in start["units"]:
            unit["incoming"][1:] = [[number] * 3] * (len(unit["incoming"]) - 1)
            unit["outgoing"][1] = number
    results = sample.write(tmp_path / "results.jsonl", [sample.run_line(), story])
    html, markdown = write_report(results, tmp_path)
    assert "<figure" in html.read_text(encoding="utf-8")
    assert markdown.read_text(encoding="utf-8")


POSITIVE = st.sampled_from([5e-324, 1e-300, 1.0, 1e300, LARGEST]) | st.floats(min_value=5e-324, max_value=LARGEST)


@pytest.mark.thorough
@settings(max_examples=15, phases=UNSHRUNK)
@given(st.lists(POSITIVE, min_size=6, max_size=6))
def test_speeds_of_any_size_are_drawn(tmp_path_factory: pytest.TempPathFactory, numbers: list[float]) -> None:
    folder = tmp_path_factory.mktemp("speed")
    content = timing_sample.benchmarks()
    for k, benchmark in enumerate(content["benchmarks"]):
        low, median, high = sorted(numbers[k % 4 : k % 4 + 3])
        benchmark["stats"] |= {"q1": low, "median": median, "q3": high}
        if k % 2 and "ratio" in benchmark["extra_info"]:
            benchmark["extra_info"]["ratio"] |= {"low": low, "median": median, "high": high}
    results = read_results(sample.write(folder / "results.jsonl", sample.lines(story=False)))
    speed = speed_of(read_timings(timing_sample.write(folder / "benchmarks.json", content)), results)
    is_drawn(str(speed_chart(speed, speed.operations[0], "speed")))


@pytest.mark.thorough
@settings(max_examples=15, phases=UNSHRUNK)
@given(st.lists(POSITIVE, min_size=3, max_size=3).map(sorted), POSITIVE)
def test_comparisons_of_any_size_are_drawn(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[float], aim: float
) -> None:
    line = comparison_sample.compared()
    line["peers"][0]["ratio"] |= dict(zip(("low", "median", "high"), numbers, strict=True))
    for peer in line["peers"]:
        if peer.get("target"):
            peer["target"]["value"] = aim
    content = json.loads(json.dumps(comparison_sample.benchmarks(line)))
    path = tmp_path_factory.mktemp("comparison") / "benchmarks.json"
    found = read_timings(timing_sample.write(path, content)).comparisons
    is_drawn(str(comparison_chart(found, "comparison")))
