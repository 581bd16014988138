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

BLOCKS = re.findall(r"<!-- (run|file|table): (.*?) -->\n\n(.*?)\n\n<!-- end -->", TEXT, re.DOTALL)


@pytest.mark.parametrize(("kind", "argument", "shown"), BLOCKS, ids=[argument for _, argument, _ in BLOCKS])
def test_what_is_shown_is_what_comes_out(kind: str, argument: str, shown: str) -> None:
    assert fill_in.without_numbers(fill_in.block(kind, argument)) == fill_in.without_numbers(shown)


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
