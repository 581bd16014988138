"""The cases in which each fault breaks properties: searched for once, and kept beside this file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.diagnosis.measured.asking import Found

__all__ = ["CASES", "read_cases", "write_cases"]

CASES = Path(__file__).with_name("cases.jsonl")


def read_cases(path: Path = CASES) -> dict[str, list[Found]]:
    """Return the cases of each fault by its name."""
    found: dict[str, list[Found]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        data = json.loads(line)
        found.setdefault(data["fault"], []).append(Found.from_json(data))
    return found


def write_cases(found: Mapping[str, Sequence[Found]], path: Path = CASES) -> None:
    """Write the cases of each fault, one a line."""
    lines = [json.dumps({"fault": name, **each.to_json()}) for name, several in found.items() for each in several]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
