"""Says what is measured: with a bar and the time left on a terminal, and line by line elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final, TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

__all__ = ["with_progress"]

_SECONDS_BETWEEN_LINES: Final = 10.0

Thing = TypeVar("Thing")


def with_progress(
    things: Iterable[tuple[str, Thing]], console: Console
) -> Iterator[tuple[Thing, Callable[[float], None]]]:
    """Yield each thing, after its name was shown, with a function that is told which share of it is done.

    Parameters
    ----------
    things
        What is measured, each with its name.
    console
        Where to write.
    """
    return (_on_a_terminal if console.is_terminal else _elsewhere)(list(things), console)


def _on_a_terminal(
    things: list[tuple[str, Thing]], console: Console
) -> Iterator[tuple[Thing, Callable[[float], None]]]:
    columns = (
        TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(),
        TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=len(things))
        for number, (name, thing) in enumerate(things):
            bar.update(task, description=f"comparing {name}", completed=number)
            yield thing, partial(_move, bar, task, number)
        bar.update(task, completed=len(things))


def _move(bar: Progress, task: TaskID, number: int, share: float) -> None:
    bar.update(task, completed=number + share)


def _elsewhere(things: list[tuple[str, Thing]], console: Console) -> Iterator[tuple[Thing, Callable[[float], None]]]:
    for name, thing in things:
        console.print(f"comparing {name}", markup=False, highlight=False, soft_wrap=True)
        yield thing, _lines(name, console)


def _lines(name: str, console: Console) -> Callable[[float], None]:
    last = time.monotonic()

    def tell(share: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _SECONDS_BETWEEN_LINES:
            last = now
            console.print(f"{name}: {share:.0%} done", markup=False, highlight=False, soft_wrap=True)

    return tell
