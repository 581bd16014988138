"""Every command of the docs is typed by a test; what cannot be is counted, shown, and has a reason."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
import typer

from symtests.cli import app
from tests.docs_commands import ELSEWHERE, NOT_RUN, PAGES, ROOT, TYPED, Shown, shown_commands

SHOWN = list(shown_commands())
TESTS = ROOT / "tests"


def is_name(command: str) -> bool:
    """Tell whether it only names a command of the command line, as `symtests report` does in a sentence."""
    words = command.split()[1:]
    found: Any = typer.main.get_command(app)
    for word in words:
        found = getattr(found, "commands", {}).get(word)
        if found is None:
            return False
    return command.startswith("symtests ")


def is_of_tox(command: str) -> bool:
    return command.startswith(("tox ", "python -m tox "))


ACCOUNTED = {**TYPED, **ELSEWHERE, **NOT_RUN}


def test_every_command_is_accounted_for() -> None:
    texts = {each.text for each in SHOWN if not each.is_block}
    left = {text for text in texts if text not in ACCOUNTED and not is_name(text) and not is_of_tox(text)}
    assert left == set(), "say in tests/docs_commands.py what becomes of it"
    assert len(texts) > 80


def test_nothing_is_accounted_for_that_no_page_shows() -> None:
    texts = {each.text for each in SHOWN}
    assert {text for text in ACCOUNTED if text not in texts} == set()
    assert len(ACCOUNTED) == len(TYPED) + len(ELSEWHERE) + len(NOT_RUN), "in one table each"


def test_what_is_not_run_is_counted() -> None:
    away = sorted({each.text for each in SHOWN if each.text in NOT_RUN})
    lines = "\n".join(f"- {text}: {NOT_RUN[text]}" for text in away)
    warnings.warn(f"{len(away)} commands of the docs are not run by a test:\n{lines}", stacklevel=1)
    assert len(away) == len(NOT_RUN) <= 26


@pytest.mark.parametrize("place", sorted(set(ELSEWHERE.values())))
def test_the_test_that_is_named_is_there(place: str) -> None:
    path, name = place.split("::")
    assert f"def {name}(" in (TESTS / path).read_text(encoding="utf-8")


def test_every_block_with_output_is_on_a_page_that_is_compared() -> None:
    compared = (TESTS / "test_readme.py").read_text(encoding="utf-8")
    for each in SHOWN:
        if each.is_block and each.page != "protocol.md":
            assert each.page in compared, each


def test_every_environment_of_tox_that_is_named_is_one() -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "tox.ini", encoding="utf-8")
    known = {name.removeprefix("testenv:") for name in parser.sections()} | {"py310", "py311", "py312", "py313"}
    named = [re.findall(r"-e ([\w,-]+)", each.text) for each in SHOWN if is_of_tox(each.text)]
    assert len(named) > 10
    assert {name for found in named for names in found for name in names.split(",")} <= known


def test_every_script_that_is_named_is_there() -> None:
    for each in SHOWN:
        for path in re.findall(r"^python ([\w/]+\.py)", each.text):
            assert (ROOT / path).is_file(), each


def options(command: str) -> set[str]:
    """The options of symtests that a command has, and those of none of its commands."""
    try:
        words = shlex.split(command.replace("…", ""))
    except ValueError:
        return set()
    found: Any = typer.main.get_command(app)
    for word in words[1:]:
        found = getattr(found, "commands", {}).get(word, found)
    known = {option for parameter in found.params for option in (*parameter.opts, *parameter.secondary_opts)}
    known |= {"--help", "--version"}
    before = words[: words.index("--")] if "--" in words else words
    return {word.split("=")[0] for word in before if re.fullmatch(r"--?[a-z][a-z-]*(=.*)?", word)} - known


@pytest.mark.parametrize(
    "each", [each for each in SHOWN if each.text.startswith("symtests ")], ids=lambda each: f"{each.page}: {each.text}"
)
def test_every_option_that_is_named_is_one(each: Shown) -> None:
    assert options(each.text) == set()


def test_every_option_in_a_sentence_is_one_of_some_command() -> None:
    """Of symtests itself, of pytest with its plugin, or of a program that the sentence is about."""
    others = {
        "--symtests", "--markdown", "--check", "--group", "--nthreads", "--write", "--source", "--seeds", "--pairs",
        "--hypothesis-profile", "--junit-xml", "--import-mode", "--force", "--record", "--batch", "--page",
        "--minutes",
    }  # fmt: skip
    group = typer.main.get_command(app)
    known = {"--help", "--version"}
    for command in group.commands.values():  # type: ignore[attr-defined] # a group of several
        for each in (command, *getattr(command, "commands", {}).values()):
            known |= {option for parameter in each.params for option in (*parameter.opts, *parameter.secondary_opts)}
    for page in PAGES:
        prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        for option in re.findall(r"`(--[a-z][a-z-]*)", prose):
            assert option in known or option in others or option.startswith("--symtests-"), f"{page.name}: {option}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all that the commands name: files, a package that breaks STEP1, programs, and an older run."""
    path = tmp_path_factory.mktemp("docs")
    for name in ("my_file.py", "my_network.py"):
        shutil.copy(ROOT / "examples" / "my_network.py", path / name)
    for name in ("my_net.mjs", "symtests.mjs"):
        shutil.copy(ROOT / "examples" / "javascript" / name, path)
    (path / "my_package").mkdir()
    source = (ROOT / "examples" / "my_broken_network.py").read_text(encoding="utf-8")
    text = source.replace("class MyBrokenNetwork", "class MyNetwork")
    (path / "my_package" / "__init__.py").write_text(text, encoding="utf-8")
    (path / "bin").mkdir()
    lines = {"symtests": "-c 'from symtests.cli import main; main()'", "python": "", "pytest": "-m pytest"}
    for name, words in lines.items():
        program = path / "bin" / name
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {words} "$@"\n', encoding="utf-8")
        program.chmod(0o755)
    more = TYPED["symtests check my_package:MyNetwork --junit properties.xml"].more
    done = typed(f"symtests check my_package:MyNetwork --out main-results {more}", path)
    assert done.returncode == 1, done.stdout + done.stderr
    return path


def typed(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONIOENCODING": "utf-8", "COLUMNS": "120", "PAGER": "cat"}
    return subprocess.run(
        ["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8",
        stdin=subprocess.DEVNULL, timeout=600, check=False,
    )  # fmt: skip


@pytest.mark.thorough
@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
@pytest.mark.parametrize("command", TYPED)
def test_a_command_does_what_its_page_says(command: str, folder: Path, tmp_path: Path) -> None:
    asked = TYPED[command]
    if shutil.which(asked.needs) is None:
        pytest.skip(f"{asked.needs} is not installed")
    folder = shutil.copytree(folder, tmp_path / "docs")
    if asked.before:
        before = typed(asked.before, folder)
        assert before.returncode in (0, 1), before.stdout + before.stderr
    done = typed(f"{asked.line or command} {asked.more}", folder)
    assert done.returncode == asked.status, done.stdout + done.stderr
    assert asked.shows in done.stdout
