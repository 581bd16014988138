"""`symtests init` finds by trying how a library is called, and says where it does not."""

from __future__ import annotations

import json
import re
import shutil
import textwrap
from pathlib import Path

import pytest

from symtests.commands.init_calls import ACTIVATIONS
from symtests.commands.init_files import calling_adapter, node_files
from symtests.commands.init_probe import found_by_trying
from symtests.network import ACTIVATIONS as KNOWN
from tests.command_line import EXAMPLES, run

ARRAYS = """
    import numpy as np

    class Tensor:
        def __init__(self, data, requires_grad=False, parents=()):
            self.{held} = np.asarray(data, np.{dtype})
            self.parents, self.grad = parents, np.zeros_like(self.{held})

        def _made(self, value, *parents):
            return Tensor(value, parents=parents)

        def __add__(self, other):
            return self._made(self.{held} + other.{held}, (self, lambda g: g), (other, lambda g: g))

        def __sub__(self, other):
            return self._made(self.{held} - other.{held}, (self, lambda g: g), (other, lambda g: -g))

        def __mul__(self, other):
            a, b = self.{held}, other.{held}
            return self._made(a * b, (self, lambda g: g * b), (other, lambda g: g * a * {wrong}))

        def {product}(self, other):
            a, b = self.{held}, other.{held}
            return self._made(a @ b, (self, lambda g: g @ b.T), (other, lambda g: a.T @ g))

        def tanh(self):
            t = np.tanh(self.{held})
            return self._made(t, (self, lambda g: g * (1 - t**2)))

        def sum(self):
            return self._made(self.{held}.sum(), (self, lambda g: g * np.ones_like(self.{held})))

        def backward(self, grad=None):
            grad = np.ones_like(self.{held}) if grad is None else grad
            extra = grad.ndim - self.{held}.ndim
            self.grad = self.grad + (grad.sum(axis=tuple(range(extra))) if extra > 0 else grad)
            for parent, give in self.parents:
                parent.backward(give(grad))

    def sigmoid(z):
        s = 1 / (1 + np.exp(-z.{held}))
        return Tensor(s, parents=((z, lambda g: g * s * (1 - s)),))
"""
SCALARS = """
    class Value:
        def __init__(self, data, parents=()):
            self.data, self.parents, self.grad = data, parents, 0.0

        def __add__(self, other):
            other = other if isinstance(other, Value) else Value(other)
            return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))

        def __mul__(self, other):
            other = other if isinstance(other, Value) else Value(other)
            return Value(self.data * other.data, ((self, other.data), (other, self.data)))

        __radd__, __rmul__ = __add__, __mul__

        def relu(self):
            return Value(max(self.data, 0.0), ((self, float(self.data > 0)),))

        def backward(self, grad=1.0):
            self.grad += grad
            for parent, factor in self.parents:
                parent.backward(grad * factor)
"""


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a library that can be imported, in this process and in a new one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "some_grad").mkdir()
    return tmp_path / "some_grad"


def written(library: Path, source: str, **names: str) -> None:
    text = textwrap.dedent(source)
    for name, word in names.items():
        text = text.replace(f"{{{name}}}", word)
    (library / "__init__.py").write_text("print('a library may print')\n", encoding="utf-8")
    (library / "engine.py").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("held", "product", "dtype"), [("data", "__matmul__", "float64"), ("value", "dot", "float32")])
def test_a_library_of_arrays_is_called_in_its_own_words(library: Path, held: str, product: str, dtype: str) -> None:
    written(library, ARRAYS, held=held, product=product, dtype=dtype, wrong="1")
    found = found_by_trying("some_grad")
    assert found is not None
    calls, alike = found
    assert alike
    assert set(calls.activations) == {"tanh", "logistic"}
    assert calls.dtype == dtype
    assert calls.imports[-2:] == ("from some_grad.engine import Tensor", "from some_grad.engine import sigmoid")


