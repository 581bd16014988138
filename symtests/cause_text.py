"""The words of a diagnosis: what is wrong, apart from what that rests on, so that one cause is told once."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["cause_and_evidence", "same_cause"]

_EVIDENCE: Final = re.compile(r"(?:^|(?<=[.:] ))(?:This explains|Together they explain)\b.*", re.DOTALL)
"""The part of a diagnosis that counts answers; it differs from check to check, while the cause is the same."""

_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_DIGITS: Final = 2
"""Constants of a diagnosis are measured: in float32 they agree with those in float64 to a few digits."""


def cause_and_evidence(diagnosis: str) -> tuple[str, str]:
    """Return what is wrong, and what that rests on; each may be empty."""
    found = _EVIDENCE.search(diagnosis)
    if found is None:
        return diagnosis.strip(), ""
    return diagnosis[: found.start()].strip(), found[0].strip()


def same_cause(diagnosis: str) -> str:
    """Return a text that is equal for diagnoses that name one cause, with constants that agree to two digits."""
    return _NUMBER.sub(lambda found: f"{float(found[0]):.{_DIGITS - 1}e}", cause_and_evidence(diagnosis)[0])
