"""Arguments that several commands take, and what they stand for."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Final

import typer

from symtests.implementations import BUILT_IN
from symtests.implementations.command_name import PREFIX
from symtests.validation import InvalidValue, real_in

__all__ = [
    "OUT", "Commands", "Implementations", "Out", "Processes", "TimeLimit", "beside", "diagnoses_beside", "named",
    "results_file",
]  # fmt: skip

OUT: Final = Path("symtests-results")
"""Folder for results and report unless another is given."""

Implementations = Annotated[
    list[str] | None,
    typer.Argument(
        help=f"{', '.join(BUILT_IN)}, package.module:object or file.py:object; the Numba kernels unless given"
    ),
]
Commands = Annotated[
    list[str] | None,
    typer.Option("--command", help="an implementation in another language, as in 'node my_net.mjs'; may be repeated"),
]
Processes = Annotated[int | None, typer.Option("-n", help="processes; as many as cores unless given")]
TimeLimit = Annotated[
    float,
    typer.Option(
        help="seconds that one call may take",
        callback=lambda seconds: real_in("time_limit", seconds, 0.1, math.inf, open_end=True),
    ),
]
Out = Annotated[Path, typer.Option("--out", help="folder for the results and the report")]


def named(implementations: list[str] | None, commands: list[str] | None) -> list[str]:
    """Return implementations and commands by the names under which they are found."""
    return [*(implementations or []), *(PREFIX + command for command in commands or [])]


def results_file(name: str, given: Path) -> Path:
    """Return the results file that a path stands for: itself, or the one in that folder.

    Raises
    ------
    InvalidValue
        Where there is none; `name` says which argument it was.
    """
    from symtests.checking.results.results_file import RESULTS_FILE

    path = given / RESULTS_FILE if given.is_dir() else given
    if not path.is_file():
        raise InvalidValue(f"{name}={str(given)!r}: must be a results file or its folder; run symtests check first")
    return path


def beside(results: Path, name: str) -> Path | None:
    """Return the file of this name in the folder of a results file, if it is there."""
    path = results.parent / name
    return path if path.is_file() else None


def diagnoses_beside(results: Path) -> list[Path]:
    """Return what `symtests diagnose --out` has left in the folder of a results file."""
    return sorted(path for path in results.parent.glob("diagnosis-*.json") if path.is_file())
