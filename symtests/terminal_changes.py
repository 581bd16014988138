"""What a person sees of the changes between two runs."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from symtests.checking.results.changes import KINDS, Change, Changes
from symtests.shown_text import shown
from symtests.terminal_text import line_of

__all__ = ["changes_table"]

_COLOURS = {"newly failing": "red", "newly undecided": "yellow", "newly passing": "green", "added": "green"}


def changes_table(changes: Changes, old: str) -> Group:
    """Return the changes, kind by kind, and their count.

    Parameters
    ----------
    changes
        What has changed.
    old
        The results file that it is compared with.
    """
    blocks: list[RenderableType] = []
    for kind in KINDS:
        found = changes.of_kind(kind)
        if found:
            style = f"bold {_COLOURS.get(kind, '')}".strip()
            blocks.append(Text(f"\n{kind}: {len(found)} ({KINDS[kind]})", style=style))
            blocks += [Padding(line_of(line), (0, 0, 0, 2)) for line in _lines(found)]
    counts = [f"{count} {kind}" for kind, count in changes.counts.items()]
    glyph, colour = ("✗", "red") if changes.exit_status else ("✓", "green")
    words = f"against {shown(old)}: {', '.join([*counts, f'{changes.same} as before'])}"
    return Group(*blocks, Text(f"\n{glyph} {words}", style=f"bold {colour}"))


def _lines(found: Iterable[Change]) -> list[str]:
    """Return a line for each failure; those of which there is nothing to say stand together."""
    lines: list[str] = []
    together: dict[tuple[str, str], list[str]] = {}
    for change in found:
        step = f"{change.before or 'not there'} → {change.after or 'not there'}"
        if change.kind in ("newly failing", "newly undecided"):
            check = f"{change.property} {change.implementation} {change.dtype}"
            lines.append(f"{check}: {step}: {change.sentence}")
        else:
            together.setdefault((step, f"{change.implementation} {change.dtype}"), []).append(change.property)
    return lines + [f"{where}: {step}: {', '.join(properties)}" for (step, where), properties in together.items()]
