"""The arithmetic of the playing page is right: it is an implementation, and the oracle judges each of its steps."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from symtests.batch import Batch
from symtests.binomial import interval
from symtests.checking.one_check.judge_check import judge_check
from symtests.checking.profile import find_profile
from symtests.checking.smoke import smoke_check
from symtests.implementations.checked import Checked
from symtests.implementations.process import Command
from symtests.network import Network
from symtests.oracle import expect, step_tolerance
from symtests.oracle import train as train_by_oracle
from symtests.parameters import Parameters
from symtests.properties import find as find_property
from symtests.training import Training

ROOT = Path(__file__).resolve().parents[2]
PLAY = ROOT / "docs" / "play"
STEPS = 1000
RATE = 0.3

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


@pytest.fixture(scope="module")
def play() -> Iterator[Command]:
    with closing(Command(["node", str(PLAY / "play_net.mjs")])) as command:
        yield command


def in_node(expression: str) -> object:
    """The value of an expression in which the module is named p."""
    program = (
        f"import * as p from {json.dumps((PLAY / 'play.mjs').as_uri())}; console.log(JSON.stringify({expression}));"
    )
    done = subprocess.run(
        ["node", "--input-type=module", "-e", program], capture_output=True, text=True, timeout=60, check=True
    )
    return json.loads(done.stdout)


def start_of(kind: str, network: Network) -> Parameters:
    found = in_node(f"p.startOf({json.dumps(kind)}, {json.dumps(network.to_json())}, 1)")
    return Parameters(network, np.array(found, np.float64))


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("kind", "activation"), [("constant", "tanh"), ("smallest", "tanh"), ("zero", "logistic"), ("random", "relu")]
)
def test_a_thousand_steps_agree_with_the_oracle_each_within_its_tolerance(
    play: Command, kind: str, activation: str
) -> None:
    network = Network((2, 4, 1), [activation], "mse")
    batch = Batch(np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0.0], [1], [1], [0]]))
    before, one = start_of(kind, network), Training("sgd", learning_rate=RATE, steps=1)
    unit_roundoff = 2.0**-53
    for step in range(STEPS):
        after = play.train(network, before, batch, one)
        expected = train_by_oracle(network, before, batch, one)
        tolerance = step_tolerance(expect(network, before, batch, unit_roundoff), before, one, unit_roundoff)
        assert np.all(np.abs(after.vector - expected.vector) <= tolerance), step
        assert tolerance.max() < 1e-12, "so that the comparison says something"
        before = after
    at_once = play.train(network, start_of(kind, network), batch, one.with_steps(STEPS))
    assert np.array_equal(at_once.vector, before.vector)


def test_the_adapter_is_right(play: Command) -> None:
    assert smoke_check(Checked(play, "float64")) is None


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["SYM2", "ZERO1", "GRAD1", "STEP1"])
def test_it_has_the_properties_that_the_page_is_about(play: Command, name: str) -> None:
    verdict = judge_check(Checked(play, "float64"), find_property(name), find_profile("quick", examples=4))
    assert verdict.word in ("exact", "holds"), verdict.sentence


@pytest.mark.parametrize(("successes", "trials"), [(0, 100), (7, 10), (95, 100), (100, 100)])
def test_the_interval_is_exact(successes: int, trials: int) -> None:
    assert in_node(f"p.exactInterval({successes}, {trials})") == pytest.approx(
        interval(successes, trials, 0.05), abs=1e-9
    )


def test_the_smallest_difference_is_one_bit() -> None:
    constant, smallest = (
        start_of(kind, Network((2, 4, 1), ["tanh"], "mse")).vector for kind in ("constant", "smallest")
    )
    assert np.flatnonzero(constant != smallest).tolist() == [0]
    assert smallest[0] == np.nextafter(constant[0], 1)


def test_along_the_direction_in_which_units_part_the_loss_bends_as_it_is_said() -> None:
    network = Network((2, 4, 1), ["tanh"], "mse")
    theta = start_of("constant", network)
    batch = "{shape: [4, 2, 1], x: [0, 0, 0, 1, 1, 0, 1, 1], y: [0, 1, 1, 0]}"
    given = f"{json.dumps(network.to_json())}, {json.dumps(theta.vector.tolist())}, {batch}"
    found = in_node(f"p.partingOf({given})")
    assert isinstance(found, dict)
    direction = np.array(found["direction"])
    assert np.linalg.norm(direction) == pytest.approx(1)
    weights = Parameters(network, direction).weights[0]
    assert weights[:, 0] == pytest.approx(-weights[:, 1])
    samples = Batch(np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0.0], [1], [1], [0]]))

    def loss(distance: float) -> float:
        moved = Parameters(network, theta.vector + distance * direction)
        return expect(network, moved, samples, 2.0**-53).loss

    h = 1e-3
    assert (loss(h) - 2 * loss(0.0) + loss(-h)) / h**2 == pytest.approx(found["curvature"], rel=1e-3)
    assert found["curvature"] < -0.5


def test_the_page_is_made_from_its_pieces() -> None:
    specification = importlib.util.spec_from_file_location("play_page", ROOT / "docs" / "play_page.py")
    assert specification is not None
    assert specification.loader is not None
    made = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(made)
    page = made.PAGE.read_text(encoding="utf-8")
    assert page == made.page(), "run python docs/play_page.py"
    assert len(page.encode()) <= 300_000
    assert "http://" not in page
    assert "https://" not in page
