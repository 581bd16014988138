"""The story claims no more than the numbers show."""

import copy
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.network import Network
from symtests.reports.reading import read_results
from symtests.reports.record import Record
from symtests.reports.results import Start, Story, Unit
from symtests.reports.story import Fate, fate_of, floors_of, told
from symtests.reports.story_chart import story_chart
from tests.reports import sample
from tests.reports.page import Page
from tests.reports.xor import story_line

TIED, ZERO = 1 / 6, 1 / 4


def story(activation: str = "tanh", loss: str = "mse", starts: tuple[Start, ...] = ()) -> Story:
    return Story("numba", "float64", Network((2, 2, 1), activation, loss), Record({}, "here"), starts)


def unit(*values: float) -> Unit:
    return Unit(tuple((value, value, value) for value in values), values)


def start(*units: Unit, kind: str = "constant") -> Start:
    count = len(units[0].outgoing)
    return Start(kind, tuple(10.0 * k for k in range(count)), tuple(1.0 / (k + 1) for k in range(count)), units)


@pytest.fixture(scope="module")
def xor(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, tuple[Fate, ...]]:
    path = tmp_path_factory.mktemp("story") / "results.jsonl"
    results = read_results(sample.write(path, [sample.run_line(), story_line()]))
    found = results.stories[0]
    return found, tuple(fate_of(found, each) for each in found.starts)


def test_tied_units_stay_above_their_floor_and_random_ones_do_not(xor: tuple[Story, tuple[Fate, ...]]) -> None:
    constant, zero, random = xor[1]
    assert [fate.units for fate in xor[1]] == ["4 units on one line", "4 units on one line", "4 units on 4 lines"]
    assert min(constant.start.loss) > TIED
    assert min(zero.start.loss) >= ZERO - 1e-15
    assert random.start.loss[-1] < 0.001
    assert [fate.floor for fate in xor[1]] == [TIED, ZERO, None]
    sentence = told(xor[1])
    assert "From equal weights all 4 stay one unit and the loss ends at 0.168" in sentence
    assert "from zero weights all 4 stay one unit and the loss ends at 0.25" in sentence
    assert sentence.endswith("but from random weights the 4 units go their own ways and the loss ends under 0.001.")


def test_units_that_part_are_told_of() -> None:
    fate = fate_of(story(), start(unit(1, 2, 3), unit(1, 2, 3), unit(1, 2, 4)))
    assert fate.groups == ((0, 1), (2,))
    assert fate.parted_at == 20
    assert fate.units == "3 units on 2 lines"
    assert told((fate,)) == "From equal weights units that began equal parted at step 20 and the loss ends at 0.333."


def test_units_that_were_never_equal_did_not_part() -> None:
    fate = fate_of(story(), start(unit(1, 2), unit(3, 4), kind="random"))
    assert fate.parted_at is None
    assert "the 2 units go their own ways" in told((fate,))


def test_units_that_end_in_nan_are_still_equal_and_zeros_have_no_sign() -> None:
    nan = float("nan")
    assert fate_of(story(), start(unit(0.0, nan), unit(-0.0, nan))).groups == ((0, 1),)


@given(st.lists(st.lists(st.integers(0, 1), min_size=3, max_size=3), min_size=1, max_size=5))
def test_every_unit_lies_on_one_line(histories: list[list[int]]) -> None:
    fate = fate_of(story(), start(*(unit(*history) for history in histories)))
    assert sorted(index for group in fate.groups for index in group) == list(range(len(histories)))
    assert len(fate.groups) == len({tuple(history) for history in histories})
    assert [len(group) for group in fate.groups] == sorted((len(group) for group in fate.groups), reverse=True)


@pytest.mark.parametrize(
    ("activation", "loss", "floors"),
    [
        ("tanh", "mse", (TIED, ZERO)),
        ("logistic", "logistic_mse", (TIED, ZERO)),
        ("logistic", "mse", (TIED, TIED)),
        ("gelu", "mse", (None, ZERO)),
        ("tanh", "bce", (None, None)),
    ],
)
def test_a_floor_is_shown_only_where_it_is_proven(activation: str, loss: str, floors: tuple[Any, Any]) -> None:
    assert floors_of(story(activation, loss)) == floors


def test_the_drawing_has_a_line_and_a_seam_for_each_unit_and_says_what_it_shows(
    xor: tuple[Story, tuple[Fate, ...]],
) -> None:
    page = Page(story_chart(xor[0], xor[1][0], xor[1], "story-1"))
    assert page.elements[0].attributes["aria-label"] == (
        "Every weight the same: 4 units on one line; loss 0.376 → 0.168. The floor of tied units is 0.167."
    )
    uses = [use.attributes for use in page.all("use")]
    lines = [use for use in uses if use.get("class", "").startswith("stroke-series")]
    assert len(lines) == 4
    assert len(uses) == 8
    assert {use["href"] for use in uses} == {"#story-1-path1"}
    assert page.by_id("story-1-path1").attributes["d"].startswith("M0,")
    assert len({line["stroke-width"] for line in lines}) == 4
    texts = [text.text for text in page.all("text")]
    assert "4 units on one line" in texts
    assert {"1/6", "1/4"} <= set(texts)


def test_lines_that_part_are_named_one_by_one(xor: tuple[Story, tuple[Fate, ...]]) -> None:
    page = Page(story_chart(xor[0], xor[1][2], xor[1], "story-3"))
    names = [text for text in page.all("text") if text.text.startswith("unit ")]
    heights = sorted(float(name.attributes["transform"].split(",")[1].rstrip(")")) for name in names)
    assert len(names) == 4
    assert all(b - a >= 10 for a, b in pairwise(heights))


def test_numbers_that_are_none_leave_a_gap_in_the_line(xor: tuple[Story, tuple[Fate, ...]]) -> None:
    line = copy.deepcopy(story_line(steps=100))
    broken = line["starts"][2]
    broken["loss"][1:] = ["NaN"] * (len(broken["loss"]) - 1)
    for one in broken["units"]:
        one["incoming"][2:] = [["Infinity", "NaN", 0.0]] * (len(one["incoming"]) - 2)
    found = Story("a", "float64", xor[0].network, xor[0].training, tuple(_start(each) for each in line["starts"]))
    fates = tuple(fate_of(found, each) for each in found.starts)
    assert "NaN" in told(fates)
    drawing = str(story_chart(found, fates[2], fates, "story-4"))
    assert "NaN," not in drawing
    assert "Infinity" not in drawing


def _start(line: dict[str, Any]) -> Start:
    units = tuple(
        Unit(tuple(tuple(map(float, row)) for row in each["incoming"]), tuple(map(float, each["outgoing"])))
        for each in line["units"]
    )
    return Start(line["start"], tuple(line["steps"]), tuple(map(float, line["loss"])), units)
