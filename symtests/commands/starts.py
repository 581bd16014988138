"""`symtests starts`: how often a network learns a named task, measured over a grid and drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from symtests.commands.arguments import Processes
from symtests.commands.spread import Others, Scheduler, ShardOption, told_where_lost
from symtests.shown_text import shown
from symtests.terminal_text import terminal
from symtests.terminal_waiting import said_between
from symtests.validation import InvalidValue

if TYPE_CHECKING:
    from symtests.landscape.measuring import Point, Rate

__all__ = ["markdown_table", "starts"]

PICTURE: Final = "landscape.svg"
TABLE: Final = "landscape.md"


def starts(
    task: Annotated[str, typer.Argument(help="xor, parity (of three bits) or spirals")],
    widths: Annotated[list[int] | None, typer.Option("--width", help="hidden units; may be repeated")] = None,
    activations: Annotated[list[str] | None, typer.Option("--activation", help="may be repeated")] = None,
    starts_from: Annotated[list[str] | None, typer.Option("--start", help="as in glorot_uniform; repeatable")] = None,
    rates: Annotated[list[float] | None, typer.Option("--rate", help="learning rate; may be repeated")] = None,
    count: Annotated[int, typer.Option("--starts", help="starts at each point")] = 1000,
    steps: Annotated[int, typer.Option(help="steps of gradient descent")] = 3000,
    seed: Annotated[int, typer.Option(help="seed of the first start; the next one has the next")] = 0,
    threads: Annotated[int, typer.Option("--threads", help="threads that train")] = 1,
    shard: ShardOption = None,
    others: Others = None,
    scheduler: Scheduler = None,
    processes: Processes = None,
    out: Annotated[Path, typer.Option("--out", help="folder; what was measured there is not measured again")] = Path(
        "symtests-starts"
    ),
) -> None:
    """Measure how often random starts learn a task, against width, activation, start and learning rate."""
    from symtests.landscape.measuring import grid
    from symtests.landscape.record import Record, share_of
    from symtests.spreading.deal import shard_of

    points = list(
        grid(
            task, widths or [2, 3, 4, 6, 8], activations or ["tanh"], starts_from or ["glorot_uniform"],
            rates or [0.1, 1.0], starts=count, steps=steps, seed=seed,
        )
    )  # fmt: skip
    record = Record(out, others or ())
    if shard is not None:
        points = share_of(points, shard_of(shard))
    left = [point for point in points if point not in record]
    typer.echo(f"{len(left)} of {len(points)} points to measure")
    measured = _measured(left, threads, scheduler, processes)
    with told_where_lost():
        for done, rate in enumerate(said_between(terminal(stderr=True), "measuring", measured), 1):
            record.add(rate)
            typer.echo(f"{done}/{len(left)}: {_words(rate)}")
    record.write()
    _write(out, task, [record[point] for point in points])


def _measured(points: Sequence[Point], threads: int, scheduler: str | None, processes: int | None) -> Iterable[Rate]:
    from symtests.landscape.measuring import measured

    if scheduler is None and processes is None:
        return (measured(point, threads) for point in points)
    from symtests.checking.results.machine import core_count
    from symtests.spreading.place import Place, results_of

    dearest_first = sorted(points, key=lambda point: -point.cost)
    return results_of(partial(measured, threads=threads), dearest_first, Place(processes or core_count(), scheduler))


def _words(rate: Rate) -> str:
    point, (low, high) = rate.point, rate.interval
    return (
        f"{point.width} {point.activation} from {point.start}, rate {point.rate:g}: {rate.learned} of {point.starts} "
        f"learn, {100 * low:.1f} to {100 * high:.1f} %"
    )


def _write(out: Path, task: str, rates: Sequence[Rate]) -> None:
    """Write the table and the picture."""
    from symtests.reports.landscape_chart import landscape_svg
    from symtests.whole_file import write_whole

    if not rates:
        return
    first = rates[0].point
    drawn = [
        {**rate.point.to_json(), "share": rate.share, "low": rate.interval[0], "high": rate.interval[1]}
        for rate in rates
    ]
    title = f"{task}: {first.starts:,} starts at each point, {first.steps:,} steps"
    try:
        write_whole(out / PICTURE, landscape_svg(title, drawn))
        write_whole(out / TABLE, markdown_table(rates))
    except OSError as error:
        raise InvalidValue(f"out={str(out)!r}: cannot be written ({error.strerror}); name another folder") from None
    for name in (PICTURE, TABLE):
        typer.echo(shown(f"Written: {out / name}"))


def markdown_table(rates: Sequence[Rate]) -> str:
    """Return the rates as a table: a row for each point but its learning rate, a column for each learning rate."""
    columns = sorted({rate.point.rate for rate in rates})
    rows: dict[tuple[str, str, str, int], dict[float, Rate]] = {}
    for rate in rates:
        point = rate.point
        rows.setdefault((point.task, point.activation, point.start, point.width), {})[point.rate] = rate
    lines = [
        "| task | activation | start | hidden units | " + " | ".join(f"rate {each:g}" for each in columns) + " |",
        "|---|---|---|--:|" + "--:|" * len(columns),
    ]
    for (task, activation, start, width), found in rows.items():
        shares = [_share(found[each]) if each in found else "" for each in columns]
        lines.append(f"| {task} | {activation} | {start} | {width} | {' | '.join(shares)} |")
    return "\n".join(lines) + "\n"


def _share(rate: Rate) -> str:
    low, high = rate.interval
    return f"{100 * rate.share:.1f} % ({100 * low:.1f} to {100 * high:.1f})"
