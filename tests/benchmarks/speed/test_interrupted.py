"""Whenever the command is interrupted, nothing runs on, and the next run deletes what is left."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.benchmarks.speed.test_environment import git
from tests.test_speed_command import AVERAGE, PACKAGE

COMMAND = (sys.executable, "-c", "from symtests.cli import main; main()", "speed")


def environment(cache: Path) -> dict[str, str]:
    return {**os.environ, "SYMTESTS_SPEED_CACHE": str(cache), "INTERRUPTED": str(cache)}


def of_this_run(cache: Path) -> list[int]:
    """Return the processes that have inherited the environment of the command."""
    marked = f"INTERRUPTED={cache}".encode()
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if marked in environment_in(folder)]


def environment_in(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:  # it has ended, or is another user's
        return b""


def interrupt(words: tuple[str, ...], cwd: Path, cache: Path, seconds: float, how: signal.Signals) -> None:
    process = subprocess.Popen(
        [*COMMAND, *words], cwd=cwd, env=environment(cache), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(seconds)
    process.send_signal(how)
    process.wait(60)
    end = time.monotonic() + 120  # a pip whose owner was killed ends by itself
    while of_this_run(cache) and time.monotonic() < end:
        time.sleep(0.05)
    assert of_this_run(cache) == []


def left(cache: Path) -> list[str]:
    home = cache / "symtests" / "speed"
    half = list(home.glob("checkouts/*.building"))
    half += [path for path in home.glob("environments/*") if path.is_dir() and not (path / ".whole").exists()]
    return [str(path.relative_to(home)) for path in (*half, *home.glob("scratch/*"))]


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found in /proc")
def test_nothing_is_left_of_functions(tmp_path: Path) -> None:
    # a cache in the folder of the command would be a folder named symtests, which Python would import
    cache, draw = tmp_path / "cache", random.Random()
    words = f"{AVERAGE}:cumulated", f"{AVERAGE}:cumulated"
    for how in (signal.SIGKILL, signal.SIGINT) * 3:
        interrupt(words, tmp_path, cache, draw.uniform(0.3, 5.0), how)
    last = words[0], f"{AVERAGE}:off_by_one"
    done = subprocess.run([*COMMAND, *last], cwd=tmp_path, env=environment(cache), check=False, capture_output=True)
    assert b"refused" in done.stdout
    assert (cache / "symtests" / "speed" / "scratch").is_dir()
    assert left(cache) == []


@pytest.mark.thorough
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found in /proc")
def test_nothing_is_left_of_revisions(tmp_path: Path) -> None:
    repository, cache, draw = tmp_path / "repository", tmp_path / "cache", random.Random()
    for name, text in PACKAGE.items():
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_text(text)
    git(repository, "init", "-q")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "one")
    before = sorted(repository.rglob("*"))
    words = "HEAD", "--", "tests"
    for how in (signal.SIGKILL, signal.SIGINT) * 2:
        interrupt(words, repository, cache, draw.uniform(0.3, 12.0), how)
    done = subprocess.run([*COMMAND, *words], cwd=repository, env=environment(cache), check=False, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert left(cache) == []
    assert sorted(repository.rglob("*")) == before
