"""Writes into docs/speed.md what docs/speed_self_check.json holds.

    python docs/speed_record.py

`symtests speed --self-check --record docs/speed_self_check.json` adds to the record.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from symtests.benchmarks.speed.power import power_table
from symtests.benchmarks.speed.self_check import Record

HERE: Final = Path(__file__).resolve().parent
RECORD, PAGE = HERE / "speed_self_check.json", HERE / "speed.md"
_BLOCK: Final = re.compile(r"(<!-- record: speed_self_check.json -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(text: str) -> str:
    """Return the page with the table of the record."""
    return _BLOCK.sub(lambda found: f"{found[1]}\n{power_table(Record.read(RECORD))}\n\n{found[2]}", text)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
