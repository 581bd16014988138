"""`symtests merge`: joins the folders of the shards of one run, and writes the report on all of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from symtests.commands.arguments import Out, results_file
from symtests.terminal_text import terminal

if TYPE_CHECKING:  # the engine loads Hypothesis, which `symtests --help` does not need
    from symtests.checking.events import Event
    from symtests.checking.sharding.joining import Joined

__all__ = ["merge"]


def merge(
    shards: Annotated[list[Path], typer.Argument(help="folders of symtests check --shard, in any order")],
    out: Out = Path("symtests-results"),
    known: Annotated[
        Path | None, typer.Option("--write-known", help="file of known failures: enter what fails, take out the rest")
    ] = None,
    against: Annotated[
        Path | None, typer.Option("--against", help="results of an older run: fail only for what is newly failing")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print each verdict as a line of JSON")] = False,
    junit: Annotated[Path | None, typer.Option(help="also write the verdicts to this file, as JUnit XML")] = None,
) -> None:
    """Join the shards of one run; the result is that of the whole run on one machine."""
    from symtests.checking.results.results_file import read_results
    from symtests.checking.sharding.joining import join
    from symtests.checking.sharding.writing import require_other, write_joined
    from symtests.commands.run_files import RunFiles
    from symtests.terminal import follow

    console = terminal(stderr=as_json)
    baseline = None if against is None else read_results(results_file("against", against))
    paths = [results_file("shards", shard) for shard in shards]
    require_other(out, paths)
    joined = join(paths)
    properties = [prop["id"] for prop in joined.head["properties"]]
    files = RunFiles(out, junit, known, properties, baseline, str(against), as_json, console)
    files.require_writable()
    files.remove_changes()
    write_joined(joined, out)
    show = (lambda verdict: typer.echo(json.dumps(verdict.to_json()))) if as_json else None
    follow(_events(joined, files.results), console, show)
    raise typer.Exit(files.write_all(joined.exit_status))


def _events(joined: Joined, results: Path) -> Iterator[Event]:
    """Give what a check of all of it would have told."""
    from symtests.checking.events import Check, Finished, Judged, Planned
    from symtests.checking.results.scripts import Scripts

    scripts = Scripts(results.parent, joined.head["implementations"])
    yield Planned(joined.head["checks"], joined.missing, joined.told)
    yield from map(Judged, joined.verdicts)
    written = {
        Check(verdict.implementation, verdict.property, verdict.dtype): scripts.path_of(verdict)
        for verdict in joined.verdicts
        if verdict.counterexample is not None
    }
    counts = Counter(verdict.word for verdict in joined.verdicts)
    seconds = sum(part["seconds"] or 0.0 for part in joined.head["joined"])
    yield Finished(counts, joined.exit_status, seconds, results, scripts=written)
