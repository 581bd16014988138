"""The matrix of verdicts in a terminal: a row per family of properties, a column per implementation and dtype."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from symtests.checking.results.verdict import Verdict, Word
from symtests.shown_text import shown
from symtests.terminal_text import line_of

__all__ = ["GLYPHS", "matrix"]

GLYPHS: Final[Mapping[Word, tuple[str, str]]] = {
    "exact": ("=", "green"),
    "holds": ("≈", "green"),
    "known": ("⊗", "yellow"),
    "unsupported": ("-", "dim"),
    "inconclusive": ("?", "yellow"),
    "errored": ("!", "red"),
    "fixed": ("↻", "red"),
    "violated": ("✗", "red"),
}
"""Glyph and colour of each verdict; worst last."""

_NO_NUMBER: Final = -1
"""Stands for the number of a property whose id has none."""
_GAP: Final = 2
"""Characters between two columns."""


def matrix(verdicts: Sequence[Verdict], width: int) -> Group:
    """Return the table family of properties × implementation and dtype, one glyph a property, with its legend.

    Where it is wider than `width` characters, there are several tables, one below the other.
    """
    words = {(v.property, v.implementation, v.dtype): v.word for v in verdicts}
    used = {v.word for v in verdicts}
    legend = "  ".join(f"{glyph} {word}" for word, (glyph, _) in GLYPHS.items() if word in used)
    rows = {
        family if numbers == [_NO_NUMBER] else f"{family} {_ranges(numbers)}": [
            family if number == _NO_NUMBER else f"{family}{number}" for number in numbers
        ]
        for family, numbers in _families(v.property for v in verdicts).items()
    }
    names = list(dict.fromkeys(v.implementation for v in verdicts))
    places = sorted(
        {(v.implementation, v.dtype) for v in verdicts}, key=lambda place: (names.index(place[0]), place[1])
    )
    heads = {place: "\n".join(map(shown, place)) for place in places}
    columns = {
        heads[place]: [_glyphs(words.get((prop, *place)) for prop in properties) for properties in rows.values()]
        for place in heads
    }
    tables = [_table(list(rows), {head: columns[head] for head in part}) for part in _parts(rows, columns, width)]
    with_gaps = [part for table in tables for part in (table, "")][:-1]
    return Group(*with_gaps, Text(legend, style="dim"))


def _table(rows: Sequence[str], columns: Mapping[str, Sequence[Text]]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("properties")
    for head in columns:
        table.add_column(Text(head), overflow="fold")
    for row, *cells in zip(rows, *columns.values(), strict=True):
        table.add_row(line_of(row), *cells)
    return table


def _parts(rows: Iterable[str], columns: Mapping[str, Sequence[Text]], width: int) -> list[list[str]]:
    """Return the heads of the columns, as many together as fit into a width beside the names of the rows."""
    names = max(map(len, rows))
    parts: list[list[str]] = [[]]
    taken = names
    for head, cells in columns.items():
        needed = _GAP + max(*map(len, head.splitlines()), *(cell.cell_len for cell in cells))
        if parts[-1] and taken + needed > width:
            parts.append([])
            taken = names
        parts[-1].append(head)
        taken += needed
    return parts


def _families(properties: Iterable[str]) -> dict[str, list[int]]:
    """Return the numbers of the properties of each family, SYM1 and SYM2 being 1 and 2 of SYM."""
    from symtests.properties import FAMILIES, family_of

    found: dict[str, set[int]] = {}
    for prop in properties:
        family = family_of(prop)
        found.setdefault(family, set()).add(int(prop[len(family) :] or _NO_NUMBER))
    ranked = sorted(found, key=lambda family: FAMILIES.index(family) if family in FAMILIES else len(FAMILIES))
    return {family: sorted(found[family]) for family in ranked}


def _ranges(numbers: Sequence[int]) -> str:
    """Write 1, 2, 3, 5 as ``1-3,5``."""
    ends = [n for n in numbers if n + 1 not in numbers]
    starts = [n for n in numbers if n - 1 not in numbers]
    return ",".join(f"{a}-{b}" if a < b else str(a) for a, b in zip(starts, ends, strict=True))


def _glyphs(words: Iterable[Word | None]) -> Text:
    parts = [GLYPHS[word] if word else (" ", "") for word in words]
    return Text(" ").join(Text(glyph, style=colour) for glyph, colour in parts)
