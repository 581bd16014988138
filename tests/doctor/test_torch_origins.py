"""The line that made a parameter is found: in the user's file, not in the library's."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import nn

import symtests
from symtests.doctor.loading import handed_in
from symtests.doctor.origins import Origin, of_class, of_function, of_name, where_called
from symtests.doctor.torch_origins import origins_of, registrations

FILE = """
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(3, 3)
        self.scale = nn.Parameter(torch.ones(3))

    def forward(self, x):
        return self.inner(x) * self.scale


def build():
    return nn.Sequential(
        nn.Linear(3, 3),
        Block(),
        nn.Linear(3, 2),
    )


def batch(step):
    return torch.randn(8, 3), torch.randn(8, 2)


MODEL = build()
"""


@pytest.fixture
def module(tmp_path: Path) -> Iterator[ModuleType]:
    path = tmp_path / "net.py"
    path.write_text(FILE, encoding="utf-8")
    specification = importlib.util.spec_from_file_location("origins_net", path)
    assert specification is not None
    assert specification.loader is not None
    found = importlib.util.module_from_spec(specification)
    sys.modules["origins_net"] = found
    specification.loader.exec_module(found)
    yield found
    del sys.modules["origins_net"]


def line_of(text: str) -> int:
    return 1 + next(place for place, line in enumerate(FILE.splitlines()) if text in line)


EXPECTED = {
    "0.weight": "        nn.Linear(3, 3),", "0.bias": "        nn.Linear(3, 3),",
    "1.scale": "self.scale", "1.inner.weight": "self.inner", "1.inner.bias": "self.inner",
    "2.weight": "nn.Linear(3, 2)", "2.bias": "nn.Linear(3, 2)",
}  # fmt: skip


def test_each_parameter_has_the_line_that_made_it(module: Any) -> None:
    with registrations() as seen:
        model = module.build()
    found = origins_of(model, seen)
    assert {name: origin.line for name, origin in found.items()} == {
        name: line_of(text) for name, text in EXPECTED.items()
    }
    assert {origin.file for origin in found.values()} == {str(Path(module.__file__).resolve())}


def test_without_seeing_it_the_class_that_holds_it_has_the_line(module: Any) -> None:
    found = origins_of(module.MODEL)
    assert found == {name: Origin(str(Path(module.__file__).resolve()), line_of("class Block"))
                     for name in ("1.scale", "1.inner.weight", "1.inner.bias")}  # fmt: skip


def test_a_model_of_a_library_has_no_line() -> None:
    assert origins_of(nn.LSTM(2, 2)) == {}
    assert of_class(nn.LSTM) is None
    assert of_function(torch.nn.init.zeros_) is None
    assert where_called(None) is None


def test_a_diagnosis_of_a_function_knows_the_lines_and_leaves_no_hook(module: Any) -> None:
    result = symtests.diagnose(module.build, module.batch, steps=1)
    assert set(result.origins) == set(EXPECTED)
    with registrations() as seen:
        pass
    module.build()
    assert not seen


def test_a_diagnosis_of_a_model_knows_its_classes(module: Any) -> None:
    result = symtests.diagnose(module.MODEL, module.batch, steps=1)
    assert {origin.line for origin in result.origins.values()} == {line_of("class Block")}
    assert result.to_sarif()["version"] == "2.1.0"


@pytest.mark.parametrize(("name", "text"), [("", "def build"), (":MODEL", "MODEL ="), (":build", "def build")])
def test_a_file_has_the_line_of_what_is_examined(name: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(FILE, encoding="utf-8")
    assert handed_in(f"{path}{name}").place == Origin(str(path.resolve()), line_of(text))


@pytest.mark.parametrize("content", ["def (", "", "x = 1\n", "\x00"])
def test_a_name_that_is_not_found_has_the_first_line(content: str, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(content, encoding="utf-8")
    assert of_name(path, "build").line == 1
    assert of_name(tmp_path / "nowhere.py", "build").line == 1
