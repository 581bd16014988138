"""What has changed since an older run, read from the file that a comparison has left."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from symtests.file_data import require_version, text_of
from symtests.reports.record import Record, parsed

__all__ = ["Change", "ChangedKind", "Changes", "read_changes"]

_KINDS: Final = (
    "newly failing", "newly undecided", "newly skipped", "removed", "newly known", "no longer exact", "newly passing",
    "added",
)  # fmt: skip
_NOT_THERE: Final = "not there"
_SCHEMA: Final = 1
"""Version of the format that is read."""


@dataclass(frozen=True)
class Change:
    """A check that is not what it was; a run without it stands as "not there"."""

    prop: str
    implementation: str
    dtype: str
    before: str
    after: str
    sentence: str


@dataclass(frozen=True)
class ChangedKind:
    """All changes of one kind."""

    kind: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Changes:
    """Changes by kind, worst kind first; how many checks are the same; and the older run."""

    kinds: tuple[ChangedKind, ...]
    same: int
    old_command: str
    old_started: str

    @property
    def summary(self) -> str:
        """All counts in one line."""
        return ", ".join([*(f"{len(kind.changes):,} {kind.kind}" for kind in self.kinds), f"{self.same:,} as before"])


def read_changes(path: Path) -> Changes:
    """Return what a file of changes says.

    Raises
    ------
    InvalidValue
        Where it cannot be read or is no such file.
    """
    record = parsed(text_of("changes", path, "check again with --against"), path.name)
    require_version(path.name, record.data.get("schema"), _SCHEMA)
    found = [(each.word("kind", _KINDS), _change(each)) for each in record.records("changes")]
    kinds = (ChangedKind(kind, tuple(change for name, change in found if name == kind)) for kind in _KINDS)
    old = record.record("old")
    return Changes(
        tuple(kind for kind in kinds if kind.changes), record.count("same"), old.text("command"), old.text("started")
    )


def _change(record: Record) -> Change:
    return Change(
        record.text("property"),
        record.text("implementation"),
        record.text("dtype"),
        record.text("before") if record.has("before") else _NOT_THERE,
        record.text("after") if record.has("after") else _NOT_THERE,
        record.text("sentence"),
    )
