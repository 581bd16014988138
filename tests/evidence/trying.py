"""One run of the record of false alarms, in any process that can import this module."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symtests.checking.one_check.judge_check import judge_check
from symtests.checking.profile import Profile
from symtests.checking.results.verdict import Verdict
from symtests.implementations.checked import Checked
from symtests.properties import find
from tests.evidence.correct import CORRECT
from tests.evidence.record import Check

__all__ = ["Task", "try_check", "try_some"]

Task = tuple[Check, int]
"""One run: what is tried, and its seed."""


def try_check(check: Check, seed: int, profile: Profile) -> Verdict:
    """Make one run; what a property looks at besides its verdict is left out."""
    implementation = Checked(CORRECT[check.implementation](), check.dtype, check.implementation)
    return judge_check(implementation, replace(find(check.property), observe=None), profile, seed=seed)


def try_some(tasks: Sequence[Task], profile: Profile) -> list[tuple[Check, Verdict]]:
    """Make some runs."""
    return [(check, try_check(check, seed, profile)) for check, seed in tasks]
