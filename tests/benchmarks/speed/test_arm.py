"""Tests of a side in a process of its own: whatever it does, a sentence says so, and nothing of it is left."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from symtests.benchmarks.speed.arm import Arm, ArmFault, Task


@contextmanager
def side(folder: Path, code: str, seconds: float = 60.0) -> Iterator[Arm]:
    (folder / "mine.py").write_text(code)
    task = Task(sys.executable, ("function", f"{folder}/mine.py:f", "mine"), folder, os.environ)
    arm = Arm(task, -1, seconds)
    try:
        yield arm
    finally:
        arm.close()


def test_a_benchmark_is_offered_timed_and_left(tmp_path: Path) -> None:
    with side(tmp_path, "def f():\n    return sum(range(1000))\n") as arm:
        offered = arm.next()
        assert offered is not None
        assert (offered.name, arm.order) == ("mine", ["mine"])
        times = arm.time(3, offered.calls, 60)
        assert len(times) == 3
        assert all(wall > 100_000 for wall, _ in times)
        arm.go_on()
        assert arm.next() is None


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (
            "import os\ndef f():\n    print('oh dear', flush=True)\n    os._exit(3)\n",
            r"ended with status 3; it printed:\noh dear",
        ),
        ("import os\ndef f():\n    os.kill(os.getpid(), 9)\n", "ended with status -9"),
        ("import os, sys\ndef f():\n    os.write(int(sys.argv[2]), b'rubbish\\n')\n", "wrote what is no answer"),
    ],
)
def test_what_goes_wrong_is_told(code: str, sentence: str, tmp_path: Path) -> None:
    with side(tmp_path, code) as arm, pytest.raises(ArmFault, match=sentence):
        arm.next()


def test_a_hang_ends_and_nothing_is_left(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)'])\n"
        f"open({str(tmp_path / 'pids')!r}, 'w').write(str(child.pid))\n"
        "def f():\n    time.sleep(1000)\n"
    )
    with side(tmp_path, code, seconds=5.0) as arm, pytest.raises(ArmFault, match="did not answer within 5 s"):
        arm.next()
    child = int((tmp_path / "pids").read_text())
    end = time.monotonic() + 30
    while _is_alive(child) and time.monotonic() < end:
        time.sleep(0.05)
    assert not _is_alive(child)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"  # one that is dead, and that nobody has asked about
