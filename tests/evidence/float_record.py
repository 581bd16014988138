"""The record of the elementary functions: what was tried with which sources, and what came of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from tests.evidence.elementary import FUNCTIONS, ElementaryFunction
from tests.evidence.float_trial import Trial, against_mpmath, chunks_of, many_floats, outputs_of

__all__ = ["FLOAT64_NUMBERS", "Row", "fresh_row", "read", "write"]

FLOAT64_NUMBERS: Final = 20_000
"""How many float64 results are compared with mpmath's."""


@dataclass
class Row:
    """What is on record of one function.

    Parameters
    ----------
    sources
        `ElementaryFunction.sources` of what was tried.
    outputs
        Hash of a sample of its results, see `outputs_of`: the same on every machine.
    chunks
        How many chunks of all float32 numbers have been tried, from the first on.
    trial
        What came of them.
    float64_error, float64_at
        Largest error of `FLOAT64_NUMBERS` float64 results against mpmath, and the number at which it was.
    """

    sources: str
    outputs: str = ""
    chunks: int = 0
    trial: Trial = field(default_factory=Trial)
    float64_error: float = 0.0
    float64_at: float = 0.0

    def complete(self, function: ElementaryFunction) -> bool:
        """Tell whether every float32 number has been tried."""
        return self.chunks == len(chunks_of(function))


def fresh_row(function: ElementaryFunction) -> Row:
    """Return the row of a function of which no float32 number has been tried."""
    error, at = against_mpmath(function, many_floats(function, FLOAT64_NUMBERS, seed=0))
    return Row(function.sources, outputs_of(function), float64_error=error, float64_at=at)


def read(path: Path) -> dict[str, Row]:
    """Return the rows in a file by the names of their functions; none where there is no file."""
    if not path.exists():
        return {}
    data = json.loads(path.read_text(encoding="utf-8"))
    return {name: Row(**{**row, "trial": Trial(**row["trial"])}) for name, row in data.items()}


def write(rows: dict[str, Row], path: Path) -> None:
    """Write the rows, one function a line; a reader finds the old file or the new one, and never half of it."""
    lines = (f"{json.dumps(name)}: {json.dumps(asdict(rows[name]))}" for name in FUNCTIONS if name in rows)
    new = path.with_suffix(".new")
    new.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    new.replace(path)
