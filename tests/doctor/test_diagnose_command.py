"""symtests diagnose, as a real process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command_line import EXAMPLES, run

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


def test_a_page_is_written_beside_the_report(tmp_path: Path) -> None:
    done = run("diagnose", DEAD, "--html", "page.html", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert page.count("<svg") == 2
    refused = run("diagnose", DEAD, "--html", "nowhere/page.html", cwd=tmp_path)
    assert refused.returncode == 2
    assert "name another file" in refused.stderr
