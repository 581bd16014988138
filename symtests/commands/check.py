"""`symtests check`: tries the properties on implementations and writes the report."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
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
    named,
    results_file,
)
from symtests.exit_status import INTERRUPTED
from symtests.shown_text import shell_line
from symtests.terminal_text import terminal, typed
from symtests.validation import InvalidValue

if TYPE_CHECKING:  # the engine loads Hypothesis, which `symtests --help` does not need
    from symtests.checking.events import Event
    from symtests.checking.results.verdict import Verdict

__all__ = ["TYPED", "check"]

DATABASE: Final = Path(".symtests") / "examples"
TYPED: Final = "symtests.check"
"""Under this key of the context stand the words of a check that another command makes."""


def check(
    context: typer.Context,
    implementations: Implementations = None,
    commands: Commands = None,
    properties: Annotated[
        list[str] | None,
        typer.Option(
            "--property", "-p", help="only this property, family or group, as in GRAD1 or GRAD; may be repeated"
        ),
    ] = None,
    dtypes: Annotated[list[str] | None, typer.Option("--dtype", help="float32 or float64; both unless given")] = None,
    profile: Annotated[str, typer.Option(help="quick, default or nightly")] = "default",
    seed: Annotated[int | None, typer.Option(help="another number, other cases; 0 unless given")] = None,
    examples: Annotated[int | None, typer.Option(help="cases of each property and tier")] = None,
    processes: Processes = None,
    time_limit: TimeLimit = 30.0,
    no_diagnosis: Annotated[
        bool, typer.Option("--no-diagnosis", help="do not ask further what is wrong with what breaks a property")
    ] = False,
    known: Annotated[
        Path | None, typer.Option("--known", help="file of known failures, whose counterexamples are tried first")
    ] = None,
    write_known: Annotated[
        Path | None, typer.Option("--write-known", help="the same, and enter what fails, take out what is mended")
    ] = None,
    properties_of: Annotated[
        str | None, typer.Option("--properties-of", help="try no property that is newer than this release, as in 0.1")
    ] = None,
    laws_of: Annotated[str | None, typer.Option("--laws-of", hidden=True)] = None,  # old word
    against: Annotated[
        Path | None, typer.Option("--against", help="results of an older run: fail only for what is newly failing")
    ] = None,
    out: Out = OUT,
    resume: Annotated[bool, typer.Option("--resume", help="go on with the run in the folder of --out")] = False,
    shard: Annotated[
        str | None,
        typer.Option("--shard", help="do one share of the checks, as in 2/8; symtests merge joins them"),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", help="have a Dask cluster judge: tcp://host:8786, or local"),
    ] = None,
    send: Annotated[
        list[Path] | None, typer.Option("--send", help="file or folder that goes along to the cluster; may be repeated")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print each verdict as a line of JSON")] = False,
    junit: Annotated[Path | None, typer.Option(help="also write the verdicts to this file, as JUnit XML")] = None,
) -> None:
    """Check implementations and write the report."""
    arguments: list[str] = context.meta.get(TYPED, sys.argv[1:])
    console = terminal(stderr=as_json)
    with console.status("starting") if console.is_terminal else nullcontext():
        import symtests.checking  # noqa: F401 # loads Hypothesis, for which a person waits
    from symtests.checking import check as run_check
    from symtests.checking.results.results_file import read_results
    from symtests.commands.run_files import RunFiles
    from symtests.commands.watched import Watched

    if known is not None and write_known is not None and known.resolve() != write_known.resolve():
        raise InvalidValue(f"write_known={str(write_known)!r}: must be the file of --known; leave out one of them")
    if shard is not None and (against is not None or write_known is not None):
        name = "against" if against is not None else "write_known"
        raise InvalidValue(f"{name}: is about a whole run; leave it out with --shard, and give it to symtests merge")
    baseline = None if against is None else read_results(results_file("against", against))
    files = RunFiles(out, junit, write_known, properties or [], baseline, str(against), as_json, console)
    files.require_writable()
    events = run_check(
        named(implementations, commands) or ["numba"],
        properties=properties or None,
        dtypes=dtypes or None,
        profile=profile,
        seed=seed,
        examples=examples,
        processes=processes,
        call_limit=time_limit,
        out=out,
        resume=files.results if resume else None,
        shard=shard,
        scheduler=scheduler,
        send=send or (),
        database=DATABASE,
        known=known or (write_known if write_known is not None and write_known.exists() else None),
        properties_of=laws_of if properties_of is None else properties_of,  # old word
        diagnosis=not no_diagnosis,
        command=shell_line(["symtests", *arguments]),
    )
    run = Watched(_loading_charts(events), files)
    try:
        status = run.follow(_print_json if as_json else None)
    except KeyboardInterrupt:
        again = typed(_resuming(arguments), console.encoding)
        console.print(f"Stopped; what was judged is kept. Go on with: {again}", soft_wrap=True, markup=False)
        raise typer.Exit(INTERRUPTED) from None
    raise typer.Exit(status)


def _resuming(arguments: Sequence[str]) -> str:
    """Return the line that goes on with a run: it asks the same, or the results would be those of another question."""
    place = arguments.index("check") + 1 if "check" in arguments else 0
    options = [each for each in arguments[place:] if each != "--resume"]
    return shell_line(["symtests", "check", "--resume", *options])


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


def _print_json(verdict: Verdict) -> None:
    typer.echo(json.dumps(verdict.to_json()))  # in ASCII: nothing in it steers a terminal
