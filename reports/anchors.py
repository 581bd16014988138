"""Names of places in the page that links lead to: unique, short, and made of harmless characters only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from symtests.reports.results import Cell, Column, Results

__all__ = ["Anchors", "anchors_of", "slugs"]


_LONGEST: Final = 24
"""Characters of an anchor's part, of which the end tells most; each stands in the page many times."""


@dataclass(frozen=True)
class Anchors:
    """The anchor of each law and each column; a cell's anchor is made of both."""

    laws: Mapping[str, str]
    columns: Mapping[Column, str]

    def law(self, law: str) -> str:
        """Anchor of a law's section."""
        return f"law-{self.laws[law]}"

    def cell(self, cell: Cell) -> str:
        """Anchor of a cell's row in its law's ledger."""
        return f"cell-{self._slug(cell)}"

    def counterexample(self, cell: Cell) -> str:
        """Anchor of a cell's counterexample."""
        return f"counterexample-{self._slug(cell)}"

    def failure(self, cell: Cell) -> str:
        """Anchor of the failure that kept a cell from being judged."""
        return f"failure-{self._slug(cell)}"

    def _slug(self, cell: Cell) -> str:
        # A slug has no double dash, so that no two cells share an anchor.
        return f"{self.laws[cell[0]]}--{self.columns[cell[1:]]}"


def anchors_of(results: Results) -> Anchors:
    """Return the anchors for everything that a results file tells of."""
    columns = results.columns
    return Anchors(
        slugs(law.id for law in results.run.laws),
        dict(zip(columns, slugs("\0".join(column) for column in columns).values(), strict=True)),
    )


def slugs(names: Iterable[str]) -> dict[str, str]:
    """Return for each name a text of a-z, 0-9 and single dashes that no other name has."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        plain = re.sub(r"[^a-z0-9]+", "-", name.lower())[-_LONGEST:].strip("-") or "unnamed"
        candidate, number = plain, 1
        while candidate in taken:
            number += 1
            candidate = f"{plain}-{number}"
        taken.add(candidate)
        found[name] = candidate
    return found
