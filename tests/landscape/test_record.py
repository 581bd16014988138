"""What was measured is kept, put together, and not measured again; shares cover the grid once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.landscape.measuring import Point, Rate, grid
from symtests.landscape.record import RATES_FILE, Record, read_rates, share_of
from symtests.spreading.deal import Shard
from symtests.validation import InvalidValue

POINTS = list(grid("xor", [2, 3, 8], ["tanh", "relu"], ["uniform"], [0.1, 1.0], starts=5, steps=9))


def test_a_rate_is_on_disk_when_it_is_added(tmp_path: Path) -> None:
    record = Record(tmp_path)
    record.add(Rate(POINTS[1], 4))
    record.add(Rate(POINTS[0], 2))
    again = Record(tmp_path)
    assert POINTS[0] in again
    assert POINTS[2] not in again
    assert again[POINTS[1]] == Rate(POINTS[1], 4)


def test_the_file_does_not_depend_on_the_order(tmp_path: Path) -> None:
    for name, points in (("a", POINTS), ("b", POINTS[::-1])):
        record = Record(tmp_path / name)
        for point in points:
            record.add(Rate(point, point.width % 5))
    assert (tmp_path / "a" / RATES_FILE).read_bytes() == (tmp_path / "b" / RATES_FILE).read_bytes()


def test_others_are_taken_over_and_must_agree(tmp_path: Path) -> None:
    for name, learned in (("a", 1), ("b", 2)):
        Record(tmp_path / name).add(Rate(POINTS[0], learned))
    assert Record(tmp_path / "new", [tmp_path / "a"])[POINTS[0]].learned == 1
    with pytest.raises(InvalidValue, match="2 of 5 have learned at a point at which 1 had before"):
        Record(tmp_path / "a", [tmp_path / "b"])


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="run symtests starts first"):
        Record(tmp_path, [tmp_path / "nothing"])
    for text in ("[]\n", "{\n", '{"task": "xor"}\n'):
        (tmp_path / RATES_FILE).write_text(text)
        with pytest.raises(InvalidValue, match="line 1"):
            list(read_rates(tmp_path))


@given(st.lists(st.sampled_from(POINTS), unique=True), st.integers(1, 5))
def test_each_point_is_in_one_share(points: list[Point], of: int) -> None:
    shares = [share_of(points[:: 1 if number % 2 else -1], Shard(number, of)) for number in range(1, of + 1)]
    assert sorted(point for share in shares for point in share) == sorted(points)
    loads = [sum(point.width for point in share) for share in shares]
    assert max(loads) - min(loads) <= max((point.width for point in points), default=0)
