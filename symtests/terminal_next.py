"""The command to type next, which stands at the end of a check."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Final

from symtests.checking.results.verdict import Verdict
from symtests.shown_text import shell_line
from symtests.terminal_failures import by_cause

__all__ = ["next_command"]

_FLAGS: Final = ("--no-diagnosis", "--resume", "--json")
_LONGER: Final = {"quick": "default", "default": "nightly"}


def next_command(verdicts: Sequence[Verdict], command: str, profile: str) -> str:
    """Return the command that leads on, as a shell reads it; empty where there is nothing to do.

    For a violation it shows the smallest counterexample of the first cause again; for a crash it tries the adapters
    alone; for what is undecided it tells the property; where all is well it looks longer.

    Parameters
    ----------
    verdicts
        All of a run.
    command, profile
        The command of the run, and its profile.
    """
    failed = by_cause(verdicts)
    named = _named(command)
    if failed:
        first = failed[0][0]
        if first.counterexample is not None and first.counterexample.command:
            return first.counterexample.command
        if first.word == "errored" and named:
            return shell_line(["symtests", "smoke", *named])
        return shell_line(["symtests", "show", first.property])
    if profile not in _LONGER or not verdicts:
        return ""
    return shell_line(["symtests", "check", *named, "--profile", _LONGER[profile]])


def _named(command: str) -> list[str]:
    """Return the words of a `symtests check` that name implementations, as they were typed."""
    try:
        words = shlex.split(command)
    except ValueError:  # the command of a run from elsewhere
        return []
    if words[:2] != ["symtests", "check"]:
        return []
    found: list[str] = []
    rest = iter(words[2:])
    for word in rest:
        if word == "--command":
            found += [word, next(rest, "")]
        elif word.startswith("--command=") or not word.startswith("-"):
            found.append(word)
        elif "=" not in word and word not in _FLAGS:
            next(rest, None)
    return found
