"""The README says what is so: every command in it is executed, every table and file in it compared."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

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
    for page in ("own_check.md", "speed.md")
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
    assert {line[2:] for line in _lines("console") if line.startswith("$ ")} == run
    assert len(shell) == 2, "the main job and the tests; .ci/run takes both from here"
    assert "symtests check" in shell[0]
    assert "-m tox" in shell[1]


def test_every_file_that_it_points_to_is_there() -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", TEXT)
    assert targets
    for target in targets:
        assert (ROOT / target).exists(), target


def _lines(language: str) -> list[str]:
    return "\n".join(re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)).splitlines()
