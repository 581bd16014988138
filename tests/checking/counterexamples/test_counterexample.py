"""Scripts of counterexamples: they run alone, from any folder, and show what the check saw."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symtests.batch import Batch
from symtests.checking.counterexamples.counterexample import Origin, of_call, of_violation
from symtests.checking.counterexamples.script import commented, script
from symtests.checking.one_check.judge_check import judge_check
from symtests.checking.profile import find_profile
from symtests.implementations.base import Capabilities
from symtests.implementations.checked import Call, Checked
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.properties.base import Case, Violation
from symtests.training import Training
from tests.checking import misbehaving, own_properties

TESTS = Path(misbehaving.__file__).parents[2]
FEW = find_profile("quick", examples=12)


def origin(location: str | None = "numpy", **options: object) -> Origin:
    given = {
        "implementation": "mine",
        "capabilities": Capabilities(),
        "dtype": "float64",
        "prop": own_properties.STEP,
    }
    given |= {"profile": FEW, "seed": 3, "folder": TESTS, **options}
    return Origin(location=location, **given)  # type: ignore[arg-type]


def run(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    file = folder / "counterexample.py"
    file.write_text(text, encoding="utf-8")
    return subprocess.run([sys.executable, file], cwd=folder, capture_output=True, text=True, check=False)


def script_of(name: str, monkeypatch: pytest.MonkeyPatch, dtype: str = "float64") -> str:
    """Return the script of the violation of STEP by an implementation in misbehaving.py, named by its path."""
    monkeypatch.chdir(TESTS)
    implementation = getattr(misbehaving, name)()
    checked = Checked(implementation, dtype, f"tests/checking/misbehaving.py:{name}")
    verdict = judge_check(checked, own_properties.STEP, FEW)
    assert verdict.counterexample is not None
    return verdict.counterexample.script


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_script_of_a_violation_shows_it(dtype: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = script_of("HalfTheStep", monkeypatch, dtype)
    done = run(text, tmp_path)
    assert done.returncode == 1
    assert "AssertionError" in done.stderr.splitlines()[-1]
    assert "expected" in done.stdout
    assert "found" in done.stdout
    right = run(text.replace("misbehaving.py:HalfTheStep", "misbehaving.py:Good"), tmp_path)
    assert right.returncode == 0, right.stderr


def test_the_script_of_a_crash_crashes_in_the_same_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = script_of("RaisesForThreeUnits", monkeypatch)
    done = run(text, tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "ValueError: too wide for me"
    right = run(text.replace("misbehaving.py:RaisesForThreeUnits", "misbehaving.py:Good"), tmp_path)
    assert right.returncode == 0, right.stderr


@pytest.mark.parametrize(("name", "complaint"), [("WrongShape", "AssertionError: (1, "), ("NotANumber", "nan")])
def test_the_script_of_nonsense_asserts_what_an_answer_is(
    name: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(script_of(name, monkeypatch), tmp_path)
    assert done.returncode == 1
    assert complaint in done.stderr.splitlines()[-1]


def test_a_built_in_implementation_is_found_by_its_name(tmp_path: Path) -> None:
    violation = Violation("no", "loss", 1.0, 2.0, 0.0, ("assert implementation.name == 'numpy'",))
    done = run(of_violation(origin(), own_properties.one_case(), violation).script, tmp_path)
    assert (done.returncode, done.stdout) == (0, "no\nloss: expected 1.0, give or take 0.0; found 2.0\n")


def test_an_object_without_a_name_has_a_place_in_the_script() -> None:
    text = of_violation(origin(None), own_properties.one_case(), Violation("no")).script
    assert "implementation = ...  # put here the object that was checked" in text


def test_numbers_that_are_none_are_left_out() -> None:
    found = of_violation(origin(), own_properties.one_case(), Violation("no yes about it", "ties"))
    assert (found.quantity, found.expected, found.found, found.bound) == ("ties", None, None, None)


def test_a_number_that_was_found_to_be_nan_is_kept() -> None:
    found = of_violation(origin(), own_properties.one_case(), Violation("nan", "loss", 1.0, float("nan")))
    assert found.expected == 1.0
    assert found.found is not None
    assert math.isnan(found.found)


def test_a_line_of_the_shell_is_quoted() -> None:
    command = origin("my nets.py:Net; rm *").command
    assert command.startswith("symtests check 'my nets.py:Net; rm *' --property STEP --dtype float64 --seed 3")


def test_the_script_asks_the_question_that_was_asked_last(tmp_path: Path) -> None:
    case = own_properties.one_case()
    network = Network((2, 1), (), "mse")
    asked = Call("predict", (network, Parameters.zeros(network), np.array([[1.0, 2.0], [3.0, 4.0]])))
    text = of_call(origin(), case, asked, "it hung").script
    assert "Network((2, 1), [], 'mse', bias=True)" in text
    assert "[[1.0, 2.0], [3.0, 4.0]]" in text
    done = run(text, tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("operation", ["train", "loss_and_gradient", "predict", "initialize", "stages"])
def test_each_operation_can_be_asked(operation: str, tmp_path: Path) -> None:
    case = own_properties.one_case()
    network, parameters = case.network, case.parameters
    arguments = {
        "train": (network, parameters, case.batch, Training("adam", 0.5, 2)),
        "loss_and_gradient": (network, parameters, case.batch),
        "predict": (network, parameters, case.batch.x),
        "initialize": (network, "normal", 3),
        "stages": (network, parameters, case.batch),
    }[operation]
    done = run(of_call(origin(), case, Call(operation, arguments), "it hung").script, tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_loss_that_is_scaled_is_asked_for_the_gradient_of_ours(tmp_path: Path) -> None:
    case = own_properties.one_case()
    scaled = replace(origin(), capabilities=Capabilities(loss_scale={"mse": 4.0}))
    violation = Violation("no", script=("print(gradient(parameters).tolist())",))
    plain, quarter = (
        json.loads(run(of_violation(o, case, violation).script, tmp_path).stdout.splitlines()[-1])
        for o in (origin(), scaled)
    )
    assert quarter == [number / 4 for number in plain]


def test_a_loss_that_is_scaled_is_trained_with_the_rate_that_the_check_has_asked_for() -> None:
    case = replace(own_properties.one_case(), training=Training("momentum", 0.5, 2, momentum=0.25))
    scaled = replace(origin(), capabilities=Capabilities(loss_scale={"mse": 4.0}))
    assert (
        "training = Training(optimizer='momentum', learning_rate=0.125, steps=2, momentum=0.25)"
        in of_violation(scaled, case, Violation("no")).script
    )
    asked = Call("train", (case.network, case.parameters, case.batch, Training("sgd", 0.125, 2)))
    assert "learning_rate=0.125" in of_call(scaled, case, asked, "it hung").script  # what was asked is scaled already


class NoGradient:
    """Says that it has no gradient of its own."""

    loss_and_gradient = None

    def train(self, network: Network, parameters: Parameters, batch: Batch, training: Training) -> Parameters:
        return NumpyPlain().train(network, parameters, batch, training)


def test_a_gradient_that_cannot_be_called_is_recovered_from_a_step(tmp_path: Path) -> None:
    case = own_properties.one_case()
    violation = Violation("no", script=("print(gradient(parameters).tolist())",))
    location = "tests.checking.counterexamples.test_counterexample:NoGradient"
    done = run(of_violation(origin(location), case, violation).script, tmp_path)
    assert done.returncode == 0, done.stderr


floats = {
    "float64": st.floats(allow_nan=False),
    "float32": st.floats(allow_nan=False, width=32),
}


@given(data=st.data(), dtype=st.sampled_from(["float32", "float64"]), bias=st.booleans(), samples=st.integers(0, 3))
def test_every_number_is_read_back_exactly(data: st.DataObject, dtype: str, bias: bool, samples: int) -> None:
    network = Network((2, 9, 1), "relu", "mse", bias)

    def draw(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        size = int(np.prod(shape))
        values = data.draw(st.lists(floats[dtype], min_size=size, max_size=size))
        return np.array(values, dtype).reshape(shape)

    parameters = Parameters(network, draw(network.parameter_count))
    batch = Batch(draw(samples, 2), draw(samples, 1), np.abs(draw(samples)) if samples else None)
    training = data.draw(st.builds(Training, st.sampled_from(["sgd", "adam"]), st.floats(0, 1), st.integers(0, 9)))
    names = read_back(Case(network, parameters, batch, training))
    assert names["network"] == network
    assert names["training"] == training
    assert names["parameters"].vector.tobytes() == parameters.vector.tobytes()
    assert names["batch"].x.tobytes() == batch.x.tobytes()
    assert names["batch"].x.shape == batch.x.shape
    assert names["batch"].y.tobytes() == batch.y.tobytes()
    if batch.sample_weights is not None:
        assert names["batch"].sample_weights.tobytes() == batch.sample_weights.tobytes()


def test_numbers_that_are_not_finite_are_read_back() -> None:
    case = own_properties.one_case()
    case.parameters.vector[:3] = [np.nan, np.inf, -np.inf]
    assert str(read_back(case)["parameters"].vector) == str(case.parameters.vector)


def read_back(case: Case) -> dict[str, Any]:
    text = script(["a remark"], "numpy", Path(), case.network, case.parameters, case.batch, case.training, ["pass"])
    names: dict[str, Any] = {}
    exec(compile(text, "script", "exec"), names)  # the test is about what this text does
    return names


@given(st.text())
def test_any_remark_stays_a_comment(remark: str) -> None:
    for line in commented(remark).split("\n"):
        assert line.startswith("#")
        assert line.isprintable()
    names: dict[str, object] = {}
    exec(compile(commented(remark) + "\nreached = True", "script", "exec"), names)  # nothing but a comment above
    assert names["reached"] is True


@pytest.mark.parametrize("name", ['a"b\'c.py:Net"""', "a\\b.py:Net", "a\nb.py:Net"])
def test_any_name_of_an_implementation_stays_a_string(name: str) -> None:
    text = of_violation(origin(name, implementation=name), own_properties.one_case(), Violation(name)).script
    compile(text, "script", "exec")
    line = next(line for line in text.splitlines() if line.startswith("implementation = find("))
    assert line.count(repr(name.rpartition(":")[2])[1:-1]) == 1
