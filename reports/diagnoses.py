"""Examinations of models, read from the files that `symtests diagnose --out` has left beside the results."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from symtests.file_data import require_version, text_of
from symtests.reports.record import Record, parsed
from symtests.shown_text import shell_line

__all__ = ["GLYPHS", "STYLES", "ModelDiagnosis", "ModelFinding", "read_diagnosis"]

GLYPHS: Final = {"fatal": "✗", "costly": "!", "to know": "·", "harmless": "✓"}
"""For each verdict a glyph, worst first."""
STYLES: Final = {
    "fatal": "word-violated", "costly": "word-inconclusive", "to know": "word-known", "harmless": "word-holds"
}  # fmt: skip
"""Whose colours of the style sheet stand for each verdict."""
_SCHEMA: Final = 1
"""Version of the format that is read."""


@dataclass(frozen=True)
class ModelFinding:
    """One thing that real steps with a model showed."""

    kind: str
    verdict: str
    sentence: str
    cure: str
    accepted: str
    lines: tuple[str, ...]

    @property
    def glyph(self) -> str:
        """The sign of its verdict."""
        return GLYPHS[self.verdict]

    @property
    def style(self) -> str:
        """The name of its colours in the style sheet."""
        return STYLES[self.verdict]

    @property
    def is_open(self) -> bool:
        """Tell whether somebody should look at it."""
        return not self.accepted and self.verdict != "harmless"


@dataclass(frozen=True)
class ModelDiagnosis:
    """What was found of one model, worst first."""

    model: str
    made: str
    symtests: str
    headline: str
    circumstances: str
    findings: tuple[ModelFinding, ...]
    starts: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def command(self) -> str:
        """The line that examines it again."""
        return shell_line(["symtests", "diagnose", self.model])

    @property
    def fatal(self) -> int:
        """How many fatal findings nobody accepted."""
        return sum(each.verdict == "fatal" and each.is_open for each in self.findings)

    @property
    def opened(self) -> tuple[ModelFinding, ...]:
        """The findings that somebody should look at."""
        return tuple(each for each in self.findings if each.is_open)

    @property
    def closed(self) -> tuple[ModelFinding, ...]:
        """Those that are harmless or meant."""
        return tuple(each for each in self.findings if not each.is_open)


def read_diagnosis(path: Path) -> ModelDiagnosis:
    """Return what a file of `symtests diagnose` says.

    Raises
    ------
    InvalidValue
        Where it cannot be read or is no such file.
    """
    record = parsed(text_of("diagnosis", path, "run symtests diagnose with --out again"), path.name)
    record.word("type", ("diagnosis",))
    require_version(path.name, record.data.get("schema"), _SCHEMA)
    return ModelDiagnosis(
        record.text("model"), record.text("made"), record.text("symtests"), record.text("headline"),
        record.text("circumstances"), tuple(_finding(each) for each in record.records("findings")),
        record.texts("starts"), record.texts("unknown"),
    )  # fmt: skip


def _finding(record: Record) -> ModelFinding:
    return ModelFinding(
        record.text("kind"), record.word("verdict", GLYPHS), record.text("sentence"), record.text("cure"),
        record.text("accepted"), record.texts("lines"),
    )  # fmt: skip
