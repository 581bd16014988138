"""The page that starts from the symptom: its commands run and say what it shows, and its findings exist."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.command_line import EXAMPLES, run

DOCS = EXAMPLES.parent / "docs"
PAGE = (DOCS / "my_network_does_not_learn.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^symtests (.+)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_runs_as_it_stands(command: str, tmp_path: Path) -> None:
    (tmp_path / "examples").mkdir()
    shutil.copy(EXAMPLES / "dead_model.py", tmp_path / "examples")
    done = run(*shlex.split(command), cwd=tmp_path, columns=80)
    assert done.returncode == (0 if "--accept" in command else 1), done.stderr
    if "--html" in command:
        (shown,) = re.findall(r"^```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
        for line in shown.splitlines():
            assert line in done.stdout
        assert (tmp_path / "page.html").is_file()
    if "--starts" in command:
        assert "in 5 of 5 starts" in done.stdout


def test_there_are_three_commands() -> None:
    assert len(COMMANDS) == 3


def test_each_finding_that_is_named_is_one() -> None:
    sources = "".join(each.read_text() for each in (EXAMPLES.parent / "symtests" / "doctor").glob("*.py"))
    kinds = set(re.findall(r"Finding\(\s*\"([a-z ]+)\"", sources))
    named = set(re.findall(r"`([a-z][a-z ]+)`", PAGE)) - {"argmax", "page"}
    assert named & kinds
    assert {each for each in named if " " in each} <= kinds
    assert {"stuck", "late", "cut", "unused", "tied", "forgotten", "foreign"} <= kinds & named
