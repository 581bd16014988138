"""`symtests merge` through the command line: what it prints, writes and ends with."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.command_line import EXAMPLES
from tests.command_line import run_here as run

ASKED = ("check", "net.py:Net", "--profile", "quick", "--examples", "2", "-n", "1", "-p", "STEP1", "-p", "NUM1")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shards")
    text = (EXAMPLES / "my_broken_network.py").read_text(encoding="utf-8")
    (folder / "net.py").write_text(f"{text}\n\nNet = MyBrokenNetwork\n", encoding="utf-8")
    for number in (1, 2):
        said = run(*ASKED, "--shard", f"{number}/2", "--out", f"s{number}", cwd=folder)
        assert f"note: this is shard {number}/2" in said.stdout
    return folder


def test_two_shards_give_one_run(runs: Path) -> None:
    said = run("merge", "s2", "s1", "--out", "all", "--junit", "all.xml", cwd=runs)
    assert said.returncode == 1, said.stdout + said.stderr
    assert "violated by net.py:Net" in said.stdout
    lines = [json.loads(line) for line in (runs / "all" / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines[-1]["type"] == "end"
    assert lines[0]["command"] == "symtests check net.py:Net --profile quick --examples 2 -p STEP1 -p NUM1"
    assert [part["shard"] for part in lines[0]["joined"]] == ["1/2", "2/2"]
    assert (runs / "all" / "report.html").is_file()
    assert any((runs / "all" / "counterexamples").iterdir())
    assert "<testsuite " in (runs / "all.xml").read_text(encoding="utf-8")
    assert run("report", "all", cwd=runs).returncode == 0


def test_a_missing_shard_is_told_and_not_passed_off(runs: Path) -> None:
    said = run("merge", "s1", "--out", "part", cwd=runs)
    assert said.returncode in (1, 3)
    assert "note: shard 2/2 is missing" in said.stdout


def test_what_makes_no_sense_is_refused(runs: Path) -> None:
    for words, reason in [
        (("merge", "s1", "s2", "--out", "s1"), "is the folder of one of the shards"),
        (("merge", "nothing"), "must be a results file or its folder"),
        ((*ASKED, "--shard", "3/2"), "shard='3/2': must be"),
        ((*ASKED, "--shard", "1/2", "--against", "s1"), "is about a whole run"),
        ((*ASKED, "--shard", "1/2", "--write-known", "k.toml"), "is about a whole run"),
    ]:
        said = run(*words, cwd=runs)
        assert (said.returncode, reason in said.stderr) == (2, True), said.stderr


def test_the_commands_of_the_workflow_do_what_it_says(tmp_path: Path) -> None:
    workflow = (EXAMPLES / "shards" / "github-workflow.yml").read_text(encoding="utf-8")
    check, merge = (shlex.split(line) for line in re.findall(r"run: symtests (.+?)(?: #.*)?$", workflow, re.MULTILINE))
    shards = re.findall(r"\d+", re.findall(r"shard: \[(.*)\]", workflow)[0])
    text = (EXAMPLES / "my_network.py").read_text(encoding="utf-8")
    (tmp_path / "my_package.py").write_text(text, encoding="utf-8")
    few = ("--profile", "quick", "--examples", "2", "-n", "1", "-p", "STEP1", "-p", "NUM1", "--dtype", "float64")
    for shard in shards:
        filled = [word.replace("${{matrix.shard}}", shard) for word in _joined_expressions(check)]
        assert f"{shard}/{len(shards)}" in filled
        said = run(*filled, *few, cwd=tmp_path)
        assert said.returncode in (0, 3), said.stdout + said.stderr  # 3: there are more shards than checks
    folders = sorted(path.name for path in tmp_path.glob("shard-*"))
    place = merge.index("shard-*")
    said = run(*merge[:place], *folders, *merge[place + 1 :], cwd=tmp_path)
    assert said.returncode == 0, said.stdout + said.stderr
    assert (tmp_path / "symtests-results" / "report.md").is_file()
    assert (tmp_path / "properties.xml").is_file()


def _joined_expressions(words: list[str]) -> list[str]:
    """Put together again what stands between double braces, which the shell sees filled in."""
    text = re.sub(r"\$\{\{ (.*?) \}\}", r"${{\1}}", shlex.join(words).replace("'", ""))
    return text.split()
