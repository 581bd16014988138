"""`symtests starts` through the command line: measured, drawn, gone on with and put together."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from tests.command_line import EXAMPLES
from tests.command_line import run_here as run

ASKED = (
    "starts",
    "xor",
    "--width",
    "1",
    "--width",
    "4",
    "--rate",
    "1",
    "--rate",
    "0.5",
    "--starts",
    "20",
    "--steps",
    "50",
)


def test_two_shares_are_put_together_and_nothing_is_measured_twice(tmp_path: Path) -> None:
    for number in (1, 2):
        said = run(*ASKED, "--shard", f"{number}/2", "--out", f"s{number}", cwd=tmp_path)
        assert said.returncode == 0, said.stderr
        assert "2 of 2 points to measure" in said.stdout
    said = run(*ASKED, "--from", "s1", "--from", "s2", "--out", "all", cwd=tmp_path)
    assert "0 of 4 points to measure" in said.stdout
    alone = run(*ASKED, "--out", "alone", cwd=tmp_path)
    assert alone.stdout.count(" of 20 learn") == 4
    for name in ("rates.jsonl", "landscape.md", "landscape.svg"):
        assert (tmp_path / "all" / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()
    table = (tmp_path / "all" / "landscape.md").read_text(encoding="utf-8").splitlines()
    assert table[0] == "| task | activation | start | hidden units | rate 0.5 | rate 1 |"
    assert table[2].startswith("| xor | tanh | glorot_uniform | 1 | 0.0 % (0.0 to 16.8) |")
    ElementTree.parse(tmp_path / "all" / "landscape.svg")
    assert "0 of 4 points to measure" in run(*ASKED, "--out", "alone", cwd=tmp_path).stdout


def test_what_makes_no_sense_is_refused(tmp_path: Path) -> None:
    for words, reason in [
        (("starts", "go"), "task='go'"),
        (("starts", "xor", "--shard", "3/2"), "shard='3/2'"),
        (("starts", "xor", "--from", "nothing"), "run symtests starts first"),
        (("starts", "xor", "--activation", "sin"), "activation='sin'"),
    ]:
        said = run(*words, cwd=tmp_path)
        assert (said.returncode, reason in said.stderr) == (2, True), said.stderr


def test_the_page_says_what_the_command_measures(tmp_path: Path) -> None:
    page = (EXAMPLES.parent / "docs" / "starts.md").read_text(encoding="utf-8").splitlines()
    rates, both = ("--rate", "0.1", "--rate", "1"), ("--activation", "tanh", "--activation", "relu")
    said = run("starts", "xor", "--width", "2", "--width", "3", *both, *rates, "--out", "xor", cwd=tmp_path)
    assert said.returncode == 0, said.stderr
    table = (tmp_path / "xor" / "landscape.md").read_text(encoding="utf-8").splitlines()
    assert len(table) == 6
    assert set(table) <= set(page)
