"""What a person sees of a check: progress with time left, the matrix, the counterexamples, the summary."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import TimeRemainingColumn as TimeLeftColumn
from rich.table import Column
from rich.text import Text

from symtests.checking.events import Check, Event, Finished, Judged, Planned, Prepared, Preparing, Warned
from symtests.checking.results.verdict import Verdict
from symtests.shown_text import shell_line, shown
from symtests.terminal_matrix import GLYPHS, matrix
from symtests.terminal_progress import SECONDS_BETWEEN_LINES, AtWork, ticking
from symtests.terminal_text import line_of, line_to_type, lines_of, typed

__all__ = ["Interrupted", "follow", "summary"]


class Interrupted(Exception):
    """A check ended without its last event."""


def follow(events: Iterable[Event], console: Console, on_verdict: Callable[[Verdict], None] | None = None) -> Finished:
    """Show events as they come, then the matrix, what broke, and the summary; return the last event.

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
    if verdicts:
        console.print(matrix(verdicts, console.width))
    for block in _blocks(verdicts, finished, console.encoding):
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
                case Judged():
                    progress.advance(task)
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
            if verdict.word in ("violated", "errored", "fixed", "inconclusive"):
                check = f"{verdict.property} {verdict.implementation} {verdict.dtype}"
                yield f"{check}: {verdict.word}: {verdict.sentence}"


def _blocks(verdicts: Sequence[Verdict], finished: Finished, encoding: str) -> Iterable[RenderableType]:
    """Give one block for each trouble, with all properties that met it; the observations last."""
    same: dict[tuple[str, str, str, str], list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.word in ("violated", "fixed", "errored", "inconclusive"):
            same.setdefault((verdict.implementation, verdict.dtype, verdict.word, verdict.sentence), []).append(verdict)
    told: dict[tuple[str, str, str], str] = {}
    for alike in same.values():
        first = alike[0]
        diagnosis = "" if first.counterexample is None else first.counterexample.diagnosis
        before = told.setdefault((first.implementation, first.dtype, diagnosis), first.property)
        repeated = diagnosis and before != first.property
        said = f"the same as for {before}" if repeated else diagnosis
        yield _trouble(first, [verdict.property for verdict in alike], said)
        script = finished.scripts.get(Check(first.implementation, first.property, first.dtype))
        yield from _lines_to_type(first, script, encoding)
    yield from _known(verdicts)
    seen = _merged(f"{v.implementation}: {o['sentence']}" for v in verdicts for o in v.observations)
    if seen:
        yield Text("\nnotes", style="bold")
        for sentence in seen:
            yield Padding(lines_of(sentence), (0, 0, 0, 2))


def _known(verdicts: Sequence[Verdict]) -> Iterable[RenderableType]:
    """Give a line for each reason of known failures, with its checks."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for verdict in verdicts:
        if verdict.word == "known" and verdict.known is not None:
            entry = verdict.known
            checks = alike.setdefault((verdict.implementation, entry.reason, entry.link), [])
            checks.append(f"{verdict.property} {verdict.dtype}")
    if alike:
        yield Text("\nknown failures, still failing as listed", style="bold")
    for (implementation, reason, link), checks in alike.items():
        where = f" ({link})" if link else ""
        yield Padding(lines_of(f"{implementation}: {', '.join(checks)}: {reason}{where}"), (0, 0, 0, 2))


def _merged(sentences: Iterable[str]) -> list[str]:
    """Say once what differs only in the last parenthesis: ``it held (a)``, ``it held (b)`` as ``it held (a; b)``."""
    circumstances: dict[str, list[str]] = {}
    for sentence in sentences:
        said, _, where = sentence.rstrip(")").rpartition(" (") if sentence.endswith(")") else (sentence, "", "")
        circumstances.setdefault(said, []).append(where)
    return [f"{said} ({'; '.join(where)})" if where[0] else said for said, where in circumstances.items()]


def _trouble(verdict: Verdict, properties: Sequence[str], diagnosis: str) -> RenderableType:
    glyph, colour = GLYPHS[verdict.word]
    title = shown(f"{glyph} {', '.join(properties)} {verdict.word} by {verdict.implementation} in {verdict.dtype}")
    lines: list[RenderableType] = [Text(f"\n{title}", style=f"bold {colour}"), lines_of(verdict.sentence)]
    found = verdict.counterexample
    if found is not None:
        if diagnosis:
            lines.append(lines_of(f"diagnosis: {diagnosis}"))
        lines.append(line_of(f"counterexample: {found.size}", "dim"))
    if verdict.failure is not None and verdict.failure.output:
        lines.append(Padding(lines_of(_end_of(verdict.failure.output), "dim"), (0, 0, 0, 2)))
    return Group(*lines)


def _lines_to_type(verdict: Verdict, script: Path | None, encoding: str) -> Iterator[RenderableType]:
    """Give the lines that repeat the check of a counterexample, and that show it without symtests' engine."""
    if verdict.counterexample is None:
        return
    if verdict.counterexample.command:
        yield line_to_type(f"again: {typed(verdict.counterexample.command, encoding)}", "dim")
    if script is not None:
        yield line_to_type(f"alone: {typed(shell_line(['python', str(script)]), encoding)}", "dim")


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


def _end_of(output: str, lines: int = 6) -> str:
    return "\n".join(output.strip().splitlines()[-lines:])
