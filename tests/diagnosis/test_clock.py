"""The budget of a diagnosis: work counts, whatever the pace of the machine."""

from __future__ import annotations

import pytest

from symtests.diagnosis import clock
from symtests.diagnosis.clock import Clock


class Processor:
    """A clock of computing that stands still unless it is told."""

    def __init__(self) -> None:
        self.now = 0.0

    def thread_time(self) -> float:
        return self.now


@pytest.mark.parametrize(("slower", "budget"), [(0.25, 2.0), (1.0, 2.0), (3.0, 6.0), (100.0, 16.0)])
def test_a_slower_machine_has_a_longer_budget(monkeypatch: pytest.MonkeyPatch, slower: float, budget: float) -> None:
    processor = Processor()
    monkeypatch.setattr(clock, "time", processor)
    monkeypatch.setattr(clock, "_pace", lambda: slower * clock._USUAL)
    thinking = Clock(2.0)
    processor.now = 0.99 * budget
    assert not thinking.is_over
    processor.now = 1.01 * budget
    assert thinking.is_over


def test_the_pace_is_measured() -> None:
    assert 0.05 * clock._USUAL < clock._pace() < 1000 * clock._USUAL
