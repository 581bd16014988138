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
    """The anchor of each property and each column; a check's anchor is made of both."""

    properties: Mapping[str, str]
    columns: Mapping[Column, str]

    def prop(self, prop: str) -> str:
        """Anchor of a property's section."""
        return f"property-{self.properties[prop]}"

    def cell(self, cell: Cell) -> str:
        """Anchor of a check's row in its property's ledger."""
        return f"check-{self._slug(cell)}"

    def counterexample(self, cell: Cell) -> str:
        """Anchor of a check's counterexample."""
        return f"counterexample-{self._slug(cell)}"

    def failure(self, cell: Cell) -> str:
        """Anchor of the failure that kept a check from being judged."""
        return f"failure-{self._slug(cell)}"

    def _slug(self, cell: Cell) -> str:
        # A slug has no double dash, so that no two checks share an anchor.
        return f"{self.properties[cell[0]]}--{self.columns[cell[1:]]}"


def anchors_of(results: Results) -> Anchors:
    """Return the anchors for everything that a results file tells of."""
    columns = results.columns
    return Anchors(
        slugs(prop.id for prop in results.run.properties),
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
