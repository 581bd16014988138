"""Groups of comparisons: asked for by name, no comparison twice, and peers that do the same work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from symtests.benchmarks.agreement import difference, tolerance
from symtests.benchmarks.comparison import Comparison
from symtests.benchmarks.groups import GROUPS, comparisons_of, measure_group, required_group
from symtests.validation import InvalidValue


def test_a_wrong_name_is_refused_with_the_right_one() -> None:
    with pytest.raises(InvalidValue, match="did you mean 'small-nets'"):
        required_group("small-net")


@pytest.mark.parametrize("group", GROUPS)
def test_comparisons_of_a_group_differ_and_some_are_quick(group: str) -> None:
    every = comparisons_of(group, quick=False)
    assert {each.group for each in every} == {group}
    names = [(each.name, each.dtype, each.threads) for each in every]
    assert len(set(names)) == len(names)
    assert all(len({peer.name for peer in each.peers}) == len(each.peers) for each in every)
    assert (1 if group != "starts" else 0) <= len(comparisons_of(group, quick=True)) <= len(every)  # starts take long


IN_NUMPY = [
    each
    for group in ("activations", "digits")
    for each in comparisons_of(group, quick=False)
    if each.name != "gelu"  # NumPy has no error function
]


@pytest.mark.parametrize("comparison", IN_NUMPY, ids=lambda each: f"{each.name} {each.dtype}")
def test_numpy_gives_the_same_answer(comparison: Comparison) -> None:
    peer = next(peer for peer in comparison.peers if peer.name.startswith("NumPy"))
    assert difference(peer.build().answer(), comparison.ours().answer()) <= tolerance(comparison.dtype)


def test_a_group_is_measured_line_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = tmp_path / "lines.jsonl"
    measure_group("activations", "1", "quick", str(lines))
    (found,) = [json.loads(line) for line in lines.read_text().splitlines()]
    assert (found["group"], found["name"], found["threads"]) == ("activations", "tanh", 1)
    assert "NumPy" in {peer["name"] for peer in found["peers"]}
    assert capsys.readouterr().err == "comparing activations tanh float32\n"
    measure_group("activations", "2", "quick", str(lines))
    assert len(lines.read_text().splitlines()) == 1
