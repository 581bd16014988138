"""What an examination says: findings, each one sentence with numbers, a verdict and a cure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Final

__all__ = [
    "COSTLY",
    "FATAL",
    "HARMLESS",
    "TO_KNOW",
    "VERDICTS",
    "Finding",
    "accepted",
    "listed",
    "merged",
    "worst_first",
]

FATAL: Final = "fatal"
COSTLY: Final = "costly"
TO_KNOW: Final = "to know"
HARMLESS: Final = "harmless"
VERDICTS: Final = (FATAL, COSTLY, TO_KNOW, HARMLESS)
"""The worst first."""

_NAMED: Final = 3


@dataclass(frozen=True)
class Finding:
    """One thing that real steps showed.

    Parameters
    ----------
    kind
        What it is, in one word: stuck, tied, cut, ...
    verdict
        One of `VERDICTS`.
    sentence
        What was seen, with numbers.
    where
        Names of tensors, or of a layer.
    cure
        A line of code; empty where nothing needs to be done.
    numbers
        What the sentence says, for a program.
    accepted
        Why it is meant, where somebody said so.
    """

    kind: str
    verdict: str
    sentence: str
    where: tuple[str, ...] = ()
    cure: str = ""
    numbers: Mapping[str, Any] = field(default_factory=dict)
    accepted: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "kind": self.kind, "verdict": self.verdict, "sentence": self.sentence, "where": list(self.where),
            "cure": self.cure, "numbers": dict(self.numbers), "accepted": self.accepted,
        }  # fmt: skip


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings in the order of their verdicts, accepted ones last; among equals as they came."""
    return sorted(findings, key=lambda each: (bool(each.accepted), VERDICTS.index(each.verdict)))


def accepted(findings: Iterable[Finding], reasons: Mapping[str, str]) -> list[Finding]:
    """Return the findings, with the reason for those that are meant.

    Parameters
    ----------
    findings
        What was found.
    reasons
        A reason for each pattern, as of a shell, of a tensor, a layer or a kind of finding: all places of a finding
        must match, or its kind.
    """
    found = []
    for each in findings:
        reason = next((why for pattern, why in reasons.items() if _matches(each, pattern)), "")
        found.append(Finding(**{**vars(each), "accepted": reason}) if reason else each)
    return found


def _matches(finding: Finding, pattern: str) -> bool:
    kind, _, places = pattern.partition(":")
    if places:
        return finding.kind == kind and all(fnmatchcase(where, places) for where in finding.where)
    return finding.kind == pattern or (
        bool(finding.where) and all(fnmatchcase(where, pattern) for where in finding.where)
    )


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings that differ only in numbers and in the numbers of layers as one, which names the others."""
    alike: dict[tuple[str, str, str], list[Finding]] = {}
    for each in findings:
        said = re.sub(r"[\d.]+(e[+-]?\d+)?", "#", each.sentence)
        alike.setdefault((each.kind, each.verdict, said), []).append(each)
    found = []
    for first, *others in alike.values():
        where = tuple(dict.fromkeys(name for each in (first, *others) for name in each.where))
        more = f" (and {len(others)} more like it: {listed([each.where[0] for each in others if each.where])})"
        sentence = first.sentence + (more if others else "")
        found.append(replace(first, sentence=sentence, where=where, numbers={**first.numbers, "likewise": len(others)}))
    return found


def listed(names: Sequence[str], most: int = _NAMED) -> str:
    """Return names with commas between them, of many the first ones and how many more there are."""
    if len(names) <= most + 1:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"
