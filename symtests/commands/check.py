"""`symtests check`: tries the laws on implementations and writes the report."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated, Final

import typer

from symtests.commands.arguments import (
    OUT,
    Commands,
    Implementations,
    Out,
    Processes,
    TimeLimit,
    beside,
    named,
    results_file,
)
from symtests.shown_text import shell_line
from symtests.terminal_text import terminal
from symtests.validation import InvalidValue

if TYPE_CHECKING:  # the engine loads Hypothesis, which `symtests --help` does not need
    from rich.console import Console

    from symtests.checking.events import Event
    from symtests.checking.results.results_file import Results
    from symtests.checking.results.verdict import Verdict

__all__ = ["check"]

DATABASE: Final = Path(".symtests") / "examples"


def check(
    implementations: Implementations = None,
    commands: Commands = None,
    laws: Annotated[
        list[str] | None,
        typer.Option("--property", "-p", help="only this law, family or group, as in GRAD1 or GRAD; may be repeated"),
    ] = None,
    dtypes: Annotated[list[str] | None, typer.Option("--dtype", help="float32 or float64; both unless given")] = None,
    profile: Annotated[str, typer.Option(help="quick, default or nightly")] = "default",
    seed: Annotated[int | None, typer.Option(help="another number, other cases; 0 unless given")] = None,
    examples: Annotated[int | None, typer.Option(help="cases of each law and tier")] = None,
    processes: Processes = None,
    time_limit: TimeLimit = 30.0,
    known: Annotated[
        Path | None, typer.Option("--known", help="file of known failures, whose counterexamples are tried first")
    ] = None,
    write_known: Annotated[
        Path | None, typer.Option("--write-known", help="the same, and enter what fails, take out what is mended")
    ] = None,
    laws_of: Annotated[
        str | None, typer.Option("--laws-of", help="try no law that is newer than this release, as in 0.1")
    ] = None,
    against: Annotated[
        Path | None, typer.Option("--against", help="results of an older run: fail only for what is newly failing")
    ] = None,
    out: Out = OUT,
    resume: Annotated[bool, typer.Option("--resume", help="go on with the run in the folder of --out")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print each verdict as a line of JSON")] = False,
    junit: Annotated[Path | None, typer.Option(help="also write the verdicts to this file, as JUnit XML")] = None,
) -> None:
    """Check implementations and write the report."""
    from symtests.checking import check as run_check
    from symtests.checking.results.changes import CHANGES_FILE
    from symtests.checking.results.results_file import RESULTS_FILE, read_results
    from symtests.terminal import follow

    if known is not None and write_known is not None and known.resolve() != write_known.resolve():
        raise InvalidValue(f"write_known={str(write_known)!r}: must be the file of --known; leave out one of them")
    listed = known or (write_known if write_known is not None and write_known.exists() else None)
    results = out / RESULTS_FILE
    baseline = None if against is None else read_results(results_file("against", against))
    (out / CHANGES_FILE).unlink(missing_ok=True)  # of the run that this one replaces
    events = run_check(
        named(implementations, commands) or ["numba"],
        properties=laws or None,
        dtypes=dtypes or None,
        profile=profile,
        seed=seed,
        examples=examples,
        processes=processes,
        call_limit=time_limit,
        out=out,
        resume=results if resume else None,
        database=DATABASE,
        known=listed,
        laws_of=laws_of,
        command=shell_line(["symtests", *sys.argv[1:]]),
    )
    console = terminal(stderr=as_json)
    try:
        finished = follow(_loading_charts(events), console, on_verdict=_print_json if as_json else None)
    except KeyboardInterrupt:
        again = "symtests check --resume" + ("" if out == OUT else f" --out {out}")
        console.print(f"Stopped; what was judged is kept. Go on with: {again}", soft_wrap=True, markup=False)
        raise typer.Exit(130) from None
    if write_known is not None:
        _write_known(write_known, results, laws, console)
    if junit is not None:
        from symtests.checking.results.junit import write_junit

        write_junit(junit, read_results(results))
    status = finished.exit_status
    if baseline is not None:
        status = _tell_changes(baseline, str(against), results, console, as_json)
    from symtests.reports import write_report

    page, _ = write_report(results, out, beside(results, "benchmarks.json"), beside(results, CHANGES_FILE))
    console.print(f"Report: {page}", soft_wrap=True, highlight=False)
    raise typer.Exit(status)


def _loading_charts(events: Iterable[Event]) -> Iterator[Event]:
    """Give the events on; load what draws the charts while the first implementation is made ready: one core is free."""
    from symtests.checking.events import Preparing

    loading: Thread | None = None
    for event in events:
        if loading is None and isinstance(event, Preparing):
            loading = Thread(target=_load_charts)
            loading.start()
        yield event


def _load_charts() -> None:
    from symtests.reports import load_charts

    load_charts()


def _write_known(path: Path, results: Path, laws: list[str] | None, console: Console) -> None:
    """Write the file of known failures; the exit status stays, so that no check turns green by writing."""
    from symtests.checking.known.writing import write_known
    from symtests.checking.results.results_file import read_results
    from symtests.checking.selection import selected_laws

    done = write_known(path, read_results(results).verdicts, selected_laws(laws or None).values())
    said = f"Known failures: {path} ({done.added} added, {done.updated} written again, {done.removed} removed)"
    console.print(said, soft_wrap=True, highlight=False, markup=False)


def _tell_changes(old: Results, name: str, results: Path, console: Console, as_json: bool) -> int:
    """Print what has changed and leave it beside the results; return the exit status that it deserves."""
    from symtests.checking.results.changes import CHANGES_FILE, changes_between
    from symtests.checking.results.results_file import read_results
    from symtests.terminal_changes import changes_table

    new = read_results(results)
    changes = changes_between(old.verdicts, new.verdicts)
    document = json.dumps(changes.to_json(old, new))
    results.with_name(CHANGES_FILE).write_text(document + "\n", encoding="utf-8")
    if as_json:
        typer.echo(document)
    console.print(changes_table(changes, name))
    return changes.exit_status


def _print_json(verdict: Verdict) -> None:
    typer.echo(json.dumps(verdict.to_json()))  # in ASCII: nothing in it steers a terminal
