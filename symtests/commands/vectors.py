"""`symtests vectors`: writes the test vectors, and asks them of an implementation."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from symtests.ascii_forms import json_for
from symtests.commands.arguments import Commands, Implementations, Processes, TimeLimit, named
from symtests.shown_text import shell_line, shown
from symtests.terminal_text import terminal
from symtests.validation import InvalidValue
from symtests.whole_file import require_writable, write_whole

__all__ = ["app"]

app = typer.Typer(help="Questions with exact answers, for any language: write them, or ask them.")


@app.callback(invoke_without_command=True)
def _help_unless_told(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def export(
    out: Annotated[Path | None, typer.Option("--out", help="the file; printed unless given")] = None,
) -> None:
    """Write the test vectors as JSON; the same version writes the same file everywhere."""
    from symtests.vectors.document import document

    if out is not None:
        require_writable("out", out)
    text = document()
    if out is None:
        typer.echo(json_for(sys.stdout, text), nl=False)
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_whole(out, text)
    except OSError as error:
        raise InvalidValue(f"out={str(out)!r}: cannot be written ({error.strerror}); name another file") from None
    typer.echo(shown(f"Vectors: {out}"))


@app.command("check")
def check_vectors(
    implementations: Implementations = None,
    commands: Commands = None,
    vectors: Annotated[
        Path | None, typer.Option("--vectors", help="file of vectors; those of this version unless given")
    ] = None,
    dtypes: Annotated[list[str] | None, typer.Option("--dtype", help="float32 or float64; both unless given")] = None,
    processes: Processes = None,
    time_limit: TimeLimit = 30.0,
    out: Annotated[Path | None, typer.Option("--out", help="folder for results; none are kept unless given")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print each verdict as a line of JSON")] = False,
) -> None:
    """Ask implementations all vectors; a crash, a hang and a NaN are verdicts, and the rest is asked on."""
    from symtests.checking import check
    from symtests.checking.profile import Profile
    from symtests.checking.results.verdict import Verdict
    from symtests.terminal import follow
    from symtests.vectors.vector_properties import references

    def tell(verdict: Verdict) -> None:
        typer.echo(json.dumps(verdict.to_json()))

    events = check(
        named(implementations, commands) or ["numba"],
        properties=references(vectors),
        dtypes=dtypes or None,
        profile=Profile("default", 1, 1, shrink_cases=1, seconds=600.0, effort=0.0, diagnosis_seconds=1.0),
        processes=processes,
        call_limit=time_limit,
        out=out,
        stories=False,
        command=shell_line(["symtests", *sys.argv[1:]]),
    )
    finished = follow(events, terminal(stderr=as_json), on_verdict=tell if as_json else None)
    raise typer.Exit(finished.exit_status)
