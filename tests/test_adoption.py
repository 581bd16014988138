"""The action, the hooks and the workflows are what their readers expect, and their commands are executed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = [*sorted((ROOT / "examples").rglob("*workflow.yml")), *sorted((ROOT / ".github").rglob("*.yml"))]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))

needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an implementation and with a symtests and a pip on its PATH; pip only says what it was told."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("node_modules"))
    programs = {
        "symtests": f"exec {shlex.quote(sys.executable)} -c 'from symtests.cli import main; main()' \"$@\"",
        "python": 'echo "python $*"',
    }
    (tmp_path / "bin").mkdir()
    for name, line in programs.items():
        path = tmp_path / "bin" / name
        path.write_text(f"#!/usr/bin/env bash\n{line}\n", encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return tmp_path


def executed(folder: Path, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", command], cwd=folder, capture_output=True, text=True, timeout=300,
        check=False, encoding="utf-8", env={**os.environ, "PATH": path, "PYTHONIOENCODING": "utf-8", **variables},
    )  # fmt: skip


def inputs_in(step: dict[str, Any], **given: str) -> dict[str, str]:
    """The variables of a step of the action, with what is given for its inputs."""
    values = {name: str(each.get("default", "")) for name, each in ACTION["inputs"].items()} | given
    found = {}
    for name, text in step.get("env", {}).items():
        place = re.fullmatch(r"\$\{\{ (inputs\.(\w+)|github\.action_path) \}\}", text)
        assert place is not None
        found[name] = values[place[2]] if place[2] else "/the/action"
    return found


def test_the_action_needs_one_input() -> None:
    assert [name for name, each in ACTION["inputs"].items() if each.get("required")] == ["implementation"]
    assert all("default" in each for each in ACTION["inputs"].values() if not each.get("required"))
    assert ACTION["runs"]["using"] == "composite"
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"], "what comes from outside is a variable, and no code"
        assert step["shell"] == "bash"


@needs_bash
@pytest.mark.thorough
def test_the_steps_of_the_action_check_and_show_the_verdict(folder: Path) -> None:
    install, check, show = ACTION["runs"]["steps"]
    assert "python -m pip install /the/action" in executed(folder, install["run"], **inputs_in(install)).stdout
    given = {"implementation": "examples/my_broken_network.py:MyBrokenNetwork", "profile": "quick",
             "arguments": "--property STEP1 --no-diagnosis"}  # fmt: skip
    done = executed(folder, check["run"], **inputs_in(check, **given))
    assert done.returncode == 1, done.stdout + done.stderr
    summary = folder / "summary.md"
    shown = executed(folder, show["run"], GITHUB_STEP_SUMMARY=str(summary), **inputs_in(show, **given))
    assert shown.returncode == 0
    assert summary.read_text(encoding="utf-8").startswith("# ✗ 1 of 1")
    badge = ACTION["outputs"]["badge"]["value"].replace("${{ inputs.out }}", "symtests-results")
    assert (folder / badge).is_file()


@needs_bash
def test_what_is_given_to_the_action_is_never_read_as_code(folder: Path) -> None:
    check = ACTION["runs"]["steps"][1]
    hostile = "$(touch hacked); `touch hacked`; touch hacked"
    done = executed(folder, check["run"], **inputs_in(check, implementation=hostile, arguments=hostile))
    assert done.returncode == 2
    assert not (folder / "hacked").exists()


@needs_bash
@pytest.mark.thorough
def test_the_hooks_are_commands_that_work(folder: Path) -> None:
    assert {hook["id"] for hook in HOOKS} == {"symtests", "symtests-smoke"}
    for hook in HOOKS:
        assert hook["pass_filenames"] is False
        assert hook["language"] == "python"
        arguments = "--property STEP1" if " check " in hook["entry"] else ""
        done = executed(folder, f"{hook['entry']} examples/my_network.py:MyNetwork {arguments}")
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_workflow_can_be_read_and_every_step_does_one_thing(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert {"name", "jobs"} <= set(workflow)
    assert True in workflow, "yaml reads `on` as true"
    for job in workflow["jobs"].values():
        assert isinstance(job["runs-on"], str)
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step)


@needs_bash
@pytest.mark.thorough
def test_the_commands_of_the_workflow_that_init_writes_work(folder: Path) -> None:
    (folder / "my_package").mkdir()
    (folder / "my_package" / "__init__.py").write_text("", encoding="utf-8")
    begun = executed(folder, "symtests init my_package", PYTHONPATH=str(folder))
    assert begun.returncode == 0, begun.stdout + begun.stderr
    lines = begun.stdout.splitlines()
    assert lines[:2] == ["wrote symtests_my_package.py", f"wrote {Path('.github') / 'workflows' / 'symtests.yml'}"]
    assert any(re.match(r"✓ \d+ \w+: \d+ exact, \d+ holds", line) for line in lines), "the first verdict"
    assert "it does not call my_package yet" in (folder / "symtests-results" / "report.html").read_text(
        encoding="utf-8"
    )
    workflow = yaml.safe_load((folder / ".github" / "workflows" / "symtests.yml").read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    runs = [step["run"] for step in job["steps"] if "run" in step]
    for number, command in enumerate(runs):
        command = command.replace("${{ vars.SYMTESTS }}", "git+https://somewhere")
        command = re.sub(r"\$\{\{ github\.event_name.*?\}\}", "quick --property STEP1", command)
        assert "${{" not in command
        done = executed(folder, command, PYTHONPATH=str(folder), GITHUB_STEP_SUMMARY=str(folder / "summary.md"))
        assert done.returncode == 0, f"{number}: {command}\n{done.stdout}{done.stderr}"
    assert (folder / "summary.md").read_text(encoding="utf-8").startswith("# ✓ 1 ")
    again = executed(folder, "symtests init my_package", PYTHONPATH=str(folder))
    assert again.returncode == 2
    assert "symtests_my_package.py' is there already" in again.stderr


@needs_bash
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("nothing_of_this_name", "must be the name of a library that can be imported here"),
        ("../x", "must be the name of a library"),
        ("", "name one library"),
        ("numpy --command 'node a.mjs'", "name one library"),
    ],
)
def test_init_says_what_it_needs_and_writes_nothing(folder: Path, arguments: str, said: str) -> None:
    before = sorted(folder.rglob("*"))
    done = executed(folder, f"symtests init {arguments}")
    assert done.returncode == 2
    assert said in done.stderr
    assert sorted(folder.rglob("*")) == before
