"""What has changed between two runs, check by check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from symtests.checking.results.results_file import Results
from symtests.checking.results.verdict import Verdict, Word

__all__ = ["CHANGES_FILE", "KINDS", "Change", "Changes", "Kind", "changes_between"]

CHANGES_FILE: Final = "changes.json"
"""Name of the file beside the results of the newer run."""

Kind = Literal[
    "newly failing",
    "newly undecided",
    "newly skipped",
    "removed",
    "newly known",
    "no longer exact",
    "newly passing",
    "added",
]
KINDS: Final[Mapping[Kind, str]] = {
    "newly failing": "violated, errored or a stale known failure now, and not before",
    "newly undecided": "inconclusive now, and not before",
    "newly skipped": "unsupported now, and not before",
    "removed": "in the old run, and not in the new one",
    "newly known": "on the list of known failures now, and not before",
    "no longer exact": "bit for bit before, and within rounding now",
    "newly passing": "exact or holds now, and not before",
    "added": "passing, undecided, unsupported or known in the new run, and not in the old one",
}
"""Kinds of changes with their meanings, worst first."""

_CLASSES: Final[Mapping[Word, Kind]] = {
    "violated": "newly failing", "errored": "newly failing", "fixed": "newly failing",
    "inconclusive": "newly undecided", "unsupported": "newly skipped", "known": "newly known",
    "exact": "newly passing", "holds": "newly passing",
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """A check that is not what it was; `before` or `after` is None where one of the runs has no such check."""

    kind: Kind
    implementation: str
    property: str
    dtype: str
    before: Word | None
    after: Word | None
    sentence: str


@dataclass(frozen=True)
class Changes:
    """All changes, worst first, and how many checks are as they were."""

    changes: tuple[Change, ...]
    same: int

    def of_kind(self, kind: Kind) -> tuple[Change, ...]:
        """Return the changes of one kind."""
        return tuple(change for change in self.changes if change.kind == kind)

    @property
    def counts(self) -> dict[Kind, int]:
        """How many changes there are of each kind that occurs."""
        return {kind: len(found) for kind in KINDS if (found := self.of_kind(kind))}

    @property
    def exit_status(self) -> int:
        """1 where a check is newly failing, 3 where one is newly undecided or none could be compared, else 0."""
        if self.of_kind("newly failing"):
            return 1
        compared = self.same + sum(change.after is not None for change in self.changes)
        return 3 if self.of_kind("newly undecided") or not compared else 0

    def to_json(self, old: Results, new: Results) -> dict[str, Any]:
        """Return the changes as plain JSON data, with what the two runs were."""
        return {
            "type": "changes",
            "schema": 1,
            "old": _run(old),
            "new": _run(new),
            "same": self.same,
            "counts": self.counts,
            "exit_status": self.exit_status,
            "changes": [asdict(change) for change in self.changes],
        }


def changes_between(old: Sequence[Verdict], new: Sequence[Verdict]) -> Changes:
    """Return what has changed from the verdicts of one run to those of a later one.

    Parameters
    ----------
    old, new
        Verdicts of the two runs; a check is named by implementation, property and dtype.
    """
    before = {_check(verdict): verdict for verdict in old}
    after = {_check(verdict): verdict for verdict in new}
    found = [change for check in {**before, **after} if (change := _change(before.get(check), after.get(check)))]
    ranks = list(KINDS)
    found.sort(key=lambda change: ranks.index(change.kind))
    return Changes(tuple(found), len({**before, **after}) - len(found))


def _change(old: Verdict | None, new: Verdict | None) -> Change | None:
    check = new or old
    assert check is not None
    kind = _kind(old, new)
    if kind is None:
        return None
    sentence = check.sentence
    if old is not None and new is not None and old.property_version != new.property_version:
        asked = f"{check.property} is asked differently now (version {old.property_version} → {new.property_version})"
        sentence = f"{sentence} {asked}."
    words = None if old is None else old.word, None if new is None else new.word
    return Change(kind, *_check(check), *words, sentence)


def _kind(old: Verdict | None, new: Verdict | None) -> Kind | None:
    """Return how a check has changed, or None where it is what it was."""
    if new is None:
        return "removed"
    kind = _CLASSES[new.word]
    if old is None:
        return kind if kind == "newly failing" else "added"
    if kind != _CLASSES[old.word]:
        return kind
    return "no longer exact" if (old.word, new.word) == ("exact", "holds") else None


def _check(verdict: Verdict) -> tuple[str, str, str]:
    return verdict.implementation, verdict.property, verdict.dtype


def _run(results: Results) -> dict[str, Any]:
    return {"symtests": results.run["symtests"], "started": results.run["started"], "command": results.run["command"]}
