"""The processor time of a command counts what it starts, and what outlives it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parent.parent / "docs" / "processor_time.py"
BUSY = "import time\nwhile time.process_time() < 0.3: pass"
ORPHAN = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {BUSY!r}]); sys.exit(3)"


def test_an_orphan_is_counted() -> None:
    words = [sys.executable, str(SCRIPT), sys.executable, "-c", ORPHAN]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    found = re.fullmatch(r"([\d.]+) s of processor time\n", done.stderr)
    assert found is not None
    assert 0.3 <= float(found[1]) < 30
