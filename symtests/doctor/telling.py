"""A diagnosis as text for a terminal, as Markdown for an issue, and as plain data."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from symtests.doctor.findings import COSTLY, FATAL, HARMLESS, TO_KNOW, VERDICTS, Finding
from symtests.shown_text import shown
from symtests.terminal_text import line_of, lines_of

if TYPE_CHECKING:
    from symtests.doctor.diagnosing import Diagnosis

__all__ = ["as_json", "as_markdown", "as_text", "circumstances", "for_terminal", "headline"]

_STYLES: Final = {FATAL: "bold red", COSTLY: "bold yellow", TO_KNOW: "bold cyan", HARMLESS: "bold green"}
_GLYPHS: Final = {FATAL: "✗", COSTLY: "!", TO_KNOW: "·", HARMLESS: "✓"}
_BAR: Final = 20
_NARROW: Final = 12
"""Groups that are shown when none is narrower than it seems."""


def headline(diagnosis: Diagnosis) -> str:
    """Return the first line: how many findings of each verdict, of what, after how many steps."""
    open_ = [each for each in diagnosis.findings if not each.accepted]
    counts = [f"{sum(each.verdict == verdict for each in open_)} {verdict}" for verdict in VERDICTS]
    kept = [count for count in counts if not count.startswith("0 ") or count.endswith(FATAL)]
    given = len(diagnosis.findings) - len(open_)
    return ", ".join([*kept, *([f"{given} accepted"] if given else [])])


def circumstances(diagnosis: Diagnosis) -> str:
    """Return how large the model is, how many steps were taken, and how long that took."""
    batches = "different batches" if diagnosis.batches_differ else "one batch"
    return (
        f"{diagnosis.elements:,} numbers in {diagnosis.tensors} tensors, {diagnosis.steps} real steps on {batches}, "
        f"{len(diagnosis.groups)} group{'s' * (len(diagnosis.groups) != 1)} of exchangeable units, "
        f"{diagnosis.seconds:.1f} s"
    )


def for_terminal(diagnosis: Diagnosis) -> RenderableType:
    """Return the report for a terminal."""
    glyph = "✗" if diagnosis.fatal else "✓"
    parts: list[RenderableType] = [
        line_of(f"{glyph} {headline(diagnosis)}", "bold red" if diagnosis.fatal else "bold green"),
        lines_of(f"{circumstances(diagnosis)}\n", "dim"),
        _table(diagnosis.findings),
    ]
    parts.extend(_widths(diagnosis))
    if diagnosis.starts is not None:
        parts.append(Text("\nmany starts", style="bold"))
        parts.extend(Padding(lines_of(share.sentence), (0, 0, 0, 2)) for share in diagnosis.starts.shares)
    if diagnosis.unknown:
        parts.append(lines_of(f"\nno groups are found behind: {', '.join(diagnosis.unknown)}", "dim"))
    return Group(*parts)


def _table(findings: Sequence[Finding]) -> RenderableType:
    table = Table.grid(padding=(0, 2, 1, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for each in findings:
        style = "dim" if each.accepted else _STYLES[each.verdict]
        cure = [lines_of(f"→ {each.cure}", "italic")] if each.cure else []
        reason = [lines_of(f"accepted: {each.accepted}", "dim")] if each.accepted else []
        glyph = line_of(f"{_GLYPHS[each.verdict]} {each.verdict}", style)
        table.add_row(glyph, Group(lines_of(each.sentence), *cure, *reason))
    return table


def _widths(diagnosis: Diagnosis) -> Iterator[RenderableType]:
    """Show how many of the units of each group are different and alive, as bars."""
    rows = [(each.group.title, each.group.size, each.width, len(each.dead)) for each in diagnosis.groups]
    rows = [(title, size, width, dead if dead < size else 0) for title, size, width, dead in rows]
    narrow = [row for row in rows if row[2] < row[1] or row[3]]
    chosen = narrow or rows[:_NARROW]
    if not chosen:
        return
    yield Text("effective width", style="bold")
    for title, size, width, dead in chosen:
        filled = max(1, round(_BAR * width / size))
        bar = "█" * filled + "░" * (_BAR - filled)
        idle = f", {dead} without a gradient" if dead else ""
        yield Padding(line_of(f"{bar} {width} of {size} {title}{idle}"), (0, 0, 0, 2))
    left = len(rows) - len(chosen)
    if left:
        yield Padding(
            line_of(f"{left} more, all as wide as they seem" if narrow else f"{left} more", "dim"), (0, 0, 0, 2)
        )


def as_text(diagnosis: Diagnosis, width: int = 80) -> str:
    """Return the report as plain text of that width."""
    console = Console(width=width, markup=False, emoji=False, highlight=False, color_system=None, force_terminal=False)
    with console.capture() as capture:
        console.print(for_terminal(diagnosis))
    return capture.get().rstrip("\n")


def as_markdown(diagnosis: Diagnosis) -> str:
    """Return the report for an issue: findings as a list, versions and circumstances below."""
    from symtests import __version__

    lines = [f"**symtests diagnose: {headline(diagnosis)}**", ""]
    for each in diagnosis.findings:
        lines.append(f"- **{each.verdict}**: {_plain(each.sentence)}")
        if each.cure:
            lines.append(f"  `{shown(each.cure).replace('`', chr(39))}`")
        if each.accepted:
            lines.append(f"  (accepted: {_plain(each.accepted)})")
    if diagnosis.starts is not None:
        lines += ["", *(f"- {_plain(share.sentence)}" for share in diagnosis.starts.shares)]
    versions = f"symtests {__version__}, Python {platform.python_version()}"
    return "\n".join([*lines, "", f"<sub>{_plain(circumstances(diagnosis))}; {versions}</sub>", ""])


def _plain(text: str) -> str:
    """Return a text in which Markdown reads no markup."""
    return "".join(f"\\{each}" if each in "\\`*_{}[]<>#|~" else each for each in shown(text))


def as_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """Return everything as plain data."""
    from symtests import __version__

    return {
        "symtests": __version__,
        "verdict": diagnosis.findings[0].verdict if diagnosis.findings else HARMLESS,
        "fatal": len(diagnosis.fatal),
        "findings": [each.to_json() for each in diagnosis.findings],
        "steps": diagnosis.steps,
        "seconds": diagnosis.seconds,
        "elements": diagnosis.elements,
        "batches_differ": diagnosis.batches_differ,
        "losses": diagnosis.record.losses,
        "groups": [
            {
                "name": each.group.name, "kind": each.group.kind, "size": each.group.size, "width": each.width,
                "dead": list(each.dead),
                "parts": [
                    {"tensors": list(part.tensors), "axis": part.axis, "block": list(part.positions.shape)[1:]}
                    for part in each.group.parts
                ],
            }
            for each in diagnosis.groups
        ],
        "tensors": {
            name: {**asdict(record), "first_gradient": record.first_gradient, "first_move": record.first_move}
            for name, record in diagnosis.record.tensors.items()
        },
        "candidates": diagnosis.candidates,
        "unknown_operators": list(diagnosis.unknown),
        "starts": diagnosis.starts.to_json() if diagnosis.starts is not None else None,
    }  # fmt: skip
