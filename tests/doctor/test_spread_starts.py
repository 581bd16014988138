"""Many starts in blocks: the same counts as one after the other, wherever each block is tried."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from symtests.doctor import diagnose
from symtests.doctor.loading import handed_in
from symtests.doctor.spread_starts import question_of, tried
from symtests.spreading.block import blocks_of
from symtests.spreading.place import Place
from symtests.validation import InvalidValue
from tests.command_line import run

SOMETIMES_DEAD = """
import torch
def build():
    net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU(), torch.nn.Linear(2, 1))
    torch.nn.init.constant_(net[0].bias, -0.5)
    return net
def batch(step):
    random = torch.Generator().manual_seed(step)
    return torch.rand(8, 2, generator=random), torch.rand(8, 1, generator=random)
"""
ASKED = ("diagnose", "net.py", "--starts", "24", "--steps", "2", "--json")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "net.py").write_text(SOMETIMES_DEAD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def starts_of(*words: str, cwd: Path) -> Any:
    done = run(*ASKED, *words, cwd=cwd)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)["starts"]


def test_shares_are_put_together_to_what_one_process_counts(place: Path) -> None:
    alone = starts_of(cwd=place)
    assert any(0 < share["count"] < 24 for share in alone)
    shares = [starts_of("--shard", f"{number}/2", "--out", str(number), "-n", "1", cwd=place) for number in (1, 2)]
    assert sum(share[-1]["starts"] for share in shares) == 24
    records = [(place / name / "starts-net.jsonl").read_bytes() for name in "12"]
    joined = starts_of("--from", "1", "--from", "2", "--out", "all", cwd=place)
    assert sorted(joined, key=str) == sorted(alone, key=str)
    assert [(place / name / "starts-net.jsonl").read_bytes() for name in "12"] == records


def test_each_block_is_what_the_examination_counts(place: Path) -> None:
    counts = tried(question_of("net.py:build", 3, 5), blocks_of(6, 4), Place(), place / "out")
    handed = handed_in("net.py")
    whole = diagnose(handed.model, handed.batch, steps=3, seed=5, starts=6).starts
    assert whole is not None
    assert sorted(counts.shares(3).to_json(), key=str) == sorted(whole.to_json(), key=str)


def test_another_model_and_missing_starts_are_refused(place: Path) -> None:
    tried(question_of("net.py", 1, 0), blocks_of(1, 4), Place(), place / "out")
    (place / "net.py").write_text(SOMETIMES_DEAD + "\n")
    with pytest.raises(InvalidValue, match="was found with model="):
        tried(question_of("net.py", 1, 0), blocks_of(1, 4), Place(), place / "out")
    with pytest.raises(InvalidValue, match=r"no file nothing\.py"):
        question_of("nothing.py:build", 1, 0)
    said = run("diagnose", "net.py", "--shard", "1/2", cwd=place)
    assert (said.returncode, "add --starts" in said.stderr) == (2, True)
