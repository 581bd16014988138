"""What a person sees of a check: progress with time left, what failed, the matrix, the summary."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import TimeRemainingColumn as TimeLeftColumn
from rich.table import Column
from rich.text import Text

from symtests.checking.events import Event, Finished, Judged, Planned, Prepared, Preparing, Warned
from symtests.checking.results.verdict import Verdict
from symtests.shown_text import shown
from symtests.terminal_failures import asides, blocks
from symtests.terminal_matrix import GLYPHS, matrix
from symtests.terminal_progress import AtWork
from symtests.terminal_text import line_of
from symtests.terminal_waiting import SECONDS_BETWEEN_LINES, ticking

__all__ = ["Interrupted", "follow", "summary"]

_TROUBLE: Final = ("violated", "errored", "fixed", "inconclusive")


class Interrupted(Exception):
    """A check ended without its last event."""


def follow(events: Iterable[Event], console: Console, on_verdict: Callable[[Verdict], None] | None = None) -> Finished:
    """Show events as they come, then what broke, the matrix, and the summary; return the last event.

    Parameters
    ----------
    events
        What `symtests.checking.check` gives.
    console
        Where to write: with a moving bar on a terminal, and with plain lines elsewhere.
    on_verdict
        Told of each verdict as it comes.
    """
    verdicts: list[Verdict] = []
    finished: Finished | None = None
    watch = _bar if console.is_terminal else _lines
    for event in watch(events, console):
        if isinstance(event, Judged):
            verdicts.append(event.verdict)
            if on_verdict is not None:
                on_verdict(event.verdict)
        elif isinstance(event, Finished):
            finished = event
    if finished is None:
        raise Interrupted
    for block in blocks(verdicts, finished, console.encoding):
        console.print(block, crop=False)
    if verdicts:
        console.print()
        console.print(matrix(verdicts, console.width))
    for block in asides(verdicts):
        console.print(block, crop=False)
    console.print(summary(finished))
    if finished.problem:
        console.print(Text(finished.problem, style="bold red"), soft_wrap=True)
    return finished


def _bar(events: Iterable[Event], console: Console) -> Iterable[Event]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeLeftColumn(),
    )
    at_work = AtWork()
    with Progress(*columns, console=console, transient=True) as progress:
        # One more than there are checks: what is complete stands still, and the learning curves are still to come.
        task = progress.add_task("finding the implementations", total=None, count="")
        for event in events:
            at_work.note(event)
            match event:
                case Planned(total, done, notes):
                    progress.update(task, total=total + 1, completed=done)
                    for note in notes:
                        console.print(line_of(f"note: {note}"), soft_wrap=True)
                case Preparing(implementation, remark) if remark:
                    console.print(line_of(f"{implementation}: {remark}"), soft_wrap=True)
                case Judged(verdict):
                    progress.advance(task)
                    if verdict.word in _TROUBLE:  # the sentence follows, cause by cause, when all is judged
                        check = f"{verdict.property} {verdict.implementation} {verdict.dtype}"
                        console.print(line_of(f"{GLYPHS[verdict.word][0]} {check}: {verdict.word}"), soft_wrap=True)
                case Warned(sentence):
                    console.print(Text(f"warning: {sentence}"), soft_wrap=True)
            progress.update(task, description=shown(at_work.longest).ljust(30), count=at_work.count)
            yield event


def _lines(events: Iterable[Event], console: Console) -> Iterable[Event]:
    at_work, last = AtWork(), time.monotonic()

    def say(line: Text) -> None:
        nonlocal last
        last = time.monotonic()
        console.print(line, soft_wrap=True)

    def say_what_is_done() -> None:
        if time.monotonic() - last >= SECONDS_BETWEEN_LINES:
            say(line_of(at_work.line))

    with ticking(say_what_is_done):
        for event in events:
            at_work.note(event)
            for line in _said(event):
                say(line_of(line))
            say_what_is_done()
            yield event


def _said(event: Event) -> Iterator[str]:
    """Give the lines that an event is worth where there is no terminal."""
    match event:
        case Planned(total, done, notes):
            yield from (f"note: {note}" for note in notes)
            yield f"{_count(total - done, 'check')} to run"
        case Preparing(implementation, remark):
            yield f"{implementation}: {remark}" if remark else f"warming up {implementation}"
        case Prepared(implementation, record):
            if record.get("smoke"):
                yield f"{implementation}: {record['smoke']['message']}"
        case Warned(sentence):
            yield f"warning: {sentence}"
        case Judged(verdict):
            if verdict.word in _TROUBLE:
                check = f"{verdict.property} {verdict.implementation} {verdict.dtype}"
                yield f"{check}: {verdict.word}: {verdict.sentence}"


def summary(finished: Finished) -> Text:
    """Return the last line: every kind of verdict counted, nothing passed off."""
    counts = finished.counts
    total = sum(counts.values())
    bad = [f"{counts[word]} {word}" for word in ("violated", "fixed", "errored", "inconclusive") if counts.get(word)]
    good = [f"{counts[word]} {word}" for word in ("exact", "holds", "known", "unsupported") if counts.get(word)]
    glyph, colour = ("✓", "green") if not bad else ("✗", "red")
    words = f"{_count(total, 'check')}: {', '.join(bad + good) or 'none judged'} ({finished.seconds:.0f} s)"
    return Text(f"\n{glyph} {words}", style=f"bold {colour}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