def test_a_library_of_numbers_is_called_number_by_number(library: Path) -> None:
    written(library, SCALARS)
    found = found_by_trying("some_grad")
    assert found is not None
    calls, alike = found
    assert alike
    assert set(calls.activations) == {"relu"}


def test_what_gives_something_else_than_numpy_is_said_to(library: Path) -> None:
    written(library, ARRAYS, held="data", product="__matmul__", dtype="float64", wrong="3")
    found = found_by_trying("some_grad")
    assert found is not None
    calls, alike = found
    assert not alike
    text = calling_adapter("some_grad", "x.py", calls, alike=alike, distribution="some-grad")
    assert "something else than NumPy gives" in text


@pytest.mark.parametrize(
    "source", ["x = 1", "raise SystemExit(3)", "import os; os._exit(1)", "class Tensor:\n    def backward(self): ..."]
)
def test_of_another_library_nothing_is_found(library: Path, source: str) -> None:
    written(library, source)
    (library / "__init__.py").write_text("from some_grad.engine import *\n", encoding="utf-8")
    assert found_by_trying("some_grad") is None


@pytest.mark.thorough
def test_the_first_verdict_is_one_on_the_library(library: Path, tmp_path: Path) -> None:
    written(library, ARRAYS, held="data", product="__matmul__", dtype="float64", wrong="1")
    information = tmp_path / "some_grad-1.5.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: some-grad\nVersion: 1.5\n", encoding="utf-8")
    (information / "top_level.txt").write_text("some_grad\n", encoding="utf-8")
    done = run("init", "some_grad", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "how, was found by trying" in done.stdout
    assert "not on some_grad yet" not in done.stdout
    source = (tmp_path / "symtests_some_grad.py").read_text(encoding="utf-8")
    assert 'importlib.metadata.version("some-grad")' in source
    first = json.loads((tmp_path / "symtests-results" / "results.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert first["command"].startswith("symtests check symtests_some_grad.py:SomeGrad --profile quick")
    assert "1.5" in (tmp_path / "symtests-results" / "report.md").read_text(encoding="utf-8")
    following = re.findall(r"^Next: (.*)$", done.stdout, re.MULTILINE)
    assert following
    assert "symtests_some_grad.py:SomeGrad" in following[0]


def test_the_files_for_node_are_those_of_the_examples() -> None:
    data = EXAMPLES.parent / "symtests" / "data"
    for name in ("my_net.mjs", "symtests.mjs"):
        assert (data / name).read_bytes() == (EXAMPLES / "javascript" / name).read_bytes()
    files = node_files("@a/some-net", "symtests_a_some_net.mjs")
    assert list(files) == ["symtests_a_some_net.mjs", "symtests.mjs"]
    assert 'from "@a/some-net"' in files["symtests_a_some_net.mjs"]
    assert "placeholder: it does not call @a/some-net yet" in files["symtests_a_some_net.mjs"]


@pytest.mark.thorough
@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_a_package_of_node_has_an_adapter_that_answers(tmp_path: Path) -> None:
    refused = run("init", "some-net", "--node", cwd=tmp_path)
    assert refused.returncode == 2
    assert "run npm install with its name first" in refused.stderr
    package = tmp_path / "node_modules" / "some-net"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"name": "some-net", "main": "index.js"}', encoding="utf-8")
    (package / "index.js").write_text("module.exports = {};", encoding="utf-8")
    done = run("init", "some-net", "--node", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    last = done.stdout.splitlines()[-2:]
    assert last[0] == "Next: symtests check --command 'node symtests_some_net.mjs' --profile default"
    assert last[1] == "This is a verdict on what symtests_some_net.mjs computes, not on some-net yet."


def test_every_activation_has_a_name_of_symtests() -> None:
    assert set(ACTIVATIONS) <= set(KNOWN)
    assert all(ACTIVATIONS.values())
