"""Tries the elementary functions of the kernels on all 2^32 float32 numbers, and keeps a record of what came of it.

``python -m tests.evidence.every_float --help`` names the options. A function is tried again only after its sources
have changed; a run may be interrupted at any time and goes on where it ended. The exit status is 1 where a promise is
broken.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from symtests.validation import InvalidValue
from tests.evidence.elementary import FUNCTIONS
from tests.evidence.float_page import broken_promises, page
from tests.evidence.float_record import Row, fresh_row, read, write
from tests.evidence.float_trial import Trial, chunks_of, try_chunk

__all__ = ["Task", "tasks_of", "trials"]

Task = tuple[str, int]
"""A function and one chunk of all float32 numbers."""
_SECONDS_BETWEEN: Final = 10.0
"""Between two writings of the record, and between two plain lines of progress."""


def tasks_of(rows: dict[str, Row], names: Sequence[str]) -> list[Task]:
    """Return what the record lacks, in order."""
    return [(name, chunk) for name in names for chunk in chunks_of(FUNCTIONS[name])[rows[name].chunks :]]


def trials(tasks: Sequence[Task], processes: int) -> Iterator[tuple[Task, Trial]]:
    """Make the trials in parallel; yield them in order as they come."""
    # Started afresh, as on every system: a process that is copied while threads run may hang.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        try:
            yield from zip(tasks, pool.map(try_chunk, *zip(*tasks, strict=True)), strict=True)
        finally:
            pool.shutdown(cancel_futures=True)


def _follow(tasks: Sequence[Task], rows: dict[str, Row], path: Path, processes: int, out: Console) -> None:
    """Make the trials and keep the record up to date; say how far it is."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    begun = written = time.monotonic()
    with Progress(*columns, TextColumn("left"), console=out, transient=True, disable=not out.is_terminal) as progress:
        bar = progress.add_task("", total=len(tasks))
        try:
            for made, ((name, _), trial) in enumerate(trials(tasks, processes), start=1):
                rows[name].chunks += 1
                rows[name].trial.join(trial)
                progress.update(bar, advance=1, description=name)
                if time.monotonic() > written + _SECONDS_BETWEEN:
                    written = time.monotonic()
                    write(rows, path)
                    if not out.is_terminal:
                        left = (written - begun) / made * (len(tasks) - made) / 60
                        out.print(f"{name}: {made} of {len(tasks)} chunks, about {left:.0f} min left", markup=False)
        finally:
            write(rows, path)


def main(
    function: Annotated[list[str] | None, typer.Argument(help="All unless named.")] = None,
    processes: Annotated[int, typer.Option("-n", min=1, help="How many at once.")] = 2,
    record: Annotated[Path, typer.Option(help="Where the record is.")] = Path("elementary_functions.json"),
    write_page: Annotated[Path | None, typer.Option("--write", help="Write the page for people here.")] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Try again what is on record, too.")] = False,
) -> None:
    """Try every elementary function on every float32 number; keep a record; fail where a promise is broken."""
    out = Console()
    names = list(function or FUNCTIONS)
    for name in names:
        if name not in FUNCTIONS:
            error = InvalidValue(f"function={name!r}: must be one of {', '.join(FUNCTIONS)}")
            out.print(f"error: {error}", markup=False, soft_wrap=True)
            raise typer.Exit(2)
    rows = read(record)
    for name in names:
        if anew or name not in rows or rows[name].sources != FUNCTIONS[name].sources:
            out.print(f"{name}: float64 results against mpmath", markup=False)
            rows[name] = fresh_row(FUNCTIONS[name])
    interrupted = False
    try:
        if tasks := tasks_of(rows, names):
            _follow(tasks, rows, record, processes, out)
    except KeyboardInterrupt:
        interrupted = True
    write(rows, record)
    if write_page is not None:
        write_page.write_text(page(rows), encoding="utf-8")
    broken = [sentence for name in names for sentence in broken_promises(FUNCTIONS[name], rows[name])]
    for sentence in broken:
        out.print(sentence, markup=False, soft_wrap=True)
    out.print(f"{len(names)} functions, {len(broken)} broken promises; kept in {record}", markup=False, soft_wrap=True)
    raise typer.Exit(130 if interrupted else 1 if broken else 0)


if __name__ == "__main__":
    typer.run(main)
