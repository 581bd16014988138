"""symtests.serve: a network in Python, asked over the protocol, answers what it answers without it."""

from __future__ import annotations

import ast
import glob
import json
import os
import shlex
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symtests import serve
from symtests.batch import Batch
from symtests.checking.closer_look import closer_look
from symtests.checking.smoke import smoke_check
from symtests.implementations.base import OPERATIONS, Unsupported
from symtests.implementations.checked import Checked
from symtests.implementations.misbehaviour import Misbehaviour
from symtests.implementations.numpy_plain import NumpyPlain
from symtests.implementations.process import Command
from symtests.network import Network
from symtests.parameters import Parameters
from symtests.training import Training

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="commands need a POSIX system")

SOURCE = Path(serve.__file__)
NETWORK = Network((2, 3, 2), "tanh", "bce")
THETA = Parameters(NETWORK, np.linspace(-1.0, 1.0, NETWORK.parameter_count))
BATCH = Batch(np.array([[1.0, 0.5], [-0.5, 1.0]]), np.array([[1.0, 0.0], [0.0, 0.25]]), np.array([1.0, 2.0]))
HOSTILE = """
import os, subprocess, sys, threading
print("a banner at import")
os.write(1, b"straight to the descriptor")
from helper import capabilities

class Net:
    version = "1.2"
    capabilities = capabilities

    def train(self, network, parameters, batch, training):
        print("a bar", end="", flush=True)
        sys.__stdout__.write("and more")
        os.write(1, b"to the pipe")
        subprocess.run(["echo", "from a child"])
        assert sys.stdin.read() == ""
        threading.Thread(target=print, args=("from a thread",)).start()
        kind = training.optimizer
        if kind == "adam":
            raise SystemExit(0)
        if kind == "rmsprop":
            class Unsupported(Exception): pass
            raise Unsupported("rmsprop is for later")
        if kind == "adagrad":
            raise ValueError("\\udc80 is no text")
        if kind == "momentum":
            return parameters.vector.astype("float16")
        if kind == "nesterov":
            return parameters.vector * float("nan")
        return parameters.vector.tolist()
"""
LISTS = '''
class Net:
    """Squared error without a hidden layer, in lists of floats."""

    capabilities = {"max_hidden_layers": 0, "losses": "mse", "optimizers": ["sgd"], "sample_weights": False}

    def loss_and_gradient(self, network, parameters, batch):
        n, m = len(batch.x), network.sizes[-1]
        assert type(parameters.vector) is type(batch.x) is type(batch.x[0]) is list, "it has no NumPy"
        weight, bias = parameters.weight(0), parameters.bias(0) or [0.0] * m
        loss, gradient = 0.0, [0.0] * network.parameter_count
        for x, y in zip(batch.x, batch.y):
            for k in range(m):
                error = sum(x[i] * weight[i][k] for i in range(len(x))) + bias[k] - y[k]
                loss += error**2 / (n * m)
                for i, value in enumerate([*x, 1.0] if network.bias else x):
                    gradient[i * m + k] += 2 * error * value / (n * m)
        return loss, gradient

    def train(self, network, parameters, batch, training):
        after = parameters.copy()
        for _ in range(training.steps):
            gradient = self.loss_and_gradient(network, after, batch)[1]
            after.vector[:] = [v - training.learning_rate * g for v, g in zip(after.vector, gradient)]
        return after
'''


def command(*words: object) -> Command:
    return Command([sys.executable, *map(str, words)])


def test_a_network_answers_over_the_protocol_what_it_answers_without() -> None:
    plain = NumpyPlain()
    with closing(command("-m", "symtests.serve", "symtests.implementations.numpy_plain:NumpyPlain")) as served:
        assert served.capabilities == plain.capabilities
        assert (served.name, served.language) == (plain.name, "Python {}.{}".format(*sys.version_info))
        for dtype in ("float32", "float64"):
            theta, batch = THETA.astype(dtype), BATCH.astype(dtype)
            for optimizer in ("sgd", "adamw"):
                training = Training(optimizer, 0.125, 3)
                after = served.train(NETWORK, theta, batch, training)
                assert after.vector.tobytes() == plain.train(NETWORK, theta, batch, training).vector.tobytes()
            loss, gradient = served.loss_and_gradient(NETWORK, theta, batch)
            right = plain.loss_and_gradient(NETWORK, theta, batch)
            assert (loss, gradient.vector.tobytes()) == (float(right[0]), right[1].vector.tobytes())
            outputs = plain.predict(NETWORK, theta, batch.x)
            assert served.predict(NETWORK, theta, batch.x).tobytes() == outputs.tobytes()
        assert served.end() == 0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_served_adapter_is_a_right_one(dtype: str) -> None:
    with closing(command("-m", "symtests.serve", "symtests.implementations.numpy_plain:NumpyPlain")) as served:
        assert smoke_check(Checked(served, dtype)) is None
        assert closer_look(Checked(served, dtype)) is None


def asked(served: Command, optimizer: str) -> Any:
    return served.train(NETWORK, THETA, BATCH, Training(optimizer))


