"""symtests diagnose, as a real process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.command_line import EXAMPLES, run
from tests.doctor.sarif_schema import SCHEMA

DEAD = str(EXAMPLES / "dead_model.py")
HEALTHY = """
import torch
def build():
    print("the user's own words")
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))
def batch(step):
    random = torch.Generator().manual_seed(step)
    return torch.randn(8, 3, generator=random), torch.randn(8, 2, generator=random)
"""


def test_the_example_is_dead_for_two_reasons(tmp_path: Path) -> None:
    done = run("diagnose", DEAD, cwd=tmp_path, columns=80)
    assert done.returncode == 1, done.stderr
    said = " ".join(done.stdout.split())
    assert "✗ 2 fatal" in said
    assert "skip.down, skip.up: a gradient of exactly 0 at all 20 steps" in said
    assert 'nn.init.zeros_(model.get_parameter("net.0.bias"))' in said
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_json_and_many_starts(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(HEALTHY)
    done = run("diagnose", "net.py:build", "--json", "--starts", "4", "--steps", "5", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    assert data["fatal"] == 0
    assert data["groups"][0] | {"parts": []} == {
        "name": "0", "kind": "hidden units", "size": 4, "width": 4, "dead": [], "parts": []
    }  # fmt: skip
    assert data["tensors"]["0.weight"]["first_gradient"] == 0
    assert data["starts"][-1]["starts"] == 4
    assert "the user's own words" in done.stderr


def test_markdown_and_accepted_findings(tmp_path: Path) -> None:
    arguments = ("diagnose", DEAD, "--markdown", "--accept", "skip.*=a stub", "--accept", "stuck=known")
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("**symtests diagnose: 0 fatal")
    assert "(accepted: a stub)" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.py"], "no file nowhere.py"),
        ([DEAD, "--steps", "0"], "steps=0: must be a whole number of at least 1"),
        ([DEAD, "--starts", "-1"], "starts=-1: must be a whole number of at least 0"),
        ([DEAD, "--accept", "x"], "accept='x': must be PATTERN=REASON"),
        ([DEAD, "--json", "--markdown"], "exclude each other"),
        ([f"{DEAD}:bild"], "did you mean 'build'?"),
        ([f"{DEAD}:batch"], "build: raised TypeError"),
    ],
)
def test_wrong_usage_costs_one_sentence(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    done = run("diagnose", *arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stdout
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_findings_are_written_for_the_lines_of_a_pull_request(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "src").mkdir()
    path = tmp_path / "src" / "dead_model.py"
    path.write_bytes(Path(DEAD).read_bytes())
    done = run("diagnose", "dead_model.py", "--sarif", "found.sarif", cwd=tmp_path / "src")
    assert done.returncode == 1, done.stderr
    document = json.loads((tmp_path / "src" / "found.sarif").read_text(encoding="utf-8"))
    Draft202012Validator(SCHEMA).validate(document)
    places = [each["locations"][0]["physicalLocation"] for each in document["runs"][0]["results"]]
    assert {each["artifactLocation"]["uri"] for each in places} == {"src/dead_model.py"}, "below the repository"
    lines = path.read_text(encoding="utf-8").splitlines()
    named = [lines[each["region"]["startLine"] - 1].strip() for each in places]
    assert named[0] == "first = nn.Linear(8, 16)"
    assert named[1] == "self.down = nn.Parameter(torch.zeros(rank, inputs))"


def test_the_next_report_on_a_run_has_the_model(tmp_path: Path) -> None:
    done = run("diagnose", DEAD, "--out", "results", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    checked = run(
        "check", "numpy", "--profile", "quick", "-p", "ZERO1", "--dtype", "float64", "--out", "results", cwd=tmp_path
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    for page in ("report.html", "report.md"):
        assert "dead_model.py" in (tmp_path / "results" / page).read_text(encoding="utf-8").replace("\\", "")
    again = run("report", "results", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert "2 fatal" in (tmp_path / "results" / "report-short.md").read_text(encoding="utf-8")


def test_json_has_words_for_what_is_no_number(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(f"{HEALTHY}\ndef loss(output, target): return output.sum() * float('nan')\n")
    done = run("diagnose", "net.py", "--json", "--steps", "2", cwd=tmp_path)
    data = json.loads(done.stdout, parse_constant=pytest.fail)
    assert data["losses"][0] == "NaN"


def test_a_page_is_written_beside_the_report(tmp_path: Path) -> None:
    done = run("diagnose", DEAD, "--html", "page.html", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert page.count("<svg") == 2
    refused = run("diagnose", DEAD, "--html", "nowhere/page.html", cwd=tmp_path)
    assert refused.returncode == 2
    assert "name another file" in refused.stderr
