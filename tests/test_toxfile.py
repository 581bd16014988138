"""toxfile.py: pyenv's Pythons are used, and those that are missing are named."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

TOXFILE = Path(__file__).parents[1] / "toxfile.py"
CONFIGURATION = """
[tox]
env_list = {}, py399
skip_missing_interpreters = true
[testenv]
skip_install = true
commands = python -c "import sys; print(sys.version)"
"""


@pytest.fixture(scope="module")
def toxfile() -> ModuleType:
    specification = importlib.util.spec_from_file_location("toxfile_under_test", TOXFILE)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def install(root: Path, *versions: str) -> None:
    for version in versions:
        executable = root / "versions" / version / "bin" / "python"
        executable.parent.mkdir(parents=True)
        executable.touch(mode=0o755)


def found(toxfile: ModuleType, environment: dict[str, str], home: Path) -> list[str]:
    return [Path(path).parents[1].name for path in toxfile.pyenv_interpreters(environment, home)]


def test_the_newest_release_of_each_version_is_found(toxfile: ModuleType, tmp_path: Path) -> None:
    install(tmp_path, "3.9.18", "3.11.7", "3.11.10", "3.13.0", "3.14.0rc1", "3.12t", "pypy3.10-7.3.15", "my-project")
    assert found(toxfile, {"PYENV_ROOT": str(tmp_path)}, tmp_path) == ["3.13.0", "3.11.10", "3.9.18"]


def test_the_home_folder_is_searched_unless_pyenv_is_elsewhere(toxfile: ModuleType, tmp_path: Path) -> None:
    install(tmp_path / ".pyenv", "3.12.1")
    assert found(toxfile, {}, tmp_path) == ["3.12.1"]


def test_no_pyenv_is_no_failure(toxfile: ModuleType, tmp_path: Path) -> None:
    assert found(toxfile, {}, tmp_path) == []


def test_a_version_that_cannot_be_run_is_left_out(toxfile: ModuleType, tmp_path: Path) -> None:
    install(tmp_path, "3.12.1")
    (tmp_path / "versions" / "3.12.1" / "bin" / "python").chmod(0o644)
    assert found(toxfile, {"PYENV_ROOT": str(tmp_path)}, tmp_path) == []


def test_what_the_command_line_names_comes_first(
    toxfile: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "3.12.1")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    options = SimpleNamespace(discover=["/given/python"], command="config")
    toxfile.tox_add_core_config(None, SimpleNamespace(conf=SimpleNamespace(options=options)))
    assert options.discover == ["/given/python", str(tmp_path / "versions" / "3.12.1" / "bin" / "python")]


def test_tox_names_the_python_that_it_missed(tmp_path: Path) -> None:
    present = f"py{sys.version_info.major}{sys.version_info.minor}"
    shutil.copy(TOXFILE, tmp_path)
    (tmp_path / "tox.ini").write_text(CONFIGURATION.format(present))
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("TOX", "PYENV", "VIRTUAL_ENV"))
    }
    environment |= {"PATH": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "tox"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{present}: OK" in done.stdout
    assert done.stdout.splitlines()[-1] == "  no Python was found for: py399 (searched the PATH and pyenv)"
