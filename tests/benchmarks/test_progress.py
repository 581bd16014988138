"""Each thing is named before it is measured, wherever that is shown."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from symtests.benchmarks import progress
from symtests.benchmarks.progress import with_progress


@pytest.mark.parametrize("terminal", [False, True])
def test_every_thing_is_named_and_given_in_order(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_LINES", 0.0)
    file = io.StringIO()
    console = Console(file=file, force_terminal=terminal, width=120)
    given = []
    for thing, tell in with_progress([("first [a]", 1), ("second", 2)], console):
        tell(0.25)
        given.append(thing)
    assert given == [1, 2]
    written = file.getvalue()
    if terminal:
        assert "second" in written
        assert "100%" in written
    else:
        lines = ["comparing first [a]", "first [a]: 25% done", "comparing second", "second: 25% done"]
        assert written.splitlines() == lines


def test_lines_come_seldom() -> None:
    file = io.StringIO()
    for _, tell in with_progress([("long", None)], Console(file=file)):
        tell(0.5)
    assert file.getvalue() == "comparing long\n"
