"""`symtests compare`: compares the results of two runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from symtests.commands.arguments import OUT, results_file
from symtests.terminal_text import terminal

if TYPE_CHECKING:  # the engine loads Hypothesis, which `symtests --help` does not need
    from symtests.checking.results.changes import Changes

__all__ = ["compare", "compared"]


def compare(
    base: Annotated[Path, typer.Argument(help="results file of the older run, or its folder")],
    head: Annotated[Path, typer.Argument(help="results file of the newer run, or its folder")] = OUT,
    as_json: Annotated[bool, typer.Option("--json", help="print them as JSON")] = False,
) -> None:
    """Tell what is newly failing, newly passing, removed and newly skipped since an older run.

    Exit status: 1 where something is newly failing, 3 where something is newly undecided, else 0.
    """
    from symtests.terminal_changes import changes_table

    before, after = results_file("base", base), results_file("head", head)
    found, document = compared(before, after)
    if as_json:
        typer.echo(json.dumps(document, indent=2))
    else:
        terminal().print(changes_table(found, str(before)))
    raise typer.Exit(found.exit_status)


def compared(base: Path, head: Path) -> tuple[Changes, dict[str, object]]:
    """Return what has changed between two results files, as data and as JSON."""
    from symtests.checking.results.changes import changes_between
    from symtests.checking.results.results_file import read_results

    before, after = read_results(base), read_results(head)
    found = changes_between(before.verdicts, after.verdicts)
    return found, found.to_json(before, after)
