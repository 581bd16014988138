"""`symtests bench`: measures implementations beside their peers."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console

from symtests.commands.arguments import OUT, Implementations, Out

__all__ = ["bench"]


def bench(
    implementations: Implementations = None,
    quick: Annotated[bool, typer.Option("--quick", help="few rounds and small networks, to see that it runs")] = False,
    out: Out = OUT,
) -> None:
    """Measure forward pass, gradient and training step beside their peers."""
    from symtests.benchmarks import BenchmarksFailed, run_benchmarks
    from symtests.terminal import benchmark_table

    try:
        path = run_benchmarks(implementations or [], out, quick)
    except BenchmarksFailed as error:
        typer.echo(f"symtests: {error}", err=True)
        raise typer.Exit(3) from None
    Console().print(benchmark_table(json.loads(path.read_text(encoding="utf-8"))))
    typer.echo(f"Figures: {out / path.name}")
