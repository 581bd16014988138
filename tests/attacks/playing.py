"""The command line of a program that carries out a plan (`tests.attacks.targets.player`)."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

PLAYER = Path(__file__).parent / "targets" / "player.py"


def command(folder: Path, plan: object) -> str:
    """Return the command that carries out a plan."""
    path = folder / "plan.json"
    path.write_text(json.dumps(plan), encoding="utf-8")
    return shlex.join([sys.executable, "-I", "-S", str(PLAYER), str(path)])
