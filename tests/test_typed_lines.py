"""Every line that the tool tells a user to type is typed here, in runs with other options than the defaults."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from symtests.checking.profile import DEFAULT_CALL_LIMIT
from symtests.checking.results.results_file import read_results
from symtests.checking.results.verdict import Verdict
from tests.command_line import EXAMPLES, run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a shell of POSIX reads the lines")

BROKEN = "my net.py:MyBrokenNetwork"
OPTIONS = (
    "--profile",
    "quick",
    "--dtype",
    "float64",
    "--seed",
    "7",
    "--examples",
    "3",
    "--time-limit",
    "20.5",
    "-n",
    "1",
)
OTHER_LANGUAGE = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    answer = {"seq": asked["seq"]}
    if asked["operation"] == "hello":
        answer |= {"protocol": 1, "name": "still", "version": "1", "language": "Python", "operations": [],
                   "capabilities": {"activations": ["tanh"], "losses": ["mse"], "optimizers": ["sgd"],
                                    "sample_weights": False}}
    elif asked["operation"] == "train":
        answer["parameters"] = asked["parameters"]["vector"]
    elif asked["operation"] != "bye":
        answer["unsupported"] = "no"
    print(json.dumps(answer), flush=True)
    if asked["operation"] == "bye":
        break
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    for name, words in (("symtests", "-c 'from symtests.cli import main; main()'"), ("python", "")):
        path = tmp_path / "bin" / name
        path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {words} "$@"\n', encoding="utf-8")
        path.chmod(0o755)
    (tmp_path / "my net.py").write_bytes((EXAMPLES / "my_broken_network.py").read_bytes())
    return tmp_path


def typed(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Type a line into a shell, as somebody who copies it."""
    environment = {**os.environ, "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "70"}
    return subprocess.run(
        ["bash", "-c", line], cwd=folder, env={**environment, "PYTHONIOENCODING": "utf-8"}, capture_output=True,
        text=True, encoding="utf-8", timeout=300, check=False,
    )  # fmt: skip


def lines_after(word: str, text: str) -> list[str]:
    return re.findall(rf"^{word}: (.*)$", text, re.MULTILINE)


def verdicts(folder: Path) -> dict[str, Verdict]:
    return {verdict.property: verdict for verdict in read_results(folder / "results.jsonl").verdicts}


def what_was_found(verdict: Verdict) -> tuple[Any, ...]:
    found = verdict.counterexample
    return verdict.word, verdict.sentence, verdict.seed, found and (found.case, found.command, found.script)


def files_of(out: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.suffix in (".py", ".jsonl")
    }


def test_again_finds_the_same_and_alone_shows_it_and_no_run_is_lost(folder: Path) -> None:
    asked = ("check", BROKEN, *OPTIONS, "-p", "STEP1", "-p", "GRAD1", "-p", "SYM1", "--out", "my results")
    first = run(*asked, cwd=folder, columns=40)
    assert first.returncode == 1, first.stdout + first.stderr
    before, files = verdicts(folder / "my results"), files_of(folder / "my results")
    again, alone = lines_after("again", first.stdout), lines_after("alone", first.stdout)
    assert len(again) == len(alone) == 1, "one cause, told by its smallest counterexample\n" + first.stdout
    assert lines_after("Next", first.stdout) == again
    for line, prop in zip(again * 2, ("GRAD1", "GRAD1"), strict=True):
        assert "--dtype float64 --seed 7 --profile quick --examples 3 --time-limit 20.5" in line
        done = typed(line, folder)
        assert done.returncode == 1, done.stdout + done.stderr
        after = verdicts(folder / "symtests-results")
        assert list(after) == [prop]
        assert what_was_found(after[prop]) == what_was_found(before[prop])
        assert lines_after("again", done.stdout) == [line]
    assert files_of(folder / "my results") == files, "it writes elsewhere"
    kept = [path.parent for path in (folder / "symtests-results" / "earlier").glob("*/results.jsonl")]
    assert [list(verdicts(place)) for place in kept] == [["GRAD1"]], "the first of the two"
    for line in alone:
        done = typed(line, folder)
        assert done.returncode == 1
        assert "AssertionError" in done.stderr


def test_a_second_run_into_the_same_folder_says_where_the_first_is(folder: Path) -> None:
    asked = ("check", BROKEN, *OPTIONS, "-p", "STEP1", "--no-diagnosis", "--out", "my results")
    first = run(*asked, cwd=folder)
    files = files_of(folder / "my results")
    second = run(*asked, cwd=folder)
    assert (first.returncode, second.returncode) == (1, 1), second.stdout + second.stderr
    place = re.search(r"^note: the run that was there before is now in (.*)$", second.stdout, re.MULTILINE)
    assert place is not None, second.stdout
    assert files_of(folder / place[1]) == files
    assert (folder / place[1] / "report.html").is_file()
    assert run("compare", place[1], "my results", cwd=folder).returncode == 0


def test_again_names_a_command_and_a_property_of_ones_own(folder: Path) -> None:
    (folder / "still.py").write_text(OTHER_LANGUAGE, encoding="utf-8")
    source = "from dataclasses import replace\nfrom symtests.properties import find\n"
    (folder / "own.py").write_text(f"{source}PROPERTY = replace(find('STEP1'), id='OWN_STEP')\n", encoding="utf-8")
    command = shlex.join([sys.executable, "still.py"])
    first = run("check", "--command", command, *OPTIONS, "-p", "own:PROPERTY", "--no-diagnosis", cwd=folder, columns=40)
    assert first.returncode == 1, first.stdout + first.stderr
    (line,) = lines_after("again", first.stdout)
    before = verdicts(folder / "symtests-results")
    done = typed(line, folder)
    assert done.returncode == 1, done.stdout + done.stderr
    assert what_was_found(verdicts(folder / "symtests-results")["OWN_STEP"]) == what_was_found(before["OWN_STEP"])


def test_vectors_are_asked_again(folder: Path) -> None:
    missing = run("vectors", "check", BROKEN, "--vectors", "my vectors.json", cwd=folder)
    line = missing.stderr.partition("write it with ")[2].strip()
    assert typed(line, folder).returncode == 0
    assert json.loads((folder / "my vectors.json").read_text(encoding="utf-8"))["vectors"]
    first = run(
        "vectors", "check", BROKEN, "--vectors", "my vectors.json", "--dtype", "float64", cwd=folder, columns=40
    )
    again = lines_after("again", first.stdout)
    assert again, first.stdout + first.stderr
    done = typed(again[0], folder)
    assert done.returncode == 1, done.stdout + done.stderr
    assert lines_after("again", done.stdout) == again[:1]


def test_an_interrupted_run_goes_on_by_the_line_that_it_prints(folder: Path) -> None:
    source = (
        (EXAMPLES / "my_network.py")
        .read_text(encoding="utf-8")
        .replace("trained = ", "__import__('time').sleep(0.02)\n        trained = ")
    )
    (folder / "slow net.py").write_text(source, encoding="utf-8")
    asked = ["check", "slow net.py:MyNetwork", *OPTIONS, "-p", "SYM", "--out", "my results", "--no-diagnosis"]
    running = subprocess.Popen(
        [sys.executable, "-c", "from symtests.cli import main; main()", *asked], cwd=folder, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, env={**os.environ, "COLUMNS": "40", "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    results, deadline = folder / "my results" / "results.jsonl", time.monotonic() + 120
    while not (results.is_file() and '"verdict"' in results.read_text(encoding="utf-8")):
        assert time.monotonic() < deadline
        assert running.poll() is None
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    out, errors = running.communicate(timeout=60)
    assert running.returncode == 130, out + errors
    kept = verdicts(folder / "my results")
    assert 0 < len(kept) < 5
    line = out.partition("Go on with: ")[2].splitlines()[0]
    done = typed(line, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    found = read_results(results)
    assert found.complete
    assert len(found.verdicts) == 5
    assert {prop: verdict.seconds for prop, verdict in verdicts(folder / "my results").items() if prop in kept} == {
        prop: verdict.seconds for prop, verdict in kept.items()
    }, "what was judged is not judged again"
    assert not (folder / "my results" / "earlier").exists()


def test_hints_of_a_list_are_typed(folder: Path) -> None:
    listed = run("list", cwd=folder, columns=60)
    hints = re.findall(r"symtests (?:list|show) \w+", listed.stdout)
    assert len(hints) == 3
    for hint in hints:
        done = typed(hint, folder)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip()
    shown = typed("symtests show STEP1", folder)
    (line,) = lines_after("check it", shown.stdout)
    done = typed(line, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(verdicts(folder / "symtests-results")) == {"STEP1"}


def test_the_time_limit_is_named_where_it_is_not_the_one_that_the_command_line_has() -> None:
    import inspect

    from symtests.commands import check, smoke, vectors

    for command in (check.check, smoke.smoke, vectors.check_vectors):
        assert inspect.signature(command).parameters["time_limit"].default == DEFAULT_CALL_LIMIT
