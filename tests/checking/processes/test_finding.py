"""Tests of how names and objects become implementations under check."""

from __future__ import annotations

import shlex
import sys
import time

import pytest

from symtests.checking.processes.finding import assignments_of
from symtests.validation import InvalidValue


def _command(code: str) -> str:
    return shlex.join([sys.executable, "-c", code])


def test_a_command_that_does_not_say_what_it_is_has_the_time_that_is_given() -> None:
    start = time.monotonic()
    with pytest.raises(InvalidValue, match=r"it had not answered after 1 s"):
        assignments_of("command:" + _command("import time; time.sleep(1000)"), 1.0)
    assert time.monotonic() - start < 50  # far from the sleep, and from the 60 s that stand where none is given


def test_none_is_refused() -> None:
    with pytest.raises(InvalidValue, match="must name at least one"):
        assignments_of([])


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidValue, match="two are called 'numpy'"):
        assignments_of(["numpy", "numpy"])
