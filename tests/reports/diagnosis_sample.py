"""A synthetic file of an examined model in which everything occurs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

RECORD: Final[dict[str, Any]] = {
    "type": "diagnosis", "schema": 1, "symtests": "0.1.0", "model": "my net.py:build",
    "made": "2026-03-20T14:05:00+00:00", "headline": "1 fatal, 1 costly, 1 accepted",
    "circumstances": "266 numbers in 8 tensors, 20 real steps on one batch, 2 groups of exchangeable units, 0.2 s",
    "findings": [
        {"kind": "stuck", "verdict": "fatal", "sentence": "up, down: a gradient of exactly 0 at all 20 steps",
         "cure": 'nn.init.normal_(model.get_parameter("down"))', "accepted": "",
         "lines": ["my net.py:7", "my net.py:8"]},
        {"kind": "tied", "verdict": "costly", "sentence": "4 hidden units of first, effectively 3", "cure": "",
         "accepted": "", "lines": []},
        {"kind": "frozen", "verdict": "to know", "sentence": "last: frozen", "cure": "", "accepted": "it is meant",
         "lines": []},
        {"kind": "late", "verdict": "harmless", "sentence": "head: 0 at the first step", "cure": "", "accepted": "",
         "lines": []},
    ],
    "starts": ["first without any gradient: in 1 of 4 starts"],
    "unknown": ["aten.sort"],
}  # fmt: skip


def write(folder: Path, record: dict[str, Any] = RECORD, name: str = "diagnosis-my_net-build.json") -> Path:
    """Write it beside the results of a run."""
    path = folder / name
    path.write_text(json.dumps(record), encoding="utf-8")
    return path
