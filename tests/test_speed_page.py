"""The page on speed shows the record of self-checks beside it, and the record holds what the page promises."""

from __future__ import annotations

import importlib.util

from symtests.benchmarks.speed.self_check import Record, counts
from tests.command_line import EXAMPLES

DOCS = EXAMPLES.parent / "docs"
_specification = importlib.util.spec_from_file_location("speed_record", DOCS / "speed_record.py")
assert _specification is not None
assert _specification.loader is not None
speed_record = importlib.util.module_from_spec(_specification)
_specification.loader.exec_module(speed_record)


def test_the_page_shows_the_record() -> None:
    page = (DOCS / "speed.md").read_text(encoding="utf-8")
    assert speed_record.filled(page) == page, "write it again: python docs/speed_record.py"


def test_identical_code_is_never_called_slower_in_the_record() -> None:
    found = counts(Record.read(DOCS / "speed_self_check.json"))
    for (_, change, _), outcomes in found.items():
        if change == 0:
            assert outcomes["slower"] == 0
            assert outcomes["undecided"] <= 0.05 * outcomes.total()
