"""The story: what the exclusive or teaches about starts, trained by the implementation itself."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from symtests import oracle
from symtests.checking.results.results_file import check_record
from symtests.checking.story import CHECKPOINTS, NETWORK, TRAINING, story_dtype, tell_story
from symtests.datasets import load
from symtests.implementations.base import Capabilities
from symtests.implementations.checked import Checked
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.initialization import initialize
from tests.checking import misbehaving


@pytest.fixture(scope="module")
def starts() -> dict[str, Any]:
    story = tell_story(Checked(NumpyPlain(), "float64", "numpy"), 60.0)
    assert story is not None
    check_record({"type": "story", **story})
    assert (story["implementation"], story["dtype"]) == ("numpy", "float64")
    return {start["start"]: start for start in story["starts"]}


def test_each_start_has_an_entry_for_each_checkpoint(starts: dict[str, Any]) -> None:
    assert list(starts) == ["constant", "zero", "random"]
    for start in starts.values():
        assert start["steps"] == list(CHECKPOINTS)
        assert CHECKPOINTS[-1] == TRAINING.steps
        assert len(start["units"]) == NETWORK.hidden_sizes[0]
        for values in (start["loss"], *(unit[side] for unit in start["units"] for side in ("incoming", "outgoing"))):
            assert len(values) == len(CHECKPOINTS)


def test_the_constant_start_levels_off_above_the_floor(starts: dict[str, Any]) -> None:
    loss = starts["constant"]["loss"]
    assert min(loss) >= 1 / 6  # no monotone function of one projection does better
    assert loss[-1] < 0.18
    first = starts["constant"]["units"][0]
    for unit in starts["constant"]["units"]:  # four units act as one
        np.testing.assert_allclose(unit["incoming"], first["incoming"], rtol=1e-6)
        np.testing.assert_allclose(unit["outgoing"], first["outgoing"], rtol=1e-6)


def test_the_zero_start_moves_nothing_but_the_output_bias(starts: dict[str, Any]) -> None:
    for unit in starts["zero"]["units"]:
        assert not np.any(unit["incoming"])
        assert not np.any(unit["outgoing"])
    assert starts["zero"]["loss"][0] == 0.5
    assert starts["zero"]["loss"][-1] == pytest.approx(0.25, abs=1e-12)


def test_the_random_start_learns(starts: dict[str, Any]) -> None:
    assert starts["random"]["loss"][0] > 0.2
    assert starts["random"]["loss"][-1] < 1e-6


def test_the_implementation_itself_trains_in_pieces_that_add_up(starts: dict[str, Any]) -> None:
    batch = load("xor")
    after = oracle.train(NETWORK, initialize(NETWORK, "uniform", 2), batch, TRAINING.with_steps(CHECKPOINTS[50]))
    assert starts["random"]["loss"][50] == pytest.approx(oracle.loss(NETWORK, after, batch), rel=1e-6)


@pytest.mark.parametrize(
    "capabilities",
    [
        {"activations": ["relu"]},
        {"losses": ["bce"]},
        {"optimizers": ["adam"]},
        {"bias": [False]},
        {"max_hidden_layers": 0},
        {"max_width": 3},
        {"max_samples": 1},
    ],
)
def test_there_is_no_story_where_it_cannot_be_told(capabilities: dict[str, Any]) -> None:
    class Narrow(misbehaving.Good):
        pass

    Narrow.capabilities = Capabilities(**capabilities)
    assert tell_story(Checked(Narrow(), "float64"), 60.0) is None


def test_there_is_no_story_of_what_raises() -> None:
    class RaisesAtThisRate(misbehaving.Good):
        def train(self, *arguments: Any) -> Any:
            raise ValueError("no")

    assert tell_story(Checked(RaisesAtThisRate(), "float64"), 60.0) is None


def test_the_story_is_told_in_the_widest_dtype() -> None:
    assert story_dtype(("float32", "float64")) == "float64"
    assert story_dtype(("float32",)) == "float32"


def test_a_slow_implementation_tells_no_story_and_takes_no_longer_than_it_may() -> None:
    class Slow(NumpyPlain):
        def train(self, *question: Any) -> Any:
            time.sleep(0.05)
            return super().train(*question)

    started = time.monotonic()
    assert tell_story(Checked(Slow(), "float64"), 0.5) is None
    assert time.monotonic() - started < 5