def test_whatever_a_library_prints_or_raises_the_lines_stay_whole(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(HOSTILE, encoding="utf-8")
    (tmp_path / "helper.py").write_text("capabilities = {'dtypes': 'float64'}\n", encoding="utf-8")
    shutil.copy(SOURCE, tmp_path / "symtests_serve.py")
    with closing(command(tmp_path / "symtests_serve.py", f"{tmp_path / 'net.py'}:Net")) as served:
        assert (served.version, served.capabilities.dtypes) == ("1.2", ("float64",))
        assert asked(served, "sgd").vector.tolist() == THETA.vector.tolist()
        with pytest.raises(Unsupported, match="rmsprop is for later"):
            asked(served, "rmsprop")
        for optimizer, words in (
            ("adam", "answered the error: SystemExit: 0"),
            ("adagrad", "ValueError"),
            ("momentum", "train returned float16: it was given float64"),
        ):
            with pytest.raises(Misbehaviour, match=words):
                asked(served, optimizer)
        assert np.isnan(asked(served, "nesterov").vector).all()
        with pytest.raises(Unsupported, match="no operation predict"):
            raise Unsupported(served.ask_unknown("predict")["unsupported"])
        assert served.starts == 1, "it was never given up"
        assert served.end() == 0


def said_by(place: str, folder: Path, python: str = sys.executable) -> list[dict[str, Any]]:
    requests = b'{"seq": 1, "operation": "hello", "protocol": 1}\n{"seq": 2, "operation": "bye"}\n'
    done = subprocess.run([python, str(SOURCE), place], input=requests, capture_output=True, cwd=folder, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("missing.py:Net", "there is no file missing.py"),
        ("broken.py:Net", "ZeroDivisionError: division by zero"),
        ("fine.py:Nets", "AttributeError: module 'fine' has no attribute 'Nets'"),
        ("fine.py:Net", "Net has no method train"),
        ("no_such_module:Net", "ModuleNotFoundError: No module named 'no_such_module'"),
    ],
)
def test_what_cannot_be_served_is_said_in_the_answer_to_hello(place: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("1 / 0\n", encoding="utf-8")
    (tmp_path / "fine.py").write_text("class Net: pass\n", encoding="utf-8")
    hello, bye = said_by(place, tmp_path)
    assert hello == {"seq": 1, "error": words}
    assert bye == {"seq": 2}


def test_a_wrong_command_line_is_told_the_right_one() -> None:
    done = subprocess.run([sys.executable, str(SOURCE), "my_file.py"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "usage: python -m symtests.serve my_file.py:MyNet" in done.stderr


def test_it_prints_its_own_source() -> None:
    done = subprocess.run([sys.executable, str(SOURCE), "--source"], capture_output=True, text=True, check=True)
    assert done.stdout == SOURCE.read_text(encoding="utf-8")


def test_it_needs_nothing_but_the_standard_library_and_speaks_old_python() -> None:
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 7))
    names = {alias.name.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import)
             for alias in node.names}  # fmt: skip
    names |= {str(node.module).partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names - {"__future__"} <= set(sys.stdlib_module_names)


def old_pythons() -> list[str]:
    """Return one Python of each version that pyenv has."""
    return sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/bin/python")))  # noqa: PTH111, PTH207


def test_without_numpy_numbers_are_lists(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(LISTS, encoding="utf-8")
    hidden = tmp_path / "without"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text("import sys\nsys.modules['numpy'] = None\n", encoding="utf-8")
    words = ["env", f"PYTHONPATH={hidden}", sys.executable, str(SOURCE), f"{tmp_path / 'net.py'}:Net"]
    with closing(Command(words)) as served:
        implementation = Checked(served, "float64")
        assert smoke_check(implementation) is None
        assert closer_look(implementation) is None
        flat = Network((2, 2), (), "mse")
        theta = Parameters(flat, np.linspace(-1.0, 1.0, 6))
        batch = Batch(BATCH.x, BATCH.y)
        right = NumpyPlain().loss_and_gradient(flat, theta, batch)[1].vector
        np.testing.assert_allclose(served.loss_and_gradient(flat, theta, batch)[1].vector, right, rtol=1e-14)


def test_every_python_from_3_7_on_serves(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(LISTS, encoding="utf-8")
    tried = 0
    for python in old_pythons():
        version = subprocess.run(
            [python, "-c", "import sys; print(sys.version_info >= (3, 7))"], capture_output=True, text=True, check=False
        )
        if version.stdout.strip() == "True":
            tried += 1
            hello, _ = said_by("net.py:Net", tmp_path, python)
            assert hello["capabilities"]["losses"] == ["mse"], shlex.join([python])
    if not tried:
        pytest.skip("pyenv has no Python")


def test_what_is_handed_over_has_the_attributes_of_what_symtests_hands_over() -> None:
    network = serve.Network(NETWORK.to_json())
    theta = serve.Parameters(network, THETA.vector.copy())
    for name in ("sizes", "activations", "loss", "bias", "layer_count", "hidden_sizes", "parameter_count"):
        assert getattr(network, name) == getattr(NETWORK, name)
    for layer in range(NETWORK.layer_count):
        assert network.weight_slice(layer) == NETWORK.weight_slice(layer)
        assert network.bias_slice(layer) == NETWORK.bias_slice(layer)
        assert (theta.weight(layer) == THETA.weight(layer)).all()
        assert (theta.bias(layer) == THETA.bias(layer)).all()
    theta.weights[0][...] = 7.0
    assert (theta.vector[:6] == 7.0).all(), "weights are views"
    assert network == serve.Network(NETWORK.to_json())
    assert len({network, serve.Network(NETWORK.to_json())}) == 1
    assert vars(serve.Training(Training().to_json())) == Training().to_json()
    assert vars(serve.Training(Training().to_json()).with_steps(9))["steps"] == 9
    assert set(serve._OPTIONAL) | {"train", "run_as"} == set(OPERATIONS)
