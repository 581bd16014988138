"""Functions in C, built by the machine's own compiler when they are measured."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from symtests.benchmarks.comparison import NotMeasured

__all__ = ["compiled"]

_COMPILERS: Final = ("gcc", "cc", "clang")
_OPTIONS: Final = ("-O3", "-march=native", "-shared", "-fPIC")


def compiled(source: str, definitions: Sequence[str], options: Sequence[str] = ()) -> ctypes.CDLL:
    """Return a library built from a file of ``benchmarks/c``.

    Parameters
    ----------
    source
        Name of the file.
    definitions
        What the preprocessor is told, as in ``HIDDEN=2``.
    options
        For the compiler, beside ``-O3 -march=native``.

    Raises
    ------
    NotMeasured
        Where there is no compiler, or it fails.
    """
    compiler = next(filter(None, map(shutil.which, _COMPILERS)), None)
    if compiler is None or sys.platform == "win32":
        raise NotMeasured(f"no C compiler was found among {', '.join(_COMPILERS)}; install one")
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder) / "built.so"
        command = [compiler, *_OPTIONS, *options, *(f"-D{each}" for each in definitions), "-o", str(built)]
        path = Path(__file__).resolve().parent / "c" / source
        outcome = subprocess.run([*command, str(path), "-lm"], capture_output=True, text=True, check=False)
        if outcome.returncode != 0:
            lines = outcome.stderr.strip().splitlines() or ["without a word"]
            raise NotMeasured(f"{Path(compiler).name} failed: {lines[0][:200]}")
        return ctypes.CDLL(str(built))  # stays loaded when the file is gone
