"""What is installed works by itself: run in every environment, and by `tox -e wheel` beside nothing but the package."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import entry_points, requires, version
from importlib.resources import files
from pathlib import Path

import pytest

import symtests

COMMAND = shutil.which("symtests", path=sysconfig.get_path("scripts"))
COMMANDS = ("check", "list", "report", "bench")


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments, cwd=cwd, capture_output=True, text=True, check=False)


def test_the_version_is_the_same_everywhere(tmp_path: Path) -> None:
    assert COMMAND is not None
    assert version("symtests") == symtests.__version__
    assert run(COMMAND, "--version", cwd=tmp_path).stdout.strip() == symtests.__version__


@pytest.mark.parametrize("start", [["symtests"], [sys.executable, "-m", "symtests"]], ids=["command", "module"])
def test_help_names_every_command(start: list[str], tmp_path: Path) -> None:
    assert COMMAND is not None
    done = run(*([COMMAND] if start == ["symtests"] else start), "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for command in COMMANDS:
        assert re.search(rf"\b{command}\b", done.stdout)
        assert run(COMMAND, command, "--help", cwd=tmp_path).returncode == 0


def test_every_property_is_listed(tmp_path: Path) -> None:
    assert COMMAND is not None
    listed = run(COMMAND, "list", cwd=tmp_path)
    assert listed.returncode == 0, listed.stderr
    families = {line.split()[0] for line in listed.stdout.splitlines() if line.strip()}
    assert {"SYM", "ZERO", "BRK", "INIT", "GRAD", "EQV", "STEP", "NUM"} <= families


@pytest.mark.parametrize("name", ["py.typed", "data/iris.csv", "data/digits.csv.gz", "data/SOURCES.md"])
def test_data_files_are_there(name: str) -> None:
    assert files("symtests").joinpath(name).is_file()


def test_pytest_finds_the_plugin() -> None:
    (found,) = [entry for entry in entry_points(group="pytest11") if entry.name == "symtests"]
    assert found.value == "symtests.pytest_plugin"


def test_frameworks_are_extras() -> None:
    needed = {re.split(r"[^\w-]", line)[0] for line in requires("symtests") or () if "extra ==" not in line}
    assert "numpy" in needed
    assert needed.isdisjoint({"torch", "jax", "tensorflow", "scikit-learn"})
