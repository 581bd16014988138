"""What the kernels say of their compilation before it costs a minute, and while it does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from symtests.implementations import numba_kernels
from symtests.implementations.numba_kernels import NumbaKernels


@pytest.mark.parametrize(
    ("folder", "compiled", "words"),
    [
        (None, False, ["anew in each process and each time", "set NUMBA_CACHE_DIR to a folder of your own"]),
        (Path("kept here"), False, ["compiles its kernels, once", "kept here"]),
        (Path("kept here"), True, []),
    ],
)
def test_what_becomes_of_the_compiled_kernels_is_said_in_one_line(
    folder: Path | None, compiled: bool, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numba_kernels, "cache_folder", lambda: folder)
    monkeypatch.setattr(numba_kernels, "compiled_before", lambda: compiled)
    remark = NumbaKernels().remark
    assert all(word in remark for word in words)
    assert bool(remark) == bool(words)
    assert "\n" not in remark


@pytest.mark.parametrize(("folder", "often"), [(None, "compiling: "), (Path("here"), "compiling, once: ")])
def test_progress_says_how_many_functions_are_compiled(
    folder: Path | None, often: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Callable[[int, int], None]] = []
    said: list[str] = []
    monkeypatch.setattr(numba_kernels, "cache_folder", lambda: folder)
    monkeypatch.setattr(numba_kernels, "tell_progress", told.append)
    NumbaKernels().report_progress_to(said.append)
    told[0](3, 58)
    assert said == [f"{often}3 of 58 functions"]


@pytest.mark.skipif(os.name != "posix", reason="where nobody can write is /dev/null alone")
def test_where_nothing_can_be_kept_this_is_said() -> None:
    """As with a read-only home: in a process of its own, which has not chosen its folder yet."""
    program = "from symtests.implementations.numba_kernels import NumbaKernels; print(NumbaKernels().remark)"
    environment = {**os.environ, "NUMBA_CACHE_DIR": "/dev/null/folder"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert "anew in each process and each time" in done.stdout
    assert len(done.stdout.splitlines()) == 1
