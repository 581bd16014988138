"""`symtests report`: writes the report again from a results file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from symtests.commands.arguments import OUT, beside, results_file
from symtests.shown_text import shown

__all__ = ["report"]


def report(
    results: Annotated[Path, typer.Argument(help="a results file, or the folder of one")] = OUT,
    out: Annotated[Path | None, typer.Option("--out", help="folder of the report; the results' unless given")] = None,
) -> None:
    """Write the report again from a results file, of a run that was cut short too."""
    from symtests.checking.results.changes import CHANGES_FILE
    from symtests.reports import write_report

    path = results_file("results", results)
    for page in write_report(path, out or path.parent, beside(path, "benchmarks.json"), beside(path, CHANGES_FILE)):
        typer.echo(shown(f"Report: {page}"))
