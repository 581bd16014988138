"""The README says what is so: every command in it is executed, every table and file in it compared."""

from __future__ import annotations

import configparser
import importlib.util
import os
import re
import shlex
import shutil
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.command_line import run

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")

_specification = importlib.util.spec_from_file_location("fill_in", ROOT / "docs" / "fill_in.py")
assert _specification is not None
assert _specification.loader is not None
fill_in = importlib.util.module_from_spec(_specification)
_specification.loader.exec_module(fill_in)

BLOCK = re.compile(r"<!-- (run|file|table): (.*?) -->\n\n(.*?)\n\n<!-- end -->", re.DOTALL)
BLOCKS = BLOCK.findall(TEXT)
TEAMS = BLOCK.findall((ROOT / "docs" / "teams.md").read_text(encoding="utf-8"))
PAGES = [
    found
    for page in ("own_check.md", "speed.md", "start.md", "verdicts.md")
    for found in BLOCK.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(
    ("kind", "argument", "shown"), [*BLOCKS, *PAGES], ids=[argument for _, argument, _ in [*BLOCKS, *PAGES]]
)
def test_what_is_shown_is_what_comes_out(kind: str, argument: str, shown: str) -> None:
    assert fill_in.without_numbers(fill_in.block(kind, argument)) == fill_in.without_numbers(shown)


@pytest.mark.parametrize(("kind", "argument", "shown"), TEAMS, ids=[argument for _, argument, _ in TEAMS])
def test_so_it_is_on_the_page_for_teams(kind: str, argument: str, shown: str) -> None:
    assert fill_in.block(kind, argument) == shown


@pytest.mark.parametrize("blocks", [BLOCKS, TEAMS], ids=["README", "teams"])
def test_the_exit_statuses_stand_in_a_table_that_is_made_from_the_code(blocks: list[tuple[str, str, str]]) -> None:
    shown = {argument: shown for kind, argument, shown in blocks if kind == "table"}["exit statuses"]
    assert shown == fill_in.exit_status_table()
    for status in (0, 1, 2, 3, 4, 130, 141):
        assert f"| {status} |" in shown


def test_every_command_stands_in_a_block_that_is_run_or_is_run_by_ci() -> None:
    run = {argument for kind, argument, _ in BLOCKS if kind == "run"}
    shell = [line for line in _lines("sh") if line]
    typed = {line[2:] for line in _lines("console") if line.startswith("$ ")}
    assert typed == run | {"python -m pip install ."}
    assert shell[0].startswith("python -m pip install . && "), "which is so run by CI"
    assert len(shell) == 2, "the main job and the tests; .ci/run takes both from here"
    assert "symtests check" in shell[0]
    assert "-m tox" in shell[1]


def test_the_first_check_finds_a_real_fault_and_explains_it_in_seconds(tmp_path: Path) -> None:
    """In at most 30 seconds of processor time, and .ci/run does the same in a new environment."""
    command = next(argument for kind, argument, _ in BLOCKS if kind == "run")
    assert TEXT.index(command) < TEXT.index("```sh")
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("node_modules"))
    before = os.times()
    done = run(*shlex.split(command)[1:], cwd=tmp_path)
    after = os.times()
    assert done.returncode == 1, done.stdout + done.stderr
    for word in (
        "STEP1 violated",
        "diagnosis: the weights are updated before",
        "counterexample: ",
        "again: ",
        "alone: ",
    ):
        assert f"\n{word}" in done.stdout.replace("✗ ", "")
    taken = [after_it - before_it for after_it, before_it in zip(after[2:4], before[2:4], strict=True)]
    assert sum(taken) < 30, "of the child processes, user and system"
    assert (tmp_path / "symtests-results" / "report.html").is_file()


def test_what_a_tox_ini_and_a_workflow_depend_on_can_be_had() -> None:
    """There is no symtests on a package index; what is written is where it is to be had from."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string("\n".join(_lines("ini")))
    needed = Requirement(parser["testenv:properties"]["deps"])
    assert needed.name == "symtests"
    assert needed.url is not None
    assert needed.url.startswith("file:///")
    workflow = (ROOT / "examples" / "github-workflow.yml").read_text(encoding="utf-8")
    assert 'pip install "symtests @ ' in workflow
    assert not re.search(r"pip install (-U )?symtests\b(?! @)", workflow + TEXT)


def test_every_file_that_it_points_to_is_there() -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", TEXT)
    assert targets
    for target in targets:
        assert (ROOT / target).exists(), target


def _lines(language: str) -> list[str]:
    return "\n".join(re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)).splitlines()
