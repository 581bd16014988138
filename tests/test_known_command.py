"""A baseline written on one run is green on the next without a new example, and red as soon as the bug is gone."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.command_line import EXAMPLES, run

NAME = "net.py:MyBrokenNetwork"
ASKED = ("check", NAME, "--profile", "quick", "-n", "1", "-p", "STEP1", "-p", "GRAD1", "-p", "NUM1")
COUNTED = """

class Counted(MyBrokenNetwork):
    def train(self, network, parameters, batch, training):
        with open("questions", "a") as file:
            print(network.sizes, batch.x.tolist(), batch.y.tolist(), file=file)
        return super().train(network, parameters, batch, training)


MyBrokenNetwork = Counted
"""
IN_ANOTHER_PROCESS = """
import json
import sys
from my_broken_network import MyBrokenNetwork
from symtests import Batch, Network, Parameters, Training

net = MyBrokenNetwork()
for line in sys.stdin:
    request = json.loads(line)
    answer = {"seq": request["seq"]}
    if request["operation"] == "hello":
        answer |= {"protocol": 1, "name": "told", "capabilities": net.capabilities}
    elif request["operation"] == "train":
        network = Network.from_json(request["network"])
        parameters = Parameters.from_json(network, request["parameters"])
        asked = Batch.from_json(request["batch"]), Training.from_json(request["training"])
        answer["parameters"] = net.train(network, parameters, *asked).vector.tolist()
    print(json.dumps(answer), flush=True)
"""
FORMER, MENDED = "error_signal @ trained.weight(layer).T", "error_signal @ weight.T"


def verdicts(folder: Path) -> dict[str, dict[str, Any]]:
    text = (folder / "symtests-results" / "results.jsonl").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    return {line["property"]: line for line in lines if line["type"] == "verdict"}


def different_questions(folder: Path) -> int:
    asked = (folder / "questions").read_text(encoding="utf-8").splitlines()
    (folder / "questions").unlink()
    return len(set(asked))


def mend(folder: Path) -> None:
    text = (folder / "net.py").read_text(encoding="utf-8")
    assert FORMER in text
    before = "                trained.weight(layer)[...] -= "
    kept = "                weight = trained.weight(layer).copy()\n"
    (folder / "net.py").write_text(text.replace(FORMER, MENDED).replace(before, kept + before), encoding="utf-8")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A folder in which the broken network was checked and its failures were written down."""
    folder = tmp_path_factory.mktemp("first")
    source = (EXAMPLES / "my_broken_network.py").read_text(encoding="utf-8")
    (folder / "net.py").write_text(source + COUNTED, encoding="utf-8")
    done = run(*ASKED, "--write-known", "known.toml", cwd=folder)
    shutil.rmtree(folder / ".symtests")  # the failing cases that Hypothesis keeps would show the way, too
    return folder, done


@pytest.fixture
def folder(first: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> Path:
    shutil.copytree(first[0], tmp_path / "again")
    return tmp_path / "again"


def test_writing_the_baseline_lists_what_fails_and_ends_green_as_nothing_else_does(
    first: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, done = first
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Known failures: known.toml (2 added, 0 written again, 0 removed)" in done.stdout
    text = (folder / "known.toml").read_text(encoding="utf-8")
    assert text.count("[[known]]") == 2
    assert "updated before error signals are sent back" in text


def test_the_next_run_is_green_without_a_single_new_example(folder: Path) -> None:
    drawn = different_questions(folder)
    text = (folder / "known.toml").read_text(encoding="utf-8")
    text = text.replace("[[known]]", '[[known]]\nlink = "https://example.org/net/7"', 1)
    (folder / "known.toml").write_text(text, encoding="utf-8")
    done = run(*ASKED[:-2], "--known", "known.toml", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    found = verdicts(folder)
    assert {prop: verdict["word"] for prop, verdict in found.items()} == {"STEP1": "known", "GRAD1": "known"}
    assert [sum(verdict["tally"].values()) for verdict in found.values()] == [1, 1]
    assert different_questions(folder) < 12 < drawn, "smoke check, story and one case for each property"
    assert "known failures, still failing as listed" in done.stdout
    assert "https://example.org/net/7" in done.stdout
    for page in ("report.html", "report.md"):
        assert "https://example.org/net/7" in (folder / "symtests-results" / page).read_text(encoding="utf-8")


def test_removing_the_bug_turns_it_red_and_the_tool_takes_the_entries_out(folder: Path) -> None:
    mend(folder)
    done = run(*ASKED, "--known", "known.toml", cwd=folder)
    assert done.returncode == 1, done.stdout + done.stderr
    found = verdicts(folder)
    assert [found[prop]["word"] for prop in ("STEP1", "GRAD1", "NUM1")] == ["fixed", "fixed", "exact"]
    numbers = {prop: found[prop]["known"]["entry"] for prop in ("STEP1", "GRAD1")}
    assert sorted(numbers.values()) == [1, 2]
    for prop, number in numbers.items():
        assert f"fixed: remove this entry: entry {number} of known.toml" in found[prop]["sentence"]
        assert f"fixed: remove this entry: entry {number} of known.toml" in done.stdout
    again = run(*ASKED, "--write-known", "known.toml", cwd=folder)
    assert "(0 added, 0 written again, 2 removed)" in again.stdout
    assert again.returncode == 0, "the file is mended, and nothing fails"
    assert run(*ASKED, "--known", "known.toml", cwd=folder).returncode == 0


def test_a_command_has_a_baseline_too_and_the_verdicts_go_to_junit(tmp_path: Path) -> None:
    shutil.copy(EXAMPLES / "my_broken_network.py", tmp_path)
    (tmp_path / "command.py").write_text(IN_ANOTHER_PROCESS, encoding="utf-8")
    command = shlex.join([sys.executable, "command.py"])
    asked = ("check", "--command", command, "--profile", "quick", "-n", "1", "-p", "STEP1", "-p", "OPT1")
    first = run(*asked, "--write-known", "known.toml", "--junit", "first.xml", cwd=tmp_path)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "(1 added, 0 written again, 0 removed)" in first.stdout
    second = run(*asked, "--known", "known.toml", "--junit", "second.xml", cwd=tmp_path)
    assert second.returncode == 0, second.stdout + second.stderr
    counted = [
        [ElementTree.parse(tmp_path / name).getroot()[0].get(kind) for kind in ("name", "tests", "failures", "skipped")]
        for name in ("first.xml", "second.xml")
    ]
    assert counted == [["told", "2", "1", "0"], ["told", "2", "0", "1"]]
