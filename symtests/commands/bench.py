"""`symtests bench`: measures implementations and kernels beside their peers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from symtests.commands.arguments import OUT, Implementations, Out, Processes
from symtests.commands.spread import Others, Scheduler, ShardOption, told_where_lost
from symtests.shown_text import shown
from symtests.terminal_text import terminal
from symtests.validation import InvalidValue

__all__ = ["bench"]


def bench(
    implementations: Implementations = None,
    groups: Annotated[
        list[str] | None,
        typer.Option("--group", help="only this comparison of kernels with peers, as in small-nets; may be repeated"),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="few rounds and small networks, to see that it runs")] = False,
    starts: Annotated[
        int | None,
        typer.Option("--starts", min=1, help="with --group starts: count so many, in blocks, and compare nothing"),
    ] = None,
    shard: ShardOption = None,
    others: Others = None,
    scheduler: Scheduler = None,
    processes: Processes = None,
    out: Out = OUT,
) -> None:
    """Measure implementations beside each other, and kernels beside peers in other languages and libraries."""
    from symtests.benchmark_tables import benchmark_table, comparison_tables
    from symtests.benchmarks import BenchmarksFailed, run_benchmarks

    if starts is not None or shard is not None or others or scheduler is not None or processes is not None:
        if list(groups or []) != ["starts"] or implementations:
            raise InvalidValue("starts, shard, from, scheduler, n: are about the group starts; add --group starts")
        return _count(starts or 1_000_000, shard, others or [], scheduler, processes, out)
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
    return None


def _count(
    starts: int, shard: str | None, others: list[Path], scheduler: str | None, processes: int | None, out: Path
) -> None:
    """Count how many of so many starts learn exclusive or, in blocks that are spread."""
    from symtests.benchmarks.counted_starts import BLOCK, counted, words_of
    from symtests.checking.results.machine import core_count
    from symtests.spreading.block import blocks_of, share_of
    from symtests.spreading.deal import shard_of
    from symtests.spreading.place import Place

    blocks = blocks_of(starts, BLOCK)
    if shard is not None:
        blocks = share_of(blocks, shard_of(shard))
    learned = tried = 0
    with told_where_lost():
        for done, (block, count) in enumerate(
            counted(blocks, Place(processes or core_count(), scheduler), out, others), 1
        ):
            learned, tried = learned + count, tried + block.count
            typer.echo(f"{done}/{len(blocks)}: {count:,} of {block.count:,}")
    typer.echo(words_of(learned, tried) if tried else "no block is in this share")
