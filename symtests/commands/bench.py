"""`symtests bench`: measures implementations and kernels beside their peers."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from symtests.commands.arguments import OUT, Implementations, Out
from symtests.shown_text import shown
from symtests.terminal_text import terminal

__all__ = ["bench"]


def bench(
    implementations: Implementations = None,
    groups: Annotated[
        list[str] | None,
        typer.Option("--group", help="only this comparison of kernels with peers, as in small-nets; may be repeated"),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="few rounds and small networks, to see that it runs")] = False,
    out: Out = OUT,
) -> None:
    """Measure implementations beside each other, and kernels beside peers in other languages and libraries."""
    from symtests.benchmark_tables import benchmark_table, comparison_tables
    from symtests.benchmarks import BenchmarksFailed, run_benchmarks

    failed = None
    try:
        path = run_benchmarks(implementations or [], out, quick, groups or [])
    except BenchmarksFailed as error:
        failed, path = error, error.path
    figures, console = json.loads(path.read_text(encoding="utf-8")), terminal()
    if figures["benchmarks"]:
        console.print(benchmark_table(figures))
    console.print(comparison_tables(figures))
    typer.echo(shown(f"Figures: {out / path.name}"))
    if failed is not None:
        typer.echo(shown(f"symtests: {failed}"), err=True)
        raise typer.Exit(3)
