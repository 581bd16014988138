"""Tests of checkouts and environments: used again by what they hold, and whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from symtests.benchmarks.speed import environment
from symtests.benchmarks.speed.environment import Checkout, cache_folder, checkout_of, environment_of
from symtests.validation import InvalidValue


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=nobody", "-c", "user.email=nobody@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", "-C", str(folder), *identity, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    for number in (1, 2):
        (folder / "file.txt").write_text(str(number))
        git(folder, "add", "file.txt")
        git(folder, "commit", "-q", "-m", f"number {number}")
    return folder


def test_a_checkout_holds_its_revision_and_leaves_the_repository_alone(repository: Path, tmp_path: Path) -> None:
    before = sorted(str(path) for path in repository.rglob("*"))
    old = checkout_of(repository, "HEAD~1", tmp_path / "cache")
    new = checkout_of(repository, "main", tmp_path / "cache")
    assert [(each.folder / "file.txt").read_text() for each in (old, new)] == ["1", "2"]
    assert new.commit == git(repository, "rev-parse", "HEAD")
    assert git(repository, "worktree", "list").count("\n") == 0
    assert sorted(str(path) for path in repository.rglob("*")) == before
    (new.folder / "mark").touch()
    assert (checkout_of(repository, new.commit, tmp_path / "cache").folder / "mark").exists(), "it is used again"


@pytest.mark.parametrize("revision", ["nowhere", "-x", "--all", "HEAD~99", ""])
def test_what_is_no_revision_costs_a_sentence(revision: str, repository: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="is no commit, branch or tag of"):
        checkout_of(repository, revision, tmp_path / "cache")


def test_outside_of_a_repository_one_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="not a git repository"):
        checkout_of(tmp_path, "HEAD", tmp_path / "cache")


def test_what_was_left_half_built_is_built_anew(repository: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    commit = git(repository, "rev-parse", "HEAD")
    half = cache / "checkouts" / f"{commit}.building"
    half.mkdir(parents=True)
    (half / "rubbish").touch()
    (cache / "checkouts" / f"{commit}.lock").touch()  # of an owner that is gone
    found = checkout_of(repository, "HEAD", cache)
    assert sorted(path.name for path in found.folder.iterdir()) == [".git", "file.txt"]
    assert not half.exists()


def test_an_environment_is_made_once_for_what_it_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[list[str]] = []
    real = environment._run

    def run(otherwise: str, words: list[str], *rest: dict[str, str] | None) -> str:
        if "venv" in words or "pip" in words:
            made.append(words)
            Path(words[-1]).mkdir(parents=True, exist_ok=True) if "venv" in words else None
            return ""
        return real(otherwise, words, *rest)

    monkeypatch.setattr(environment, "_run", run)
    one = Checkout(tmp_path / "one", "c1", "tree")
    same = Checkout(tmp_path / "two", "c2", "tree")
    first = environment_of(one, sys.executable, tmp_path / "cache")
    assert environment_of(same, sys.executable, tmp_path / "cache") == first
    assert len(made) == 2
    assert made[1][-1] == str(one.folder)
    assert environment_of(one, sys.executable, tmp_path / "cache", ["numba==0.61.2"]) != first
    assert made[3][-2:] == [str(one.folder), "numba==0.61.2"]


def test_an_environment_that_cannot_be_made_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = environment._run

    def run(otherwise: str, words: list[str], *rest: dict[str, str] | None) -> str:
        if "venv" in words:
            Path(words[-1]).mkdir(parents=True)
            return ""
        return real(otherwise, words, *rest)

    monkeypatch.setattr(environment, "_run", run)
    with pytest.raises(InvalidValue, match="pip cannot install what is to be measured"):
        environment_of(None, sys.executable, tmp_path / "cache", ["nothing"])
    assert [path.suffix for path in (tmp_path / "cache" / "environments").iterdir()] == [".lock"]


def test_an_interpreter_that_does_not_run_costs_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="is no interpreter that runs"):
        environment_of(None, str(tmp_path / "python"), tmp_path / "cache")


def test_the_cache_is_where_the_user_wants_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SYMTESTS_SPEED_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path / "symtests" / "speed"
    assert os.environ["SYMTESTS_SPEED_CACHE"] == str(tmp_path)
