"""What a file says of a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from symtests.doctor.loading import handed_in
from symtests.validation import InvalidValue

FILE = """
import beside
build = beside.build
def batch(): return 1
criterion = 2
def make_optimizer(m): return 3
other = 4
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "beside.py").write_text("def build(): return 0\n")
    path = tmp_path / "my_file.py"
    path.write_text(FILE)
    return path


def test_the_usual_names_are_found(file: Path) -> None:
    handed = handed_in(str(file))
    assert (handed.model(), handed.batch(), handed.loss, handed.optimizer(0)) == (0, 1, 2, 3)


def test_another_name_builds(file: Path) -> None:
    assert handed_in(f"{file}:other").model == 4


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("x = 1", "", "has no function 'build'"),
        ("def bild(): pass", ":build", "has no 'build'; did you mean 'bild'?"),
        ("1 / 0", "", "cannot be run (ZeroDivisionError: division by zero)"),
        ("def", "", "cannot be run (SyntaxError"),
        ("import no_such_module", "", "cannot be run (ModuleNotFoundError"),
    ],
)
def test_what_cannot_be_used_costs_one_sentence(text: str, name: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text(text)
    with pytest.raises(InvalidValue) as raised:
        handed_in(f"{path}{name}")
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="no file"):
        handed_in(str(tmp_path / "nowhere.py"))
    (tmp_path / "text").write_text("")
    with pytest.raises(InvalidValue, match=r"must end with .py"):
        handed_in(str(tmp_path / "text"))
