"""The quick set: what `pytest` runs where neither tests nor markers are named."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest

__all__ = ["MARKER", "is_asked_for", "mark"]

MARKER: Final = "quick"
_TESTS: Final = Path(__file__).parent
_LEFT_OUT: Final = ("attacks", "benchmarks/speed", "checking/cluster", "doctor", "evidence", "peers", "torch")
"""Folders of which none is run: they need something more, or have an environment of their own."""
_LONG: Final = Path(__file__).with_name("long_tests.txt")
"""Tests that take seconds, a line each: path and name, as `pytest --durations` shows them."""


def is_asked_for(config: pytest.Config) -> bool:
    """Tell whether nothing on the command line chooses among the tests."""
    options = config.getini("addopts")
    usual = options[options.index("-m") + 1]
    chosen = config.option.keyword or config.option.deselect or config.option.markexpr != usual
    return config.args_source is not pytest.Config.ArgsSource.ARGS and not chosen


def mark(items: Iterable[pytest.Item]) -> None:
    """Mark of each test its first example, but for tests that take long."""
    seen = set(_LONG.read_text(encoding="utf-8").split())
    for item in items:
        if not item.path.is_relative_to(_TESTS) or "browser" in item.keywords:
            continue
        place = item.path.relative_to(_TESTS).as_posix()
        name = f"{place}::{getattr(item, 'originalname', item.name)}"
        if name not in seen and not place.startswith(_LEFT_OUT):
            seen.add(name)
            item.add_marker(MARKER)
