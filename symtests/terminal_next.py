"""The command to type next, which stands at the end of a check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from symtests.checking.results.verdict import Verdict
from symtests.implementations.command_name import PREFIX
from symtests.shown_text import shell_line
from symtests.terminal_failures import by_cause

__all__ = ["next_command"]

_LONGER: Final = {"quick": "default", "default": "nightly"}


def next_command(verdicts: Sequence[Verdict], profile: str) -> str:
    """Return the command that leads on, as a shell reads it; empty where there is nothing to do.

    For a violation it shows the smallest counterexample of the first cause again; for a crash it tries the adapter
    alone; for what is undecided it tells the property; where all is well it looks longer.

    Parameters
    ----------
    verdicts
        All of a run.
    profile
        Its profile.
    """
    failed = by_cause(verdicts)
    if failed:
        first = failed[0][0]
        if first.counterexample is not None and first.counterexample.command:
            return first.counterexample.command
        if first.word == "errored":
            return shell_line(["symtests", "smoke", *_named(first.implementation)])
        return shell_line(["symtests", "show", first.property])
    names = [word for name in dict.fromkeys(verdict.implementation for verdict in verdicts) for word in _named(name)]
    if profile not in _LONGER or not names:
        return ""
    return shell_line(["symtests", "check", *names, "--profile", _LONGER[profile]])


def _named(implementation: str) -> list[str]:
    """Return the words by which a command line names an implementation."""
    if implementation.startswith(PREFIX):
        return ["--command", implementation[len(PREFIX) :]]
    return [implementation]
