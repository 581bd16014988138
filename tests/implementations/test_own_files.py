"""A file that is imported by its path finds what lies beside it, and nothing of another file's."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from symtests.implementations import find, own_files
from symtests.implementations.process_pipe import TimeLimits
from symtests.implementations.python_process import PythonProcess
from symtests.validation import InvalidValue

ADAPTER = """
import helper
from parts.inner import INNER

class Net:
    version = f"{helper.NAME} {INNER}"
    capabilities = {"losses": ["mse"]}

    def train(self, network, parameters, batch, training):
        import late
        return parameters.vector * 0 + late.NUMBER
"""


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    modules, path, folders = dict(sys.modules), list(sys.path), dict(own_files._folders)
    yield
    for name in set(sys.modules) - set(modules):
        del sys.modules[name]
    sys.path[:] = path
    own_files._folders.clear()
    own_files._folders.update(folders)


def adapter(folder: Path, name: str, number: int) -> str:
    (folder / "parts").mkdir(parents=True)
    (folder / "net.py").write_text(ADAPTER, encoding="utf-8")
    (folder / "helper.py").write_text(f"NAME = {name!r}\n", encoding="utf-8")
    (folder / "late.py").write_text(f"NUMBER = {number}.0\n", encoding="utf-8")
    (folder / "parts" / "inner.py").write_text(f"INNER = {number}\n", encoding="utf-8")
    return f"{folder / 'net.py'}:Net"


def test_two_adapters_with_helpers_of_one_name_get_one_each(tmp_path: Path) -> None:
    first, second = adapter(tmp_path / "a", "of a", 1), adapter(tmp_path / "b", "of b", 2)
    assert [find(name).version for name in (first, second, first)] == [  # type: ignore[attr-defined]
        "of a 1", "of b 2", "of a 1",
    ]  # fmt: skip


def test_what_belongs_to_no_adapter_stays(tmp_path: Path) -> None:
    before = sys.modules["json"]
    for folder, number in (("a", 1), ("b", 2)):
        name = adapter(tmp_path / folder, folder, number)
        (tmp_path / folder / "json.py").write_text("", encoding="utf-8")
        find(name)
    assert sys.modules["json"] is before


@pytest.mark.parametrize("folder", ["a", "b"])
def test_the_process_of_an_implementation_finds_the_helpers_from_any_folder(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {key: adapter(tmp_path / key, key, number) for key, number in (("a", 1), ("b", 2))}
    monkeypatch.chdir(Path(sys.prefix))
    process = PythonProcess(names[folder], [], TimeLimits(start=60.0, request=60.0))
    try:
        process.load()
        assert process.version == {"a": "a 1", "b": "b 2"}[folder]
    finally:
        process.close()


def test_a_check_from_another_folder_asks_the_helper_that_is_imported_late(tmp_path: Path) -> None:
    place = adapter(tmp_path / "a", "a", 3)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    command = [sys.executable, "-c", "from symtests.cli import main; main()", "smoke", place]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=elsewhere, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    shutil.rmtree(tmp_path / "a" / "parts")
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=elsewhere, check=False)
    assert done.returncode == 2
    assert "No module named 'parts" in done.stderr


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"cannot import .*gone\.py \(FileNotFoundError: no file"):
        find(f"{tmp_path / 'gone.py'}:Net")
