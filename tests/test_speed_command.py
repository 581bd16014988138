"""symtests speed, as a real process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.speed.test_environment import git
from tests.command_line import EXAMPLES

AVERAGE = EXAMPLES / "speed" / "moving_average.py"
PACKAGE = {
    "pyproject.toml": (
        '[build-system]\nrequires = ["setuptools>=77"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "tiny"\nversion = "1"\n[tool.setuptools]\npackages = ["tiny"]\n'
    ),
    "tiny/__init__.py": (
        "def work(n):\n    total = 0\n    for i in range(n):\n        total += i & 1\n    return total\n"
    ),
    "tests/test_speed.py": "import tiny\ndef test_work(benchmark):\n    assert benchmark(tiny.work, 4000) == 2000\n",
}  # fmt: skip


def run(*arguments: str, cwd: Path, cache: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "120", "SYMTESTS_SPEED_CACHE": str(cache or cwd / "cache")}
    return subprocess.run(
        [sys.executable, "-c", "from symtests.cli import main; main()", "speed", *arguments],
        cwd=cwd, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=900, check=False,
    )  # fmt: skip


def test_a_faster_function_is_faster_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    done = run(f"{AVERAGE}:loop", f"{AVERAGE}:cumulated", "--markdown", "speed.md", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "▲ faster" in done.stdout
    assert "1 benchmark: 1 faster" in (tmp_path / "speed.md").read_text(encoding="utf-8")
    done = run(f"{AVERAGE}:loop", f"{AVERAGE}:off_by_one", "--json", cwd=tmp_path)
    assert done.returncode == 1
    (verdict,) = json.loads(done.stdout)
    assert verdict["outcome"] == "refused"
    assert "its output differs from base's by" in verdict["why"]


def test_a_slower_function_ends_with_status_1_unless_it_is_allowed(tmp_path: Path) -> None:
    done = run(f"{AVERAGE}:cumulated", f"{AVERAGE}:loop", "--fail-above", "10%", cwd=tmp_path)
    assert done.returncode == 1, done.stdout
    assert "▼ slower" in done.stdout
    done = run(f"{AVERAGE}:cumulated", f"{AVERAGE}:loop", "--fail-above", "90", cwd=tmp_path)
    assert done.returncode == 0, done.stdout


def test_the_self_check_goes_on_from_its_record(tmp_path: Path) -> None:
    done = run("--self-check", "--runs", "1", "--record", "record.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "| in cache | 0 % | 1 | " in done.stdout
    assert len(json.loads((tmp_path / "record.json").read_text())["runs"]) == 1
    again = run("--self-check", "--runs", "0", "--record", "record.json", cwd=tmp_path)
    assert again.stdout == done.stdout


@pytest.mark.thorough
def test_two_revisions_of_a_foreign_project(tmp_path: Path) -> None:
    repository, cache = tmp_path / "repository", tmp_path / "cache"
    for name, text in PACKAGE.items():
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_text(text)
    git(repository, "init", "-q")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "one")
    source = repository / "tiny" / "__init__.py"
    source.write_text(source.read_text().replace("total += i & 1", "total += i & 1 & 3 & 5 & 9"))
    git(repository, "commit", "-q", "-a", "-m", "slower")
    before = git(repository, "status", "--short", "--branch")
    done = run("HEAD~1", "--json", "--", "tests", cwd=repository, cache=cache)
    assert done.returncode == 1, done.stderr
    (verdict,) = json.loads(done.stdout)
    assert (verdict["name"], verdict["outcome"]) == ("tests/test_speed.py::test_work", "slower")
    assert git(repository, "status", "--short", "--branch") == before
    environments = sorted(
        path.name for path in (cache / "symtests" / "speed" / "environments").iterdir() if path.is_dir()
    )
    done = run("HEAD", "--json", "--", "tests", "-k", "nothing", cwd=repository, cache=cache)
    assert done.returncode == 3, done.stderr
    assert (
        sorted(p.name for p in (cache / "symtests" / "speed" / "environments").iterdir() if p.is_dir()) == environments
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("main",), "not a git repository"),
        ((), "base=None: name a git revision or a file.py:function to compare with"),
        (("--self-check", "--record", "/"), "record='/'"),
        (("a.py:f",), "head=None: must be a function too"),
        (("a.py:f", "b.py:g"), "base='a.py:f': there is no file a.py"),
        (("main", "--fail-above", "much"), "fail_above='much': must be a share of at least 0, as in 2% or 0.02"),
        ((f"{AVERAGE}:loop", f"{AVERAGE}:loop", "--core", "4096"), "core=4096: must be one of"),
    ],
)
def test_wrong_usage_costs_one_sentence(arguments: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stdout
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
