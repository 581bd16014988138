"""The command line, as a real process."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def run(*arguments: str, cwd: Path, columns: int = 200) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": str(columns), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-c", "from symtests.cli import main; main()", *arguments],
        cwd=cwd, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False,
    )  # fmt: skip


def run_here(*arguments: str, cwd: Path, columns: int = 200) -> subprocess.CompletedProcess[str]:
    """Run a command in this process, which has imported what it needs: many commands cost less than one process each.

    What it prints and its exit status are those of the process; where a process ends is not tried.
    """
    from symtests.cli import main

    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n") for _ in range(2))
    words = ["symtests", *arguments]
    before = Path.cwd()
    os.chdir(cwd)
    try:
        with (
            patch.object(sys, "argv", words),
            patch.dict(os.environ, {"COLUMNS": str(columns)}),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as end:
                status = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        os.chdir(before)
    return subprocess.CompletedProcess(words, status, *(_text_of(stream) for stream in (out, err)))


def _text_of(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode("utf-8")
