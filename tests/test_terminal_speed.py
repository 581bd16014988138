"""Tests of how a comparison of speed is shown."""

from __future__ import annotations

from rich.console import Console

from symtests.benchmarks.speed.evidence import Estimate, Verdict
from symtests.terminal_speed import speed_markdown, speed_table, summary


def estimate(change: float) -> Estimate:
    return Estimate(change, change - 0.001, change + 0.001, 0.004, 1e-6, 0.0, False, change, 4)


VERDICTS = [
    Verdict("suite.py::test_same", "same", estimate(0.0), 1e-3),
    Verdict("suite.py::test_slow", "slower", estimate(0.02), 2.5e-6, confirmed=True),
    Verdict("suite.py::test_slower", "slower", estimate(0.03), 1.0, confirmed=True),
    Verdict("suite.py::test_wrong", "refused", why="its output differs by <b>1</b> | 2"),
    Verdict("suite.py::test_not", "left out", why="base: not\ntoday"),
]


def shown() -> list[str]:
    console = Console(width=100, record=True, force_terminal=False)
    with console.capture() as captured:
        console.print(speed_table(VERDICTS))
    return [line.rstrip() for line in captured.get().splitlines()]


def test_the_table_is_worst_first_with_reasons_below() -> None:
    lines = shown()
    assert lines[0].startswith("suite.py ")
    assert [line.split()[0] for line in lines[1:6]] == [
        "test_wrong",
        "test_slower",
        "test_slow",
        "test_not",
        "test_same",
    ]
    assert "+3.00 %" in lines[2]
    assert "+2.90 to +3.10 %" in lines[2]
    assert "2.5 µs" in lines[3]
    assert lines[-1] == "5 benchmarks: 1 refused, 2 slower, 1 left out, 1 same"
    assert any("base: not" in line for line in lines[6:])


def test_markdown_lets_no_markup_through() -> None:
    text = speed_markdown(VERDICTS, "a<b to `c`")
    assert "<b>" not in text
    assert text.count("\n| ") == 6
    for line in text.splitlines():
        if line.startswith("|"):
            assert line.replace("\\|", "").count("|") == 7, line


def test_nothing_is_said_to_be_nothing() -> None:
    assert summary([]) == "no benchmark"
