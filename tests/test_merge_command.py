"""`symtests merge` through the command line: what it prints, writes and ends with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command_line import EXAMPLES, run

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
