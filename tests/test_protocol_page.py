"""docs/protocol.md says what is so: its tables are those of the schema, its commands are run, its examples checked."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import numpy as np
import pytest

from symtests.batch import Batch
from symtests.checking.one_check.judge_check import judge_check
from symtests.checking.profile import find_profile
from symtests.checking.smoke import smoke_check
from symtests.implementations import protocol
from symtests.implementations.base import DEFAULT_START, OPERATIONS, Capabilities, Unsupported, capabilities_of
from symtests.implementations.checked import Checked
from symtests.implementations.process import Command
from symtests.initialization import INITIALIZATIONS
from symtests.network import ACTIVATIONS, DTYPES, LOSSES, Network
from symtests.network import OPTIMIZERS as ALL_OPTIMIZERS
from symtests.parameters import Parameters
from symtests.properties import find as find_property
from symtests.training import Training
from tests.command_line import run

ROOT = Path(__file__).resolve().parent.parent
DEFINITIONS = protocol.schema()["$defs"]
WITH_NODE = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
WITH_C = pytest.mark.skipif(
    shutil.which("cc") is None or shutil.which("make") is None, reason="cc or make is not installed"
)


def loaded() -> ModuleType:
    specification = importlib.util.spec_from_file_location("protocol_page", ROOT / "docs" / "protocol_page.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


page = loaded()
TEXT = page.PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"<!-- (run|file|table): (.*?) -->\n\n(.*?)\n\n<!-- end -->", TEXT, re.DOTALL)


@pytest.mark.parametrize(
    ("kind", "argument", "shown"),
    [pytest.param(*block, id=block[1], marks=WITH_NODE if block[0] == "run" else ()) for block in BLOCKS],
)
def test_what_is_shown_is_what_comes_out(kind: str, argument: str, shown: str) -> None:
    without_numbers = page.fill_in.without_numbers
    assert without_numbers(page.block(kind, argument)) == without_numbers(shown)


def test_every_file_that_it_points_to_is_there() -> None:
    prose = re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#:]+)\)", prose):
        assert (page.PAGE.parent / target).exists(), target


def test_every_command_of_the_page_is_run() -> None:
    shell = "".join(re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)).splitlines()
    known = [argument for kind, argument, _ in BLOCKS if kind == "run"] + SERVED
    assert [line for line in shell if not any(command.startswith(line) for command in known)] == []


SERVED = [line for line in TEXT.splitlines() if "symtests_serve.py" in line and line.startswith(("python", "symtests"))]


def test_the_commands_for_another_environment_are_right_as_they_stand(tmp_path: Path) -> None:
    copy, check = SERVED
    words, target = copy.split(" > ")
    source = subprocess.run([sys.executable, *shlex.split(words)[1:]], capture_output=True, cwd=tmp_path, check=True)
    (tmp_path / target).write_bytes(source.stdout)
    shutil.copy(ROOT / "examples" / "my_network.py", tmp_path / "my_file.py")
    line = check.replace("/other/env/bin/python", sys.executable)
    done = run(*shlex.split(line)[1:], "--profile", "quick", "--property", "ZERO4", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "MyNetwork" in done.stdout


def test_capabilities_in_the_schema_are_the_fields_of_capabilities() -> None:
    rules = DEFINITIONS["capabilities"]["properties"]
    assert set(rules) == {field.name for field in fields(Capabilities)}
    everything = Capabilities(dtypes=DTYPES, same_bits=("threads=2",), unit_roundoff={"float32": 0.5})
    validator = jsonschema.Draft202012Validator({"$ref": "#/$defs/capabilities", "$defs": DEFINITIONS})
    limited = Capabilities(
        min_hidden_layers=1, min_width=2, max_inputs=3, max_outputs=2, one_activation=True, class_targets=("bce",),
        positive_epsilon=True, loss_scale_in_training=False,
    )  # fmt: skip
    scaled = Capabilities(loss_scale=dict.fromkeys(LOSSES, 2.0), max_width=1)
    for capabilities in (Capabilities(), everything, scaled, limited):
        said = json.loads(json.dumps(capabilities.to_json()))
        validator.validate(said)
        assert capabilities_of(type("Says", (), {"capabilities": said})) == capabilities


def test_words_in_the_schema_are_those_of_the_network() -> None:
    words = {"activation": ACTIVATIONS, "loss": LOSSES, "optimizer": ALL_OPTIMIZERS, "dtype": DTYPES}
    for name, known in {**words, "scheme": (DEFAULT_START, *INITIALIZATIONS)}.items():
        assert tuple(DEFINITIONS[name]["enum"]) == known
    assert set(DEFINITIONS["training"]["properties"]) == {field.name for field in fields(Training)}
    names = DEFINITIONS["capabilities"]["properties"]["loss_scale"]["propertyNames"]
    assert names == {"$ref": "#/$defs/loss"}


def test_each_operation_has_a_request_and_an_answer() -> None:
    assert set(protocol.OPERATIONS) == {"hello", *OPERATIONS, "bye"}
    for side in ("request", "answer"):
        defined = {name for name in DEFINITIONS if name.endswith(f"_{side}")}
        refused = {"unsupported_answer", "error_answer"} if side == "answer" else set()
        assert defined == {f"{name}_{side}" for name in protocol.OPERATIONS} | refused


def test_every_request_that_is_sent_is_one_of_the_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []

    class Recorder:
        errors = ""

        def __init__(self, words: object) -> None:
            return

        def kill(self) -> None:
            return

        def exchange(self, line: bytes, seconds: float) -> bytes:
            request = json.loads(line)
            sent.append(request)
            answer = {"seq": request["seq"], "unsupported": "no"}
            if request["operation"] == "hello":
                offered = ["loss_and_gradient", "predict", "initialize", "stages", "train_many"]
                said = {"protocol": 1, "name": "n", "operations": offered, "capabilities": {"same_bits": ["threads=2"]}}
                answer = {"seq": request["seq"], **said}
            return json.dumps(answer).encode()

        def end_within(self, seconds: float) -> None:
            return

    monkeypatch.setattr("symtests.implementations.process.ChildProcess", Recorder)
    network = Network((2, 3, 1), "gelu")
    vector = np.linspace(-1, 1, network.parameter_count)
    vector[:3] = [np.nan, np.inf, -np.inf]
    with closing(Command(["net"])) as command:
        for dtype in DTYPES:
            theta = Parameters(network, vector.astype(dtype))
            batch = Batch(np.ones((2, 2), dtype), np.ones((2, 1), dtype), np.ones(2, dtype))
            for ask in (
                lambda: command.train(network, theta, batch, Training("adam", steps=3)),  # noqa: B023 # called at once
                lambda: command.loss_and_gradient(network, theta, batch),  # noqa: B023
                lambda: command.predict(network, theta, batch.x),  # noqa: B023
                lambda: command.initialize(network, "he_normal", 3),
                lambda: command.stages(network, theta, batch),  # noqa: B023
                lambda: command.train_many(network, "normal", [0, 1], batch, Training()),  # noqa: B023
            ):
                with pytest.raises(Unsupported):
                    ask()
    way = Command(["net"])
    with pytest.raises(Unsupported):
        way.run_as("threads=2")
    way.close()
    assert {request["operation"] for request in sent} == set(protocol.OPERATIONS)
    for request in sent:
        rule = {"$ref": f"#/$defs/{request['operation']}_request", "$defs": DEFINITIONS}
        jsonschema.Draft202012Validator(rule).validate(request)


def judged(command: str, prop: str) -> str:
    with closing(Command(command)) as child:
        implementation = Checked(child, "float64", child.name)
        assert smoke_check(implementation) is None
        return judge_check(implementation, find_property(prop), find_profile("quick", examples=5)).word


@WITH_NODE
@pytest.mark.parametrize("prop", ["GRAD1", "NUM3"])
def test_the_network_in_javascript_obeys(prop: str) -> None:
    assert len(((page.FOLDER / "my_net.mjs").read_text(encoding="utf-8")).splitlines()) <= 60
    assert judged(shlex.join(["node", str(page.FOLDER / "my_net.mjs")]), prop) in ("holds", "exact")


@WITH_C
@pytest.mark.parametrize("prop", ["GRAD1", "NUM3"])
def test_the_network_in_c_obeys(prop: str, tmp_path: Path) -> None:
    folder = shutil.copytree(ROOT / "examples" / "c", tmp_path / "c")
    subprocess.run(["make", "-B", "-C", str(folder)], check=True, capture_output=True)
    assert judged(str(folder / "my_net"), prop) in ("holds", "exact")


@WITH_C
def test_the_commands_that_are_named_for_c_build_and_check_it(tmp_path: Path) -> None:
    folder = shutil.copytree(ROOT / "examples" / "c", tmp_path / "c")
    (folder / "my_net").unlink(missing_ok=True)
    sentence = re.search(r"In its folder, (.*?) checks it\.", TEXT)
    assert sentence is not None
    build, check = (shlex.split(command) for command in re.findall("`(.*?)`", sentence[1]))
    subprocess.run(build, cwd=folder, check=True, capture_output=True)
    done = run(*check[1:], "--profile", "quick", "--property", "GRAD1", cwd=folder)
    assert (check[0], done.returncode) == ("symtests", 0), done.stdout + done.stderr
    assert "my-c-net" in done.stdout


@WITH_NODE
@pytest.mark.parametrize(
    ("name", "library"),
    [
        ("brain.mjs", "brain.js"), ("tfjs.mjs", "@tensorflow/tfjs"), ("synaptic.mjs", "synaptic"),
        ("convnet.mjs", "convnetjs"),
    ],
)  # fmt: skip
def test_an_adapter_of_a_library_is_right_where_it_is_installed(name: str, library: str) -> None:
    if not (page.FOLDER / "node_modules" / library).exists():
        pytest.skip(f"{library} is not installed: npm install in examples/javascript")
    with closing(Command(["node", str(page.FOLDER / name)])) as child:
        wanted = json.loads((page.FOLDER / "package.json").read_text(encoding="utf-8"))["dependencies"][library]
        assert child.version == wanted
        assert smoke_check(Checked(child, child.capabilities.dtypes[0])) is None


@WITH_NODE
def test_the_script_of_a_violation_talks_to_the_command_alone(tmp_path: Path) -> None:
    """The network loses the derivative of tanh; the script fails with it, and with the right one it does not."""
    for file in ("my_net.mjs", "symtests.mjs"):
        shutil.copy(page.FOLDER / file, tmp_path)
    path = tmp_path / "my_net.mjs"
    right = path.read_text(encoding="utf-8")
    path.write_text(right.replace("sum * (1 - below[i] ** 2)", "sum"), encoding="utf-8")
    with closing(Command(["node", str(path)])) as child:
        verdict = judge_check(Checked(child, "float64"), find_property("GRAD1"), find_profile("quick", examples=10))
    assert verdict.word == "violated"
    assert verdict.counterexample is not None
    assert verdict.counterexample.command.startswith("symtests check --command 'node ")
    script = tmp_path / "counterexample.py"
    script.write_text(verdict.counterexample.script, encoding="utf-8")
    assert "symtests.implementations" not in verdict.counterexample.script
    failed = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert failed.returncode == 1, failed.stderr
    assert "AssertionError" in failed.stderr
    path.write_text(right, encoding="utf-8")
    fine = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert fine.returncode == 0, fine.stderr
