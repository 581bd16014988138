"""What a person sees of a comparison of speed: the table, worst first, on a terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from symtests.shown_text import shown
from symtests.terminal_text import line_of

if TYPE_CHECKING:
    from symtests.benchmarks.speed import Verdict

__all__ = ["speed_markdown", "speed_table", "summary"]

_ORDER: Final = ("refused", "slower", "undecided", "left out", "faster", "same")
_STYLES: Final = {
    "refused": ("✗", "red"), "slower": ("▼", "red"), "undecided": ("?", "yellow"), "left out": ("-", "dim"),
    "faster": ("▲", "green"), "same": ("=", "green"),
}  # fmt: skip
_HEADS: Final = ("benchmark", "base", "change", "95 % interval", "would see", "")


def speed_table(verdicts: Sequence[Verdict]) -> Group:
    """Return a row for each benchmark, worst first, and below it why something is left out or refused."""
    table = Table(box=None, pad_edge=False)
    file = _common_file(verdicts)
    table.add_column(line_of(file or _HEADS[0]), overflow="fold")
    for head in _HEADS[1:]:
        table.add_column(head, justify="right" if head else "left", no_wrap=True)
    for verdict in _worst_first(verdicts):
        glyph, colour = _STYLES[verdict.outcome]
        word = Text(f"{glyph} {verdict.outcome}", style=colour)
        table.add_row(line_of(verdict.name.removeprefix(f"{file}::")), *_figures(verdict), word)
    notes = [Text(f"{shown(v.name)}: {shown(v.why)}", style="dim") for v in _worst_first(verdicts) if v.why]
    rows: list[RenderableType] = [table, *notes, Text(summary(verdicts), style="bold")]
    return Group(*rows)


def speed_markdown(verdicts: Sequence[Verdict], title: str) -> str:
    """Return the same as a Markdown table, for a pull request."""
    from symtests.reports.markdown_text import plain

    lines = [
        f"**{plain(title)}**: {summary(verdicts)}",
        "",
        f"| {' | '.join(_HEADS)} |",
        "|---|---:|---:|---:|---:|---|",
    ]
    for verdict in _worst_first(verdicts):
        figures = " | ".join(_figures(verdict))
        lines.append(f"| {plain(verdict.name)} | {figures} | {_STYLES[verdict.outcome][0]} {verdict.outcome} |")
    lines += ["", *(f"- {plain(v.name)}: {plain(v.why)}" for v in _worst_first(verdicts) if v.why)]
    return "\n".join(lines).strip() + "\n"


def summary(verdicts: Sequence[Verdict]) -> str:
    """Return how many benchmarks have which verdict, in one line."""
    outcomes = [verdict.outcome for verdict in verdicts]
    counts = ", ".join(f"{outcomes.count(word)} {word}" for word in _ORDER if word in outcomes)
    return f"{len(outcomes)} benchmark{'s' * (len(outcomes) != 1)}: {counts}" if outcomes else "no benchmark"


def _common_file(verdicts: Sequence[Verdict]) -> str:
    """Return the file in which all benchmarks are, or an empty text where they are in several."""
    files = {verdict.name.rpartition("::")[0] for verdict in verdicts}
    return files.pop() if len(files) == 1 else ""


def _worst_first(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Sort by verdict, and among equals by change, the slowest first."""
    return sorted(verdicts, key=lambda v: (_ORDER.index(v.outcome), -(v.estimate.change if v.estimate else 0.0)))


def _figures(verdict: Verdict) -> tuple[str, str, str, str]:
    found = verdict.estimate
    if found is None:
        return "", "", "", ""
    return (
        _duration(verdict.seconds),
        f"{100 * found.change:+.2f} %",
        f"{100 * found.low:+.2f} to {100 * found.high:+.2f} %",
        f"{100 * found.seen:.1f} %",
    )


def _duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"
